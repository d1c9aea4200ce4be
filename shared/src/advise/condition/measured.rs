//! The figures behind a condition, each with its n, interval and source.

use serde::{Deserialize, Serialize};

use super::figures::against;
use super::losses::loss;
use super::{Condition, ConditionContext};
use crate::advise::evidence::{LongBenchFigure, LongBenchMode, PercentFigure, RulerFigure};
use crate::advise::facts::MULTI_DOCUMENT;
use crate::longbench::LengthClass;
use crate::numbers::tenths;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// A figure of the evidence that a rule looked at.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasuredValue {
    /// What was measured.
    pub what: String,
    /// Percent, to three decimals.
    pub value: f64,
    /// Which side of the limit it lies on that good models reach there: `below 85.6`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub limit: String,
    /// Whether its number of samples is assumed: all that the benchmark has.
    #[serde(default)]
    pub assumed: bool,
    /// Samples behind it; nothing where the source does not say.
    pub n: Option<u32>,
    /// Lower end of the 95% interval, percent: as told, else Wilson's for `n`; nothing where the
    /// source has neither.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Where it came from.
    pub source: String,
}

impl MeasuredValue {
    fn new(what: String, figure: PercentFigure, source: String) -> Self {
        let round = |one: f64| libm::round(one * 1_000.0) / 1_000.0;
        let ends = figure.ends();
        Self {
            what,
            value: round(figure.value),
            limit: String::new(),
            assumed: false,
            n: figure.n,
            low: ends.map(|ends| round(ends.0)),
            high: ends.map(|ends| round(ends.1)),
            source,
        }
    }
}

impl std::fmt::Display for MeasuredValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let limit = match self.limit.as_str() {
            "" => String::new(),
            limit => format!(", {limit}"),
        };
        write!(f, "{}: {:.1}{limit} (", self.what, self.value)?;
        match (self.low, self.high) {
            (Some(low), Some(high)) => write!(f, "95% interval {}, ", tenths(low, high))?,
            _ => write!(f, "no interval given, ")?,
        }
        match self.n {
            Some(n) if self.assumed => write!(f, "n = {n} assumed, all there are; ")?,
            Some(n) => write!(f, "n = {n}; ")?,
            None => write!(f, "n not given; ")?,
        }
        write!(f, "{})", self.source)
    }
}

