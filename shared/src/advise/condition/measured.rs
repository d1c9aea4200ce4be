//! The figures behind a condition, each with its n, interval and source.

use serde::{Deserialize, Serialize};

use super::losses::{against, loss};
use super::ruler::{lost_at_short, low_categories};
use super::{ConditionContext, ConditionFigures};
use crate::advise::benchmarks::{HARD, MULTI_DOCUMENT, NEEDLES};
use crate::advise::evidence::{LongBenchFigure, LongBenchMode, PercentFigure, RulerFigure};
use crate::longbench::LengthClass;
use crate::numbers::{count, tenths};
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
    /// On which side of the limit (what good models reach there) it lies: `below 85.6`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub limit: String,
    /// Whether its number of samples is assumed to be all that the benchmark has.
    #[serde(default)]
    pub assumed: bool,
    /// Samples behind it; `None` if the source does not say.
    pub n: Option<u32>,
    /// Lower end of the 95% interval, percent: as given, else Wilson's for `n`; `None` if the
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
            Some(n) if self.assumed => {
                write!(f, "n = {} assumed, all there are; ", count(n.into()))?;
            }
            Some(n) => write!(f, "n = {}; ", count(n.into()))?,
            None => write!(f, "n not given; ")?,
        }
        write!(f, "{})", self.source)
    }
}

impl ConditionFigures {
    /// The figures of the evidence, each with n, interval and source.
    pub(in crate::advise) fn measured(self, at: &ConditionContext<'_>) -> Vec<MeasuredValue> {
        use RulerCategory::{Aggregation, MultiHop, SingleNeedle};
        let target = at.facts.at_target.as_ref().map(|one| one.length);
        let inside = at.facts.inside().map(|one| one.length);
        let before = &at.evidence.before;
        let with = |mode| {
            let other = longbench(at, mode, None, None);
            used(at).into_iter().chain(other).collect()
        };
        match self {
            Self::Nothing | Self::Windows | Self::Budget => Vec::new(),
            Self::Mean | Self::AllCategories | Self::Losses => {
                ruler(at, target, &RulerCategory::ALL, true)
            }
            Self::Inside => ruler(at, inside, &RulerCategory::ALL, true),
            Self::Needles | Self::NeedlesByLength => {
                let needles = ruler(at, target, &NEEDLES, false);
                match needles.is_empty() {
                    true => ruler(at, target, &[], true),
                    false => needles,
                }
            }
            Self::SingleNeedle => ruler(at, target, &[SingleNeedle], false),
            Self::NeedleAndHop => ruler(at, target, &[SingleNeedle, MultiHop], false),
            Self::MultiHop => ruler(at, target, &[MultiHop], false),
            Self::Aggregation => ruler(at, target, &[Aggregation], false),
            Self::Hard | Self::HardAndChain => ruler(at, target, &HARD, false),
            Self::HardBefore => {
                let mut all = ruler(at, target, &HARD, false);
                all.extend(single("RULER's harder tasks before", before.hard));
                all
            }
            Self::RetrievalBefore => {
                let categories = [SingleNeedle, MultiHop, Aggregation];
                let mut all = ruler(at, target, &categories, false);
                all.extend(single("RULER's single needle before", before.retrieval));
                all.extend(single("RULER's harder tasks before", before.hard));
                all
            }
            Self::Cliff | Self::Curve => {
                let lengths = at.facts.ruler.iter().map(|one| Some(one.length));
                lengths
                    .flat_map(|length| ruler(at, length, &RulerCategory::ALL, true))
                    .collect()
            }
            Self::LostAtShort => {
                let shortest = at.facts.shortest().map(|one| one.length);
                ruler(at, shortest, &lost_at_short(at).unwrap_or_default(), false)
            }
            Self::LowAlike => {
                let lengths = [at.facts.shorter().map(|one| one.length), target];
                let low = at.facts.at_target.as_ref();
                let low = low.map_or_else(Vec::new, |one| low_categories(one, at.thresholds));
                let figures = lengths.map(|length| ruler(at, length, &low, true));
                figures.into_iter().flatten().collect()
            }
            Self::Shortest => {
                let shortest = at.facts.shortest().map(|one| one.length);
                ruler(at, shortest, &RulerCategory::ALL, true)
            }
            Self::FixGains | Self::Fixes => fixes(at, target),
            Self::Depths => {
                let source = source(at, "RULER:");
                let depths = at.evidence.by_depth.iter();
                let depths =
                    depths.map(|one| MeasuredValue::new(one.what(), one.figure(), source.clone()));
                depths.collect()
            }
            Self::People => own(at).unwrap_or_else(|| used_and_people(at, None)),
            Self::PeopleAndThinking => {
                own(at).unwrap_or_else(|| used_and_people(at, Some(LongBenchMode::Cot)))
            }
            Self::UsedOrOwn if at.facts.as_used.is_none() => {
                own(at).unwrap_or_else(|| used_and_people(at, None))
            }
            Self::UsedOrOwn | Self::UsedAndPeople => used_and_people(at, None),
            Self::Used => used(at),
            Self::UsedBefore => {
                let mut all = used(at);
                all.extend(single("LongBench v2 before", before.longbench));
                all
            }
            Self::Direct => longbench(at, LongBenchMode::Direct, None, None),
            Self::MultiDocument => {
                let own = longbench(at, LongBenchMode::Direct, Some(MULTI_DOCUMENT), None);
                match own.is_empty() {
                    true => longbench(at, LongBenchMode::Direct, None, None),
                    false => own,
                }
            }
            Self::LongTexts => longbench(at, LongBenchMode::Direct, None, Some(LengthClass::Long)),
            Self::Thinking | Self::PeopleOrThinking => {
                let mut all = longbench(at, LongBenchMode::Direct, None, None);
                all.extend(longbench(at, LongBenchMode::Cot, None, None));
                all
            }
            Self::NoContext => with(LongBenchMode::NoContext),
            Self::TailOnly => with(LongBenchMode::TailOnly),
            Self::Rag => with(LongBenchMode::Rag),
            Self::RagAndPeople => used_and_people(at, Some(LongBenchMode::Rag)),
            Self::ShortTexts => {
                let was = single("short texts before", before.short_context);
                let is = single("short texts now", at.evidence.short_context);
                was.into_iter().chain(is).collect()
            }
        }
    }
}

