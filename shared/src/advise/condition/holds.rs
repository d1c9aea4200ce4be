//! Whether a condition holds: one arm for each.

use super::difference::{hurts, thinking_gain};
use super::ruler::{
    degrades, depth_dependent, drops_past_window, fails_at, fix_fails, fix_helps, flat, gradual,
    inside_doubtful, inside_fails, known_inside, lost_at_short, lost_with_length, needle_disagrees,
    needle_only, needles_lost_with_length, several,
};
use super::{Condition, ConditionContext};
use crate::advise::costs::{self, BudgetFit};
use crate::advise::evidence::{
    ErrorTolerance, LongBenchMode, PercentFigure, PriorAdaptation, ReasoningDepth, TrainingCorpus,
    Workload,
};
use crate::advise::facts::RulerAtLength;
use crate::advise::feasible;
use crate::advise::rules::AdaptationStep;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

impl Condition {
    /// Whether it holds; nothing where the evidence does not say.
    pub(in crate::advise) fn holds(self, at: &ConditionContext<'_>) -> Option<bool> {
        let (facts, limits, evidence) = (&at.facts, at.thresholds, at.evidence);
        let limit = limits.acceptable;
        let workload = |wanted| evidence.workload.map(|one| one == wanted);
        let depth = |wanted| facts.depth.map(|one| one == wanted);
        let target = facts.at_target.as_ref();
        let below = |value: Option<f64>| value.map(|value| value < limit);
        let low = limits.comprehension - limits.materially;
        // Own hold-outs against people on the same questions go before LongBench v2.
        let against = |value: Option<f64>| facts.own.or(Some((value?, facts.human)));
        match self {
            Self::Lookup => workload(Workload::DocumentLookup),
            Self::Synthesis => workload(Workload::MultiDocumentSynthesis),
            Self::LegalScientific => workload(Workload::LegalScientific),
            Self::DomainShifted => workload(Workload::DomainShifted),
            Self::SafetyCritical => workload(Workload::SafetyCritical),
            Self::HighStakes => evidence
                .workload
                .map(|one| one.depth() == ReasoningDepth::High),
            Self::DepthLow => depth(ReasoningDepth::Low),
            Self::DepthMedium => depth(ReasoningDepth::Medium),
            Self::DepthHigh => depth(ReasoningDepth::High),
            Self::MissesAcceptable => evidence
                .tolerance
                .map(|one| one == ErrorTolerance::SomeMisses),
            Self::BelowHumanUnacceptable => intolerant(at),

            Self::Target32kTo128k => target_within(at, 30_000, 140_000),
            Self::Target64kTo256k => target_within(at, 60_000, 280_000),
            Self::Target128kUp => target_within(at, 120_000, u32::MAX),
            Self::WindowShort => covers(at).map(|covers| !covers),
            Self::WindowCovers => covers(at),
            Self::WindowEndsEarly => {
                let (cliff, stated) = (facts.cliff?, facts.stated?);
                let beyond_it = facts
                    .target
                    .is_some_and(|target| beyond(target, cliff.after));
                Some(beyond(stated, cliff.after) && beyond_it)
            }
            Self::InsideHolds => inside_fails(at).map(|fails| !fails),
            Self::InsideFails => inside_fails(at),
            Self::InsideDoubtful => inside_doubtful(at),
            Self::DropsPastWindow => drops_past_window(at),

            Self::RulerHolds => below(target?.overall).map(|below| !below),
            Self::RulerFails => below(target?.overall),
            Self::RetrievalHolds => target?.retrieval_fails(limit).map(|fails| !fails),
            Self::RetrievalFails => target?.retrieval_fails(limit),
            Self::NeedleStrong => {
                Some(target?.of(RulerCategory::SingleNeedle)? >= limits.needle_strong)
            }
            Self::NeedleAtLeastMultiHop => Some(
                target?.of(RulerCategory::SingleNeedle)? >= target?.of(RulerCategory::MultiHop)?,
            ),
            Self::MultiHopFails => below(target?.of(RulerCategory::MultiHop)),
            Self::AggregationFails => below(target?.of(RulerCategory::Aggregation)),
            Self::HardFails => target?.hard_fails(limit),
            Self::HardHolds => target?.hard_fails(limit).map(|fails| !fails),
            Self::Degrades => degrades(at),
            Self::LostWithLength => lost_with_length(at),
            Self::RulerFlat => flat(at),
            Self::DegradesAtModerate => {
                let moderate = |one: &&RulerAtLength| one.length.0 <= limits.moderate_length;
                let all = known_inside(at).filter(moderate);
                all.map(|one| below(one.overall)).fold(None, or)
            }
            Self::BroadDegradation => several(at, |one| below(one.overall)),
            Self::RetrievalAndHardFail => several(at, |one| {
                and(one.retrieval_fails(limit), one.hard_fails(limit))
            }),
            Self::ShortBroken => {
                let shortest = facts.shortest()?;
                let short = shortest.length.0 <= limits.moderate_length;
                Some(short && far_below(shortest, limit - limits.short_margin)?)
            }
            Self::RulerMeasured => Some(target.is_some()),
            Self::ShortWorseThanLong => {
                let (first, last) = (facts.shortest()?.overall?, target?.overall?);
                Some(last - first >= limits.cliff)
            }
            Self::NeedleOnly => Some(needle_only(at)),
            Self::NeedleDisagrees => needle_disagrees(at),
            Self::FixUntried => Some(feasible::fix_untried(evidence)),
            Self::FixHelps => fix_helps(at),
            Self::FixFails => fix_fails(at, true),
            Self::ScalingFails => fix_fails(at, false),
            Self::TaskLostAtShort => lost_at_short(at).map(|lost| !lost.is_empty()),
            Self::NeedlesLostWithLength => needles_lost_with_length(at),
            Self::GradualLoss => gradual(at),
            Self::DepthDependent => depth_dependent(at),

            Self::BelowHuman => against(facts.as_used).map(|(own, people)| own < people),
            Self::BelowHumanEvenThinking => {
                let thinking = facts.cot.map(|cot| cot.max(facts.direct.unwrap_or(0.0)));
                against(thinking).map(|(own, people)| own < people)
            }
            Self::HumanMet => against(facts.as_used).map(|(own, people)| own >= people),
            Self::HumanMetOrThinking => {
                let best = [facts.cot, facts.as_used].into_iter().flatten();
                against(best.reduce(f64::max)).map(|(own, people)| own >= people)
            }
            Self::OwnFallsShort => {
                let few =
                    at.facts.depth == Some(ReasoningDepth::Low) || intolerant(at) != Some(true);
                let most = if few {
                    limits.well_below
                } else {
                    limits.materially
                };
                facts.own.map(|(own, people)| people - own >= most)
            }
            Self::DegradesUnacceptably => and(no_errors(at), degrades(at)),
            Self::NothingDegrades => degrades(at).map(|degrades| !degrades),
            Self::AlwaysThinks => {
                let asked = |reading| evidence.longbench_at(reading, None, None).is_some();
                Some(asked(LongBenchMode::Cot) && !asked(LongBenchMode::Direct))
            }
            Self::AboutPeople => about_people(at),
            Self::AboutPeopleThinking => or(
                about_people(at),
                and(
                    Some(facts.own.is_none()),
                    facts.cot.map(|cot| facts.human - cot <= limits.materially),
                ),
            ),
            Self::HoldoutsHold => facts.own.map(|(own, people)| own >= people),
            Self::NearHuman => Some(facts.as_used? >= facts.human - limits.near_human),
            Self::ComprehensionShort => {
                let reasons = facts.depth.map(|depth| depth > ReasoningDepth::Low);
                let near = facts.human - limits.near_human;
                // Where LongBench v2 carries no verdict, own hold-outs against people on them.
                let own = facts
                    .own
                    .map(|(own, people)| own < people - limits.near_human);
                and(reasons, facts.as_used.map(|value| value < near).or(own))
            }
            Self::ComprehensionLow => Some(facts.as_used? < low),
            Self::ComprehensionFarBelow => {
                Some(facts.as_used? < limits.best_direct - limits.well_below)
            }
            Self::DirectStalls => Some(facts.direct? <= limits.best_direct),
            Self::MultiDocLow => Some(facts.multi_document? < low),
            Self::LongLow => Some(facts.long? < low),
            Self::LongHolds => Some(facts.long? >= low),
            Self::NearChance => Some(facts.as_told? < limits.chance + limits.near_chance),
            Self::BelowChance => Some(facts.as_told? < limits.chance - limits.flat),
            Self::CotRecovers => cot_recovers(at),
            Self::CotFails => cot_fails(at),
            Self::ThinkingGap => Some(facts.cot? - facts.direct? >= limits.reasoning_gap),
            // As it was told: what is below guessing shows no gain either.
            Self::ThinkingFlat => Some(facts.cot_told? - facts.direct? < limits.flat),
            Self::ThinkingCosts => Some(thinking_gain(at)?.high < 0.0),
            Self::CotAboveHuman => Some(facts.cot? >= facts.human),
            Self::CotBelowHuman => Some(facts.cot? < facts.human),
            Self::NoContextEqualsFull => Some(facts.no_context? >= facts.as_told? - limits.flat),
            Self::TextHurts => hurts(at),
            Self::TailEqualsFull => Some(facts.tail? >= facts.as_used? - limits.flat),
            Self::RagAtLeastFull => Some(facts.rag? >= facts.as_used? - limits.flat / 2.0),
            Self::RagBelowFull => Some(facts.rag? < facts.as_used? - limits.flat),

            Self::ExtendedBefore => adapted(at, PriorAdaptation::Extended),
            Self::ContinuedBefore => adapted(at, PriorAdaptation::Continued),
            Self::WindowGainOnly => {
                let now = target?.of(RulerCategory::SingleNeedle)?;
                let before = value(evidence.before.retrieval)?;
                Some(now - before >= limits.drop && hard_flat(at)?)
            }
            Self::HardFlat => hard_flat(at),
            Self::ComprehensionFlat => {
                let now = facts.as_used?;
                let before = value(evidence.before.longbench);
                Some(before.map_or(now < low, |before| now - before < limits.flat))
            }
            Self::ShortRegressed => {
                let loss = value(evidence.before.short_context)? - value(evidence.short_context)?;
                Some(loss >= limits.regression)
            }
            Self::NoCorpus => evidence.corpus.map(|one| one == TrainingCorpus::None),
            Self::DomainCorpus => evidence.corpus.map(|one| one == TrainingCorpus::Domain),
            Self::NoDomainCorpus => evidence.corpus.map(|one| one != TrainingCorpus::Domain),
            Self::GeneralCorpusForDomain => and(
                workload(Workload::DomainShifted),
                evidence.corpus.map(|one| one == TrainingCorpus::General),
            ),
            Self::BudgetSmall => {
                let training = AdaptationStep::ContinuePretraining;
                let cost = costs::adaptation(training, evidence, limits, 1.0)?;
                Some(cost.budget? == BudgetFit::TooSmall)
            }
        }
    }
}

