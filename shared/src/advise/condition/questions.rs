//! Tests conditions on real questions: LongBench v2 and the user's own hold-outs, against people, and
//! in one mode against another.

use super::ConditionContext;
use super::ruler::{and, or};
use super::work;
use crate::advise::evidence::{
    LongBenchFigure, LongBenchMode, PercentFigure, ReasoningDepth, ThinkingGain, Z_95, paired_error,
};

/// Below this, LongBench v2 is materially below what is expected.
pub(super) fn low(at: &ConditionContext<'_>) -> f64 {
    at.thresholds.comprehension - at.thresholds.materially
}

/// LongBench v2's figure over all questions in one mode.
fn whole<'a>(at: &'a ConditionContext<'_>, mode: LongBenchMode) -> Option<&'a LongBenchFigure> {
    let mut all = at.evidence.longbench.iter();
    all.find(|one| one.reading == mode && one.domain.is_none() && one.length.is_none())
}

/// Whether the work asks real questions at all: LongBench v2 does not test whether passages are found.
fn asks(at: &ConditionContext<'_>) -> bool {
    at.facts.depth != Some(ReasoningDepth::Low)
}

/// Whether answers are as good as people's: the user's own hold-outs, where people answered the same
/// questions, else this share of LongBench v2.
pub(super) fn as_people(at: &ConditionContext<'_>, value: Option<f64>) -> Option<bool> {
    match at.facts.own {
        Some(_) => about_people(at),
        None => value
            .filter(|_| asks(at))
            .map(|value| value >= at.facts.human),
    }
}

pub(super) fn as_people_thinking(at: &ConditionContext<'_>) -> Option<bool> {
    let direct = at.facts.direct.unwrap_or(0.0);
    as_people(at, at.facts.cot.map(|cot| cot.max(direct)))
}

pub(super) fn human_met_or_thinking(at: &ConditionContext<'_>) -> Option<bool> {
    let best = [at.facts.cot, at.facts.as_used].into_iter().flatten();
    as_people(at, best.reduce(f64::max))
}

/// Whether answers are as good as people's, or below them by no more than the interval of the
/// difference, and by less than what is material.
///
/// # Formula
/// `people − own ≤ max(flat / 2, min(material, √(h₁² + h₂²)))` with half the widths of the two
/// intervals.
fn about_people(at: &ConditionContext<'_>) -> Option<bool> {
    let half = |figure: PercentFigure| {
        let (low, high) = figure.interval(at.thresholds.assumed_n);
        (high - low) / 2.0
    };
    let (own, people, error) = match at.evidence.own_and_people() {
        Some((own, people)) => (
            own.value,
            people.value,
            libm::hypot(half(own), half(people)),
        ),
        None => {
            let own = whole(at, LongBenchMode::Direct).or(whole(at, LongBenchMode::Cot))?;
            let people = PercentFigure::new(at.facts.human, at.thresholds.human_n);
            let told = at.evidence.human;
            let people = told
                .filter(|_| at.evidence.production.is_none())
                .unwrap_or(people);
            (
                at.facts.as_used?,
                at.facts.human,
                libm::hypot(half(own.figure()), half(people)),
            )
        }
    };
    let most = error.min(at.thresholds.materially);
    Some(people - own <= most.max(at.thresholds.flat / 2.0))
}

pub(super) fn about_people_where_asked(at: &ConditionContext<'_>) -> Option<bool> {
    match at.facts.own.is_some() || asks(at) {
        true => about_people(at),
        false => None,
    }
}

pub(super) fn about_people_thinking(at: &ConditionContext<'_>) -> Option<bool> {
    let near = |cot: f64| at.facts.human - cot <= at.thresholds.materially;
    or(
        about_people(at),
        and(Some(at.facts.own.is_none()), at.facts.cot.map(near)),
    )
}

pub(super) fn own_meets(at: &ConditionContext<'_>) -> Option<bool> {
    at.facts.own?;
    about_people(at)
}

/// Whether the user's own hold-outs are answered so much worse than by people that the model will not
/// do: by 15 points, or by 5 where more errors than people's are not acceptable.
pub(super) fn own_falls_short(at: &ConditionContext<'_>) -> Option<bool> {
    let few = !asks(at) || work::below_human_unacceptable(at) != Some(true);
    let most = match few {
        true => at.thresholds.well_below,
        false => at.thresholds.materially,
    };
    let own = at.facts.own;
    own.map(|(own, people)| people - own >= most - 1e-9)
}

/// From where answers are near people's.
fn near_people(at: &ConditionContext<'_>) -> f64 {
    at.facts.human - at.thresholds.near_human
}

pub(super) fn near_human(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.as_used? >= near_people(at))
}

pub(super) fn cot_near_human(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.cot? >= near_people(at))
}

