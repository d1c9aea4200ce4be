//! What is not known, and what it would change.

mod gap;
mod options;
mod range;

use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::advice::verdict;
use super::draws::completed;
use super::evidence::Evidence;
use super::rules::Step;

pub(super) use gap::Gap;

/// Joint completions tried for each end of a gap.
const TRIES: u32 = 48;

/// Something missing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Missing {
    /// What is not known.
    pub what: String,
    /// What follows from each answer.
    pub outcomes: Vec<Outcome>,
}

/// What would follow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The answer.
    pub given: String,
    /// The verdict with this and nothing else known in addition; nothing where there would still
    /// be none.
    pub verdict: Option<Step>,
    /// Every verdict that is possible then, whatever the rest is.
    pub possible: Vec<Step>,
}

/// Every gap whose answers do not all lead to the same. Where there is no verdict yet, one whose
/// answers lead to others under some completion of the rest: what is asked first is then named too.
pub(super) fn missing(
    evidence: &Evidence,
    thresholds: &Thresholds,
    step: Option<Step>,
) -> Vec<Missing> {
    let open = Gap::ALL
        .into_iter()
        .filter(|gap| gap.is_open(evidence, thresholds));
    let missing = open.filter_map(|gap| {
        let options = gap.options(evidence, thresholds).into_iter();
        let outcomes = options.map(|(given, filled)| {
            let drawn = drawn(&filled, thresholds);
            let outcome = Outcome {
                given,
                verdict: verdict(&filled, thresholds),
                possible: possible(&drawn),
            };
            (outcome, drawn)
        });
        let outcomes: Vec<(Outcome, Vec<Option<Step>>)> = outcomes.collect();
        let (first, rest) = outcomes.first()?;
        let alike = outcomes.iter().all(|(one, drawn)| {
            let none_yet = step.is_some() && one.verdict.is_none();
            (none_yet || Step::same(one.verdict, step))
                && first.possible == one.possible
                && (step.is_some() || rest == drawn)
        });
        (!alike).then(|| Missing {
            what: gap.what(),
            outcomes: outcomes.into_iter().map(|(outcome, _)| outcome).collect(),
        })
    });
    missing.collect()
}

/// The verdicts under joint completions of what is missing still, the same for each answer.
fn drawn(filled: &Evidence, thresholds: &Thresholds) -> Vec<Option<Step>> {
    let whole = |draw| completed(filled.clone(), thresholds, draw);
    (0..TRIES)
        .map(|draw| verdict(&whole(draw), thresholds))
        .collect()
}

fn possible(drawn: &[Option<Step>]) -> Vec<Step> {
    let mut possible: Vec<Step> = drawn.iter().flatten().copied().collect();
    possible.sort_unstable();
    possible.dedup();
    possible
}
