//! What is not known, and what knowing it would change.

mod category_bounds; // bounds of an unknown RULER category, given what is known
mod kind; // kinds of evidence that may be missing
mod possible_answers; // possible values of a missing piece of evidence

use serde::{Deserialize, Serialize};

use super::condition::{Condition, ConditionContext};
use super::decide::verdict;
use super::evidence::{Evidence, LongBenchMode, ReasoningDepth};
use super::sentences::{capital, named};
use super::step::AdaptationStep;
use super::thresholds::Thresholds;

pub use kind::MissingKind;

/// A missing piece of evidence that may change the verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingEvidence {
    /// What is not known.
    pub gap: MissingKind,
    /// The same in words.
    pub what: String,
    /// Whether the user can simply answer it; otherwise it has to be measured.
    #[serde(default)]
    pub told: bool,
    /// What follows from each answer.
    pub outcomes: Vec<AnswerEffect>,
}

impl MissingEvidence {
    /// Whether no answer to it changes the verdict unless another gap is filled too.
    pub(super) fn only_together(&self) -> bool {
        let first = self.outcomes.first().map(|one| one.verdict);
        self.outcomes.iter().all(|one| Some(one.verdict) == first)
    }

    /// In words: what it is and what each answer leads to.
    pub fn says(&self) -> String {
        let outcomes = self.outcomes.iter();
        let outcomes: Vec<String> = outcomes
            .map(|one| format!("{}: {}{}", one.given, named(one.verdict), one.then()))
            .collect();
        match self.only_together() {
            true => format!(
                "{}. By itself it changes nothing; together with another missing answer it may.",
                self.what
            ),
            false => format!("{}. {}.", self.what, capital(&outcomes.join("; "))),
        }
    }
}

/// The effect of one answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerEffect {
    /// The answer.
    pub given: String,
    /// The verdict with only this answer known in addition; `None` if there would still be none.
    pub verdict: Option<AdaptationStep>,
    /// Every verdict that is then possible, whatever any one other missing thing turns out to be.
    pub possible: Vec<AdaptationStep>,
    /// What to do next if there would still be no verdict; empty if that is not known yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
}

impl AnswerEffect {
    /// What to do next, in words that follow the verdict.
    fn then(&self) -> String {
        match self.next.is_empty() {
            true => String::new(),
            false => format!(", and next: {}", self.next),
        }
    }
}

/// The evidence with one gap filled by one answer.
struct FilledEvidence {
    given: String,
    evidence: Evidence,
    verdict: Option<AdaptationStep>,
}