/// The user's own hold-outs, and people on the same questions.
fn own(at: &ConditionContext<'_>) -> Option<Vec<MeasuredValue>> {
    let (own, people) = at.evidence.own_and_people()?;
    let own = single("own hold-outs", Some(own));
    let people = single("people on the same questions", Some(people));
    Some(own.into_iter().chain(people).collect())
}

/// Answers as the model is used, and in another mode too, beside people's.
fn used_and_people(at: &ConditionContext<'_>, also: Option<LongBenchMode>) -> Vec<MeasuredValue> {
    let mut all = used(at);
    if let Some(mode) = also {
        all.extend(longbench(at, mode, None, None));
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

/// The position fixes that were tried, and the same figures without them.
fn fixes(at: &ConditionContext<'_>, target: Option<Tokens>) -> Vec<MeasuredValue> {
    let source = source(at, BY_CATEGORY);
    let fixes = at.evidence.position_fix.iter();
    let fixes = fixes.map(|one| MeasuredValue::new(one.what(), one.figure(), source.clone()));
    let tried = |category| {
        let mut fixes = at.evidence.position_fix.iter();
        fixes.any(|fix| fix.category == category)
    };
    let known = RulerCategory::ALL.into_iter();
    let categories: Vec<_> = known.filter(|one| tried(Some(*one))).collect();
    let today = ruler(at, target, &categories, tried(None));
    fixes.chain(today).collect()
}

/// The means of some categories at a length, and of all tasks with `mean`.
fn ruler(
    at: &ConditionContext<'_>,
    length: Option<Tokens>,
    categories: &[RulerCategory],
    mean: bool,
) -> Vec<MeasuredValue> {
    // For what is lost with length, also the figure at the shortest length.
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

/// As the model would be used today.
fn used(at: &ConditionContext<'_>) -> Vec<MeasuredValue> {
    let direct = longbench(at, LongBenchMode::Direct, None, None);
    match direct.is_empty() {
        true => longbench(at, LongBenchMode::Cot, None, None),
        false => direct,
    }
}

/// A figure that can only have been typed in by a user.
fn single(what: &str, figure: Option<PercentFigure>) -> Option<MeasuredValue> {
    let one = figure?;
    Some(MeasuredValue::new(what.to_owned(), one, TYPED.to_owned()))
}

/// How the source of published figures by category begins.
const BY_CATEGORY: &str = "RULER by category";
const TYPED: &str = "typed in";
const PEOPLE: &str = "LongBench v2, arXiv 2412.15204";

/// The sources that may have supplied a benchmark's figures: its published lines, and runs.
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