/// Whether answers are as good as people's or below them by no more than the interval of the
/// difference, and by less than what is material.
///
/// # Formula
/// `people − own ≤ min(material, √(h₁² + h₂²))` with half the widths of the two intervals.
fn about_people(at: &ConditionContext<'_>) -> Option<bool> {
    let half = |figure: PercentFigure| {
        let (low, high) = figure.interval(at.thresholds.assumed_n);
        (high - low) / 2.0
    };
    let of = |reading| {
        let whole = |one: &&crate::advise::evidence::LongBenchFigure| {
            one.reading == reading && one.domain.is_none() && one.length.is_none()
        };
        at.evidence.longbench.iter().find(whole)
    };
    let (own, people, error) = match at.evidence.own_and_people() {
        Some((own, people)) => (
            own.value,
            people.value,
            libm::hypot(half(own), half(people)),
        ),
        None => {
            use crate::advise::evidence::LongBenchMode::{Cot, Direct};
            let own = of(Direct).or(of(Cot))?.figure();
            let people = PercentFigure::new(at.facts.human, at.thresholds.human_n);
            let told = at.evidence.human;
            let people = told
                .filter(|_| at.evidence.production.is_none())
                .unwrap_or(people);
            (
                at.facts.as_used?,
                at.facts.human,
                libm::hypot(half(own), half(people)),
            )
        }
    };
    Some(people - own <= error.min(at.thresholds.materially))
}