pub(super) fn comprehension_short(at: &ConditionContext<'_>) -> Option<bool> {
    let reasons = at.facts.depth.map(|depth| depth > ReasoningDepth::Low);
    // Where LongBench v2 carries no verdict, the user's own hold-outs against people on them.
    let own = at.facts.own;
    let own = own.map(|(own, people)| own < people - at.thresholds.near_human);
    let used = at.facts.as_used.map(|value| value < near_people(at));
    and(reasons, used.or(own))
}

pub(super) fn far_below_best(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.as_used? < at.thresholds.best_direct - at.thresholds.well_below)
}

pub(super) fn near_chance(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.as_told? < at.thresholds.chance + at.thresholds.near_chance)
}

pub(super) fn below_chance(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.as_told? < at.thresholds.chance - at.thresholds.flat)
}

/// The points that a chain of thought adds to direct answers.
pub(super) fn thought(at: &ConditionContext<'_>) -> Option<f64> {
    Some(at.facts.cot? - at.facts.direct?)
}

pub(super) fn thinking_helps(at: &ConditionContext<'_>) -> Option<bool> {
    Some(thought(at)? >= at.thresholds.flat)
}

/// Answers with a chain of thought that carry no verdict (below chance, or over questions that are
/// answered as well without the text) show no gain either.
pub(super) fn thinking_flat(at: &ConditionContext<'_>) -> Option<bool> {
    let told = at.facts.cot_told?;
    if at.facts.cot.is_none() {
        return Some(true);
    }
    Some(told - at.facts.direct? < at.thresholds.flat)
}

pub(super) fn thinking_beats_passages(at: &ConditionContext<'_>) -> Option<bool> {
    and(
        thinking_helps(at),
        Some(at.facts.cot? - at.facts.rag? >= at.thresholds.flat),
    )
}

/// Whether thinking first closes the gap. Judged by where it ends, not by how much it adds: of two
/// models that reach the same score by thinking, the weights of the one with the better direct
/// answers are not to blame.
pub(super) fn cot_recovers(at: &ConditionContext<'_>) -> Option<bool> {
    let cot = at.facts.cot?;
    Some(match at.facts.direct {
        Some(direct) => cot - direct >= at.thresholds.flat && cot >= low(at),
        None => cot >= at.facts.human,
    })
}

/// Whether answers stay materially low, however the model answers. Where direct answers are already
/// good enough, thinking that adds nothing neither closes a gap nor fails to.
pub(super) fn cot_fails(at: &ConditionContext<'_>) -> Option<bool> {
    let cot = at.facts.cot?;
    Some(match at.facts.direct {
        Some(direct) => cot.max(direct) < low(at),
        None => cot < at.facts.human,
    })
}

pub(super) fn no_context_equals_full(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.no_context? >= at.facts.as_told? - at.thresholds.flat)
}

pub(super) fn rag_at_least_full(at: &ConditionContext<'_>) -> Option<bool> {
    Some(at.facts.rag? >= at.facts.as_used? - at.thresholds.flat / 2.0)
}

/// Whether passages that do as well as the whole text also help: with more right answers, or with
/// enough of them. Where both are as low, passages are no remedy. For lookup the model only has to
/// find what it is given.
pub(super) fn rag_helps(at: &ConditionContext<'_>) -> Option<bool> {
    let (rag, used) = (at.facts.rag?, at.facts.as_used?);
    let enough = rag - used >= at.thresholds.flat || rag >= low(at) || !asks(at);
    and(rag_at_least_full(at), Some(enough))
}

/// Whether more answers are right without the text than with it, beyond sampling error.
pub(super) fn text_hurts(at: &ConditionContext<'_>) -> Option<bool> {
    let direct = gain(at, LongBenchMode::NoContext, LongBenchMode::Direct);
    let gain = direct.or_else(|| gain(at, LongBenchMode::NoContext, LongBenchMode::Cot))?;
    Some(gain.low > 0.0)
}

/// The gain of `with` over `without`, in points; `None` if either is not known.
///
/// # Formula
/// `d ± 1.96 √(s₁² + s₂² − 2 ρ s₁ s₂)` with the standard errors of the two shares and `ρ = 0.5`
/// (assumed), as the pairs of answers are not known.
pub(in crate::advise) fn gain(
    at: &ConditionContext<'_>,
    with: LongBenchMode,
    without: LongBenchMode,
) -> Option<ThinkingGain> {
    let (with, without) = (whole(at, with)?.figure(), whole(at, without)?.figure());
    let assumed = at.thresholds.assumed_n;
    let half = Z_95 * paired_error(with, without, assumed);
    let value = with.value - without.value;
    Some(ThinkingGain {
        value,
        n: with.n.unwrap_or(assumed).min(without.n.unwrap_or(assumed)),
        low: value - half,
        high: value + half,
    })
}

/// What a chain of thought adds, from pairs of answers if these are known.
pub(super) fn thinking_gain(at: &ConditionContext<'_>) -> Option<ThinkingGain> {
    at.facts.direct.and(at.facts.cot)?;
    let unpaired = gain(at, LongBenchMode::Cot, LongBenchMode::Direct);
    at.evidence.thinking_gain.or(unpaired)
}