/// Every gap where some answer changes the verdict, alone or together with an answer to another
/// gap; cheapest to find out first. All others are left out: no answer to them
/// changes what to do.
///
/// # Formula
/// With `v` the verdict: a gap stays where `v(E + a) ≠ v(E)` for one of its answers `a`, or
/// `v(E + a + b) ≠ v(E + b)` for an answer `b` to another gap, `v(E)` in place of `v(E + b)` where `b`
/// means nothing without `a`. Where there is no verdict yet, what
/// the work is and how long its texts are stay too: every verdict needs them, and with next to
/// nothing known it takes more than a pair of answers to reach one.
pub(super) fn missing(evidence: &Evidence, thresholds: &Thresholds) -> Vec<MissingEvidence> {
    let now = verdict(evidence, thresholds);
    let open = |evidence: &Evidence| {
        let open = MissingKind::ALL.into_iter();
        let open = open.filter(|gap| gap.is_open(evidence, thresholds));
        open.collect::<Vec<_>>()
    };
    let gaps = open(evidence);
    let alone: Vec<Vec<FilledEvidence>> = gaps
        .iter()
        .map(|gap| fill(*gap, evidence, thresholds))
        .collect();
    let mut missing = Vec::new();
    for (at, gap) in gaps.iter().enumerate() {
        let mut moves = now.is_none() && matches!(gap, MissingKind::Workload | MissingKind::Target);
        let mut outcomes = Vec::new();
        for filled in &alone[at] {
            moves |= !AdaptationStep::same(filled.verdict, now);
            let mut possible: Vec<AdaptationStep> = filled.verdict.into_iter().collect();
            for (other_at, other) in gaps.iter().enumerate() {
                if other_at == at || !other.is_open(&filled.evidence, thresholds) {
                    continue;
                }
                let both = fill(*other, &filled.evidence, thresholds);
                for (both, other) in both.iter().zip(&alone[other_at]) {
                    moves |= !AdaptationStep::same(both.verdict, other.verdict);
                    possible.extend(both.verdict);
                }
            }
            // Gaps that only open once this one is filled.
            let opened = open(&filled.evidence).into_iter();
            for other in opened.filter(|other| !gaps.contains(other)) {
                for both in fill(other, &filled.evidence, thresholds) {
                    moves |= !AdaptationStep::same(both.verdict, now);
                    possible.extend(both.verdict);
                }
            }
            possible.sort_unstable();
            possible.dedup();
            outcomes.push(AnswerEffect {
                given: filled.given.clone(),
                verdict: filled.verdict,
                possible,
                next: follows(*gap, filled, thresholds),
            });
        }
        if moves {
            missing.push(MissingEvidence {
                gap: *gap,
                what: gap.what(),
                told: gap.is_told(),
                outcomes,
            });
        }
    }
    missing
}

/// What to do if the own hold-outs are answered worse than by people and no verdict follows.
fn follows(gap: MissingKind, filled: &FilledEvidence, thresholds: &Thresholds) -> String {
    let at = ConditionContext::new(&filled.evidence, thresholds);
    let below = at.facts.own.is_some_and(|(own, people)| own < people);
    if gap != MissingKind::Holdouts || filled.verdict.is_some() || !below {
        return String::new();
    }
    match Condition::GeneralCorpusForDomain.holds(&at) {
        Some(true) => "gather documents like yours to train on, and meanwhile run your hold-outs with retrieved passages".to_owned(),
        _ => "run your hold-outs with a chain of thought and with retrieved passages; both are cheaper than any training".to_owned(),
    }
}

fn fill(gap: MissingKind, evidence: &Evidence, thresholds: &Thresholds) -> Vec<FilledEvidence> {
    let options = gap.options(evidence, thresholds).into_iter();
    let filled = options.map(|(given, evidence)| FilledEvidence {
        verdict: verdict(&evidence, thresholds),
        given,
        evidence,
    });
    filled.collect()
}

/// Whether the work is known to take more than looking passages up.
fn reasons(evidence: &Evidence) -> bool {
    let depth = evidence.depth.or(evidence.workload.map(|one| one.depth()));
    depth.is_some_and(|depth| depth > ReasoningDepth::Low)
}

/// What a verdict rests on although nobody measured it: the remedy itself on real questions, or
/// how people score on hold-outs that may be good or bad.
pub(super) fn untried(
    step: Option<AdaptationStep>,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Option<MissingKind> {
    let told = |reading| evidence.longbench_at(reading, None, None).is_some();
    let gap = match step? {
        AdaptationStep::ReasonLonger if !told(LongBenchMode::Cot) => MissingKind::Cot,
        AdaptationStep::Retrieve if !told(LongBenchMode::Rag) => MissingKind::Rag,
        AdaptationStep::Keep
            if evidence
                .production
                .is_some_and(|own| own.value < thresholds.acceptable) =>
        {
            MissingKind::People
        }
        // For more than lookup, RULER alone does not show that questions are answered.
        AdaptationStep::Keep
            if evidence.production.is_none() && reasons(evidence) && !evidence.is_unmeasured() =>
        {
            MissingKind::Direct
        }
        _ => return None,
    };
    gap.is_open(evidence, thresholds).then_some(gap)
}