/// Whether the mean lies under a limit, or, where it is not known, each of several categories.
fn far_below(at: &RulerAtLength, limit: f64) -> Option<bool> {
    if let Some(overall) = at.overall {
        return Some(overall < limit);
    }
    let known: Vec<f64> = at.categories.iter().flatten().copied().collect();
    (known.len() >= 2).then(|| known.iter().all(|value| *value < limit))
}

fn value(figure: Option<PercentFigure>) -> Option<f64> {
    figure.map(|figure| figure.value)
}

fn hard_flat(at: &ConditionContext<'_>) -> Option<bool> {
    let now = at.facts.at_target.as_ref()?.hard()?;
    Some(now - value(at.evidence.before.hard)? < at.thresholds.flat)
}

pub(super) fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

pub(super) fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), other) | (other, Some(false)) => other.or(Some(false)),
        (None, None) => None,
    }
}

fn intolerant(at: &ConditionContext<'_>) -> Option<bool> {
    let workload = at.evidence.workload;
    let safety = workload.map(|one| one == Workload::SafetyCritical);
    let tolerance = at.evidence.tolerance;
    or(
        safety,
        tolerance.map(|one| one != ErrorTolerance::SomeMisses),
    )
}

/// Whether no error is acceptable: safety-critical work, or told so.
fn no_errors(at: &ConditionContext<'_>) -> Option<bool> {
    let workload = at.evidence.workload;
    let tolerance = at.evidence.tolerance;
    or(
        workload.map(|one| one == Workload::SafetyCritical),
        tolerance.map(|one| one == ErrorTolerance::None),
    )
}