impl Condition {
    /// The figures of the evidence that it looked at.
    pub(in crate::advise) fn measured(self, at: &ConditionContext<'_>) -> Vec<MeasuredValue> {
        use RulerCategory::{Aggregation, MultiHop, MultiNeedle, SingleNeedle};
        let target = at.facts.at_target.as_ref().map(|one| one.length);
        let inside = at.facts.inside().map(|one| one.length);
        let before = &at.evidence.before;
        match self {
            Self::RulerHolds | Self::RulerFails => ruler(at, target, &RulerCategory::ALL, true),
            Self::InsideHolds
            | Self::InsideFails
            | Self::InsideDoubtful
            | Self::DropsPastWindow => ruler(at, inside, &RulerCategory::ALL, true),
            Self::RetrievalHolds | Self::RetrievalFails | Self::NeedlesLostWithLength => {
                let needles = ruler(at, target, &[SingleNeedle, MultiNeedle], false);
                match needles.is_empty() {
                    true => ruler(at, target, &[], true),
                    false => needles,
                }
            }
            Self::NeedleDisagrees => ruler(at, target, &RulerCategory::ALL, true),
            Self::NeedleStrong | Self::NeedleOnly => ruler(at, target, &[SingleNeedle], false),
            Self::NeedleAtLeastMultiHop => ruler(at, target, &[SingleNeedle, MultiHop], false),
            Self::MultiHopFails => ruler(at, target, &[MultiHop], false),
            Self::AggregationFails => ruler(at, target, &[Aggregation], false),
            Self::HardFails | Self::HardHolds => ruler(at, target, &[MultiHop, Aggregation], false),
            Self::HardFlat => {
                let mut all = ruler(at, target, &[MultiHop, Aggregation], false);
                all.extend(single("RULER's harder tasks before", before.hard));
                all
            }
            Self::WindowGainOnly => {
                let categories = [SingleNeedle, MultiHop, Aggregation];
                let mut all = ruler(at, target, &categories, false);
                all.extend(single("RULER's single needle before", before.retrieval));
                all.extend(single("RULER's harder tasks before", before.hard));
                all
            }
            Self::Degrades
            | Self::DegradesUnacceptably
            | Self::NothingDegrades
            | Self::LostWithLength
            | Self::WindowEndsEarly
            | Self::RulerFlat
            | Self::GradualLoss
            | Self::DegradesAtModerate
            | Self::BroadDegradation
            | Self::RetrievalAndHardFail
            | Self::ShortWorseThanLong
            | Self::ShortBroken => {
                let lengths = at.facts.ruler.iter().map(|one| Some(one.length));
                lengths
                    .flat_map(|length| ruler(at, length, &RulerCategory::ALL, true))
                    .collect()
            }
            Self::BelowHuman
            | Self::HumanMet
            | Self::HumanMetOrThinking
            | Self::OwnFallsShort
            | Self::AboutPeople
            | Self::AboutPeopleThinking
            | Self::HoldoutsHold
            | Self::NearHuman
            | Self::ComprehensionShort => {
                let void = self == Self::ComprehensionShort && at.facts.as_used.is_none();
                let asked = void || !matches!(self, Self::NearHuman | Self::ComprehensionShort);
                let own = at.evidence.own_and_people();
                if let Some((own, people)) = own.filter(|_| asked) {
                    let own = single("own hold-outs", Some(own));
                    let people = single("people on the same questions", Some(people));
                    return own.into_iter().chain(people).collect();
                }
                let mut all = used(at);
                if self == Self::HumanMetOrThinking {
                    all.extend(longbench(at, LongBenchMode::Cot, None, None));
                }
                let people = PercentFigure::new(at.thresholds.human, at.thresholds.human_n);
                let told = at.evidence.human;
                all.push(match told.filter(|_| at.evidence.production.is_none()) {
                    Some(own) => MeasuredValue::new("people".to_owned(), own, TYPED.to_owned()),
                    None => MeasuredValue::new(
                        "people, 15 minutes a question".to_owned(),
                        people,
                        PEOPLE.to_owned(),
                    ),
                });
                all
            }
            Self::ComprehensionFlat => {
                let mut all = used(at);
                all.extend(single("LongBench v2 before", before.longbench));
                all
            }
            Self::ComprehensionLow
            | Self::ComprehensionFarBelow
            | Self::NearChance
            | Self::BelowChance => used(at),
            Self::DirectStalls => longbench(at, LongBenchMode::Direct, None, None),
            Self::MultiDocLow => {
                let own = longbench(at, LongBenchMode::Direct, Some(MULTI_DOCUMENT), None);
                match own.is_empty() {
                    true => longbench(at, LongBenchMode::Direct, None, None),
                    false => own,
                }
            }
            Self::LongLow | Self::LongHolds => {
                longbench(at, LongBenchMode::Direct, None, Some(LengthClass::Long))
            }
            Self::BelowHumanEvenThinking
            | Self::CotRecovers
            | Self::CotFails
            | Self::ThinkingGap
            | Self::ThinkingFlat
            | Self::ThinkingCosts
            | Self::CotAboveHuman
            | Self::CotBelowHuman => {
                let mut all = longbench(at, LongBenchMode::Direct, None, None);
                all.extend(longbench(at, LongBenchMode::Cot, None, None));
                all
            }
            Self::NoContextEqualsFull | Self::TextHurts => {
                let mut all = used(at);
                all.extend(longbench(at, LongBenchMode::NoContext, None, None));
                all
            }
            Self::TailEqualsFull => {
                let mut all = used(at);
                all.extend(longbench(at, LongBenchMode::TailOnly, None, None));
                all
            }
            Self::RagAtLeastFull | Self::RagBelowFull => {
                let mut all = used(at);
                all.extend(longbench(at, LongBenchMode::Rag, None, None));
                all
            }
            Self::TaskLostAtShort => {
                let shortest = at.facts.shortest().map(|one| one.length);
                let lost = super::lost_at_short(at).unwrap_or_default();
                ruler(at, shortest, &lost, false)
            }
            Self::FixHelps | Self::FixFails | Self::ScalingFails => {
                let fixes = at.evidence.position_fix.iter();
                let source = source(at, BY_CATEGORY);
                let fixes =
                    fixes.map(|one| MeasuredValue::new(one.what(), one.figure(), source.clone()));
                let tried = |category| {
                    let mut fixes = at.evidence.position_fix.iter();
                    fixes.any(|fix| fix.category == category)
                };
                let known = RulerCategory::ALL.into_iter();
                let categories: Vec<_> = known.filter(|one| tried(Some(*one))).collect();
                let today = ruler(at, target, &categories, tried(None));
                fixes.chain(today).collect()
            }
            Self::DepthDependent => {
                let source = source(at, "RULER:");
                let depths = at.evidence.by_depth.iter();
                let depths =
                    depths.map(|one| MeasuredValue::new(one.what(), one.figure(), source.clone()));
                depths.collect()
            }
            Self::ShortRegressed => {
                let was = single("short texts before", before.short_context);
                let is = single("short texts now", at.evidence.short_context);
                was.into_iter().chain(is).collect()
            }
            Self::AlwaysThinks
            | Self::Lookup
            | Self::Synthesis
            | Self::LegalScientific
            | Self::DomainShifted
            | Self::SafetyCritical
            | Self::HighStakes
            | Self::DepthLow
            | Self::DepthMedium
            | Self::DepthHigh
            | Self::MissesAcceptable
            | Self::BelowHumanUnacceptable
            | Self::Target32kTo128k
            | Self::Target64kTo256k
            | Self::Target128kUp
            | Self::WindowShort
            | Self::WindowCovers
            | Self::FixUntried
            | Self::RulerMeasured
            | Self::ExtendedBefore
            | Self::ContinuedBefore
            | Self::NoCorpus
            | Self::DomainCorpus
            | Self::NoDomainCorpus
            | Self::GeneralCorpusForDomain
            | Self::BudgetSmall => Vec::new(),
        }
    }
}

