//! Whether a condition holds.

use super::{Condition, Context};
use crate::advise::evidence::{Adaptation, Corpus, Depth, Figure, Tolerance, Workload};
use crate::advise::facts::At;
use crate::results::Category;
use crate::tokens::Tokens;

impl Condition {
    /// Whether it holds; nothing where the evidence does not say.
    pub(in crate::advise) fn holds(self, at: &Context<'_>) -> Option<bool> {
        let workload = |wanted| at.evidence.workload.map(|one| one == wanted);
        let depth = |wanted| at.facts.depth.map(|one| one == wanted);
        match self {
            Self::Lookup => workload(Workload::DocumentLookup),
            Self::Synthesis => workload(Workload::MultiDocumentSynthesis),
            Self::LegalScientific => workload(Workload::LegalScientific),
            Self::DomainShifted => workload(Workload::DomainShifted),
            Self::SafetyCritical => workload(Workload::SafetyCritical),
            Self::HighStakes => at.evidence.workload.map(|one| one.depth() == Depth::High),
            Self::DepthLow => depth(Depth::Low),
            Self::DepthMedium => depth(Depth::Medium),
            Self::DepthHigh => depth(Depth::High),
            Self::MissesAcceptable => at
                .evidence
                .tolerance
                .map(|one| one == Tolerance::SomeMisses),
            Self::BelowHumanUnacceptable => intolerant(at),
            Self::Target32kTo128k => target(at, 30_000, 140_000),
            Self::Target64kTo256k => target(at, 60_000, 280_000),
            Self::Target128kUp => target(at, 120_000, u32::MAX),
            Self::WindowShort => covers(at).map(|covers| !covers),
            Self::WindowCovers => covers(at),
            Self::ExtendedBefore => adapted(at, Adaptation::Extended),
            Self::ContinuedBefore => adapted(at, Adaptation::Continued),
            Self::NoCorpus => at.evidence.corpus.map(|one| one == Corpus::None),
            Self::DomainCorpus => at.evidence.corpus.map(|one| one == Corpus::Domain),
            Self::NoDomainCorpus => at.evidence.corpus.map(|one| one != Corpus::Domain),
            Self::BudgetSmall => {
                let hours = at.evidence.budget_gpu_hours;
                hours.map(|hours| hours < at.thresholds.continue_hours)
            }
            Self::WindowGainOnly
            | Self::HardFlat
            | Self::ComprehensionFlat
            | Self::ShortRegressed => self.after_adaptation(at),
            Self::BelowHuman
            | Self::HumanMet
            | Self::NearHuman
            | Self::ComprehensionShort
            | Self::ComprehensionLow
            | Self::ComprehensionFarBelow
            | Self::DirectStalls
            | Self::MultiDocLow
            | Self::LongLow
            | Self::LongHolds
            | Self::NearChance
            | Self::CotRecovers
            | Self::CotFails
            | Self::ThinkingGap
            | Self::CotAboveHuman
            | Self::CotBelowHuman
            | Self::NoContextEqualsFull
            | Self::TailEqualsFull => self.of_longbench(at),
            _ => self.of_ruler(at),
        }
    }

