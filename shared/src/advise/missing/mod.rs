//! What is not known, and what it would change.

mod answers; // what a missing piece could be
mod kind; // pieces of evidence that may be missing
mod range; // what a category of RULER can be, given what is known

use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::condition::{Condition, ConditionContext};
use super::decide::verdict;
use super::evidence::Evidence;
use super::rules::AdaptationStep;

pub use kind::MissingKind;

/// Something missing that may move the verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MissingEvidence {
    /// What is not known.
    pub gap: MissingKind,
    /// The same in words.
    pub what: String,
    /// Whether the user can simply say it; else it has to be measured.
    #[serde(default)]
    pub told: bool,
    /// What follows from each answer.
    pub outcomes: Vec<AnswerEffect>,
}

/// What would follow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnswerEffect {
    /// The answer.
    pub given: String,
    /// The verdict with this and nothing else known in addition; nothing where there would still
    /// be none.
    pub verdict: Option<AdaptationStep>,
    /// Every verdict that is possible then, whatever one other missing thing turns out to be.
    pub possible: Vec<AdaptationStep>,
    /// What to do then, where there would still be no verdict; empty where that is not known yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
}

impl AnswerEffect {
    /// What follows on it, in words behind the verdict.
    pub(super) fn then(&self) -> String {
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

/// Every gap of which some answer moves the verdict, alone or together with an answer to another
/// gap; cheapest to find out first. All others are left out: nothing that could be learnt of them
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
            // What means something only once this is known.
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

/// What to do where own hold-outs are answered worse than by people and no verdict follows.
fn follows(gap: MissingKind, filled: &FilledEvidence, thresholds: &Thresholds) -> String {
    let at = ConditionContext::new(&filled.evidence, thresholds);
    let below = at.facts.own.is_some_and(|(own, people)| own < people);
    if gap != MissingKind::Holdouts || filled.verdict.is_some() || !below {
        return String::new();
    }
    match Condition::GeneralCorpusForDomain.holds(&at) {
        Some(true) => "gather documents of your own kind to train on, and ask your hold-outs with retrieved passages meanwhile".to_owned(),
        _ => "ask your hold-outs with a chain of thought and with retrieved passages, both cheaper than any training".to_owned(),
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