/// The means of the categories at a length, and of all tasks where asked for.
fn ruler(
    at: &ConditionContext<'_>,
    length: Option<Tokens>,
    categories: &[RulerCategory],
    mean: bool,
) -> Vec<MeasuredValue> {
    // Of what is lost with length, the shortest length too.
    let first = at.facts.shortest().map(|one| one.length);
    let lost = |one: &RulerFigure| {
        let there = at.facts.at_target.map(|target| target.length);
        length == there && Some(one.length) == first && loss(at, one.category).is_some()
    };
    let wanted = |one: &&RulerFigure| {
        let part = one.category.map_or(mean, |one| categories.contains(&one));
        part && (Some(one.length) == length || lost(one))
    };
    let found = at.evidence.ruler.iter().filter(wanted);
    let by_category = at.evidence.sources.iter();
    let by_category = by_category
        .filter(|one| one.starts_with(BY_CATEGORY))
        .count()
        > 0;
    let source = |one: &RulerFigure| match one.category.is_some() && by_category {
        true => source(at, BY_CATEGORY),
        false => source(at, "RULER:"),
    };
    let limits = at.thresholds;
    found
        .map(|one| {
            let good = one
                .category
                .map_or(limits.acceptable, |category| limits.good(category));
            MeasuredValue {
                limit: against(one.value, good),
                ..MeasuredValue::new(one.what(), one.figure(), source(one))
            }
        })
        .collect()
}

fn longbench(
    at: &ConditionContext<'_>,
    reading: LongBenchMode,
    domain: Option<&str>,
    length: Option<LengthClass>,
) -> Vec<MeasuredValue> {
    let wanted = |one: &&LongBenchFigure| {
        one.reading == reading && one.domain.as_deref() == domain && one.length == length
    };
    let found = at.evidence.longbench.iter().find(wanted);
    found
        .map(|one| MeasuredValue {
            assumed: one.share().ends().is_none(),
            ..MeasuredValue::new(one.what(), one.figure(), source(at, "LongBench"))
        })
        .into_iter()
        .collect()
}

/// As it would be used today.
fn used(at: &ConditionContext<'_>) -> Vec<MeasuredValue> {
    let direct = longbench(at, LongBenchMode::Direct, None, None);
    match direct.is_empty() {
        true => longbench(at, LongBenchMode::Cot, None, None),
        false => direct,
    }
}

/// A figure that only a user can have typed in.
fn single(what: &str, figure: Option<PercentFigure>) -> Option<MeasuredValue> {
    let one = figure?;
    Some(MeasuredValue::new(what.to_owned(), one, TYPED.to_owned()))
}

/// How the source of published figures by category begins.
const BY_CATEGORY: &str = "RULER by category";
const TYPED: &str = "typed in";
const PEOPLE: &str = "LongBench v2, arXiv 2412.15204";

/// The sources that may have told figures of a benchmark: published lines of it, and runs.
fn source(at: &ConditionContext<'_>, benchmark: &str) -> String {
    let tells = |one: &&String| one.starts_with(benchmark) || one.starts_with("measured:");
    let of_it: Vec<&str> = at
        .evidence
        .sources
        .iter()
        .filter(tells)
        .map(String::as_str)
        .collect();
    match of_it.is_empty() {
        true => TYPED.to_owned(),
        false => of_it.join(", or "),
    }
}