    fn of_ruler(self, at: &Context<'_>) -> Option<bool> {
        let (facts, limit) = (&at.facts, at.thresholds.acceptable);
        let target = facts.at_target.as_ref();
        let below = |value: Option<f64>| value.map(|value| value < limit);
        match self {
            Self::InsideHolds => inside_fails(at).map(|fails| !fails),
            Self::InsideFails => inside_fails(at),
            Self::InsideDoubtful => {
                let inside = facts.inside()?;
                let falls = or(fails_at(inside, limit), inside.hard_fails(limit));
                Some(falls == Some(true) && inside_fails(at).is_none())
            }
            Self::DropsPastWindow => {
                let window = facts.window?;
                let holds = !inside_fails(at)?;
                let mut beyond = facts.ruler.iter().filter(|one| beyond(one.length, window));
                let fails = beyond.any(|one| fails_at(one, limit) == Some(true));
                let measured = facts.ruler.iter().any(|one| beyond_window(one, window));
                measured.then_some(holds && fails)
            }
            Self::RulerHolds => below(target?.overall).map(|below| !below),
            Self::RulerFails => below(target?.overall),
            Self::RetrievalHolds => target?.retrieval_fails(limit).map(|fails| !fails),
            Self::RetrievalFails => target?.retrieval_fails(limit),
            Self::NeedleStrong => {
                let single = target?.of(Category::SingleNeedle)?;
                Some(single >= at.thresholds.needle_strong)
            }
            Self::NeedleAtLeastMultiHop => {
                let target = target?;
                Some(target.of(Category::SingleNeedle)? >= target.of(Category::MultiHop)?)
            }
            Self::MultiHopFails => below(target?.of(Category::MultiHop)),
            Self::AggregationFails => below(target?.of(Category::Aggregation)),
            Self::HardFails => target?.hard_fails(limit),
            Self::HardHolds => target?.hard_fails(limit).map(|fails| !fails),
            Self::Degrades => degrades(at),
            Self::RulerFlat => flat(at),
            Self::DegradesAtModerate => {
                let moderate = |one: &&At| one.length.0 <= at.thresholds.moderate_length;
                known_inside(at)
                    .filter(moderate)
                    .map(|one| below(one.overall))
                    .fold(None, or)
            }
            Self::BroadDegradation => several(at, |one| below(one.overall)),
            Self::RetrievalAndHardFail => several(at, |one| {
                and(one.retrieval_fails(limit), one.hard_fails(limit))
            }),
            Self::ShortBroken => {
                let shortest = facts.shortest()?.overall?;
                Some(shortest < limit - at.thresholds.short_margin)
            }
            Self::NeedleOnly => {
                let single = |one: &At| one.of(Category::SingleNeedle).is_some();
                let more = |one: &At| {
                    one.overall.is_some() || one.categories[1..].iter().any(Option::is_some)
                };
                Some(facts.ruler.iter().any(single) && !facts.ruler.iter().any(more))
            }
            Self::NeedleDisagrees => {
                let target = target?;
                let strong = target.of(Category::SingleNeedle)? >= at.thresholds.needle_strong;
                let others = target.categories[1..].iter().chain([&target.overall]);
                let falls = others.flatten().any(|value| *value < limit);
                match (strong, falls) {
                    (false, _) => Some(false),
                    (true, true) => Some(true),
                    (true, false) => target.overall.map(|_| false),
                }
            }
            _ => None,
        }
    }

    fn of_longbench(self, at: &Context<'_>) -> Option<bool> {
        let (facts, limits) = (&at.facts, at.thresholds);
        let low = limits.comprehension - limits.materially;
        let production = at.evidence.production.map(|one| one.value);
        match self {
            Self::BelowHuman => Some(production.or(facts.as_used)? < facts.human),
            Self::HumanMet => Some(production.or(facts.as_used)? >= facts.human),
            Self::NearHuman => Some(facts.as_used? >= facts.human - limits.near_human),
            Self::ComprehensionShort => {
                let reasons = facts.depth.map(|depth| depth > Depth::Low);
                let near = facts.human - limits.near_human;
                and(reasons, facts.as_used.map(|value| value < near))
            }
            Self::ComprehensionLow => Some(facts.as_used? < low),
            Self::ComprehensionFarBelow => {
                Some(facts.as_used? < limits.best_direct - limits.well_below)
            }
            Self::DirectStalls => Some(facts.direct? <= limits.best_direct),
            Self::MultiDocLow => Some(facts.multi_document? < low),
            Self::LongLow => Some(facts.long? < low),
            Self::LongHolds => Some(facts.long? >= low),
            Self::NearChance => Some(facts.as_used? < limits.chance + limits.near_chance),
            Self::CotRecovers => cot_recovers(at),
            Self::CotFails => cot_recovers(at).map(|recovers| !recovers),
            Self::ThinkingGap => Some(facts.cot? - facts.direct? >= limits.reasoning_gap),
            Self::CotAboveHuman => Some(facts.cot? >= facts.human),
            Self::CotBelowHuman => Some(facts.cot? < facts.human),
            Self::NoContextEqualsFull => Some(facts.no_context? >= facts.as_used? - limits.flat),
            Self::TailEqualsFull => Some(facts.tail? >= facts.as_used? - limits.flat),
            _ => None,
        }
    }

    fn after_adaptation(self, at: &Context<'_>) -> Option<bool> {
        let (before, limits) = (&at.evidence.before, at.thresholds);
        let value = |figure: Option<Figure>| figure.map(|figure| figure.value);
        let target = at.facts.at_target.as_ref();
        let hard = || Some(target?.hard()? - value(before.hard)? < limits.flat);
        match self {
            Self::WindowGainOnly => {
                let now = target?.of(Category::SingleNeedle)?;
                Some(now - value(before.retrieval)? >= limits.drop && hard()?)
            }
            Self::HardFlat => hard(),
            Self::ComprehensionFlat => {
                let now = at.facts.as_used?;
                let low = limits.comprehension - limits.materially;
                let known = value(before.longbench).map(|before| now - before < limits.flat);
                Some(known.unwrap_or(now < low))
            }
            _ => {
                let loss = value(before.short_context)? - value(at.evidence.short_context)?;
                Some(loss >= limits.regression)
            }
        }
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), other) | (other, Some(false)) => other.or(Some(false)),
        (None, None) => None,
    }
}