fn target_within(at: &ConditionContext<'_>, low: u32, high: u32) -> Option<bool> {
    let target = at.facts.target;
    target.map(|target| (low..=high).contains(&target.0))
}

/// 128,000 and 131,072 are one window.
pub(super) fn beyond(length: Tokens, window: Tokens) -> bool {
    f64::from(length.0) > f64::from(window.0) * 1.1
}

fn covers(at: &ConditionContext<'_>) -> Option<bool> {
    Some(!beyond(at.facts.target?, at.facts.window?))
}

fn adapted(at: &ConditionContext<'_>, least: PriorAdaptation) -> Option<bool> {
    at.evidence.adaptation.map(|one| one >= least)
}

/// Whether thinking first closes the gap. By where it ends and not by how much it adds: of two
/// models that reach the same by thinking, the one with the better direct answers is not the one
/// whose weights are to blame.
fn cot_recovers(at: &ConditionContext<'_>) -> Option<bool> {
    let (facts, limits) = (&at.facts, at.thresholds);
    let cot = facts.cot?;
    Some(match facts.direct {
        Some(direct) => {
            cot - direct >= limits.flat && cot >= limits.comprehension - limits.materially
        }
        None => cot >= facts.human,
    })
}

/// Whether answers stay materially low, however the model answers. Where thinking adds nothing to
/// answers that will do, it neither closes a gap nor fails to.
fn cot_fails(at: &ConditionContext<'_>) -> Option<bool> {
    let (facts, limits) = (&at.facts, at.thresholds);
    let cot = facts.cot?;
    Some(match facts.direct {
        Some(direct) => cot.max(direct) < limits.comprehension - limits.materially,
        None => cot < facts.human,
    })
}

/// Whether a length falls short: see [`fails_at`].
pub(super) fn falls_short(one: &RulerAtLength, at: &ConditionContext<'_>) -> Option<bool> {
    let limit = at.thresholds.acceptable;
    or(fails_at(one, at.thresholds), one.hard_fails(limit))
}