fn intolerant(at: &Context<'_>) -> Option<bool> {
    let safety = at
        .evidence
        .workload
        .map(|one| one == Workload::SafetyCritical);
    let tolerance = at
        .evidence
        .tolerance
        .map(|one| one != Tolerance::SomeMisses);
    or(safety, tolerance)
}

fn target(at: &Context<'_>, low: u32, high: u32) -> Option<bool> {
    at.facts
        .target
        .map(|target| (low..=high).contains(&target.0))
}

/// 128,000 and 131,072 are one window.
fn beyond(length: Tokens, window: Tokens) -> bool {
    f64::from(length.0) > f64::from(window.0) * 1.1
}

fn beyond_window(one: &At, window: Tokens) -> bool {
    beyond(one.length, window)
}

fn covers(at: &Context<'_>) -> Option<bool> {
    Some(!beyond(at.facts.target?, at.facts.window?))
}

fn adapted(at: &Context<'_>, least: Adaptation) -> Option<bool> {
    at.evidence.adaptation.map(|one| one >= least)
}

/// Whether RULER falls short at a length: its mean, or where only some categories are known, one
/// of these.
fn fails_at(one: &At, limit: f64) -> Option<bool> {
    if let Some(overall) = one.overall {
        return Some(overall < limit);
    }
    match one.categories.iter().flatten().any(|value| *value < limit) {
        true => Some(true),
        false => None,
    }
}

/// For lookup the needles alone count; a mean that holds does for them.
fn inside_fails(at: &Context<'_>) -> Option<bool> {
    let (inside, limit) = (at.facts.inside()?, at.thresholds.acceptable);
    if at.facts.depth == Some(Depth::Low) {
        let whole = || inside.overall.filter(|value| *value >= limit);
        let needles = inside.retrieval_fails(limit);
        return needles.or_else(|| whole().map(|_| false));
    }
    or(fails_at(inside, limit), inside.hard_fails(limit))
}

fn known_inside<'a>(at: &'a Context<'_>) -> impl Iterator<Item = &'a At> {
    let window = at.facts.window;
    let inside = move |one: &&At| window.is_some_and(|window| !beyond(one.length, window));
    at.facts.ruler.iter().filter(inside)
}

/// Whether a thing holds at two lengths or more inside the window.
fn several(at: &Context<'_>, holds: impl Fn(&At) -> Option<bool>) -> Option<bool> {
    let known: Vec<bool> = known_inside(at).filter_map(holds).collect();
    let found = known.iter().filter(|holds| **holds).count();
    (known.len() >= 2 || found > 0).then_some(found >= 2)
}

/// The shortest length's and the target's values, of everything known at both.
fn pairs(at: &Context<'_>) -> Option<Vec<(f64, f64)>> {
    let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
    let mut pairs = vec![(first.overall, last.overall)];
    pairs.extend(first.categories.into_iter().zip(last.categories));
    Some(
        pairs
            .into_iter()
            .filter_map(|(first, last)| Some((first?, last?)))
            .collect(),
    )
}

fn degrades(at: &Context<'_>) -> Option<bool> {
    let limits = at.thresholds;
    let target = at.facts.at_target.as_ref()?;
    let known = target.categories.iter().chain([&target.overall]).flatten();
    let low = known.clone().any(|value| *value < limits.acceptable);
    let lost = pairs(at)?
        .iter()
        .any(|(first, last)| first - last >= limits.drop);
    // Nothing lost is only known where the whole is.
    match low || lost {
        true => Some(true),
        false => target.overall.map(|_| false),
    }
}

fn flat(at: &Context<'_>) -> Option<bool> {
    let pairs = pairs(at)?;
    let longer = at.facts.at_target?.length > at.facts.shortest()?.length;
    let flat = pairs
        .iter()
        .all(|(first, last)| first - last < at.thresholds.drop);
    (longer && !pairs.is_empty()).then_some(flat)
}

/// Whether thinking first closes the gap. By where it ends and not by how much it adds: of two
/// models that reach the same by thinking, the one with the better direct answers is not the one
/// whose weights are to blame.
fn cot_recovers(at: &Context<'_>) -> Option<bool> {
    let (facts, limits) = (&at.facts, at.thresholds);
    let cot = facts.cot?;
    Some(match facts.direct {
        Some(direct) => cot > direct && cot >= limits.comprehension - limits.materially,
        None => cot >= facts.human,
    })
}
