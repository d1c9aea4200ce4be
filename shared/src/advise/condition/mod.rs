//! What a rule can ask of the evidence. Answers are three-valued: yes, no, not known.

mod adaptation; // tests conditions on earlier adaptations, corpus and budget
mod condition_figures; // which figures a condition looks at
mod difference; // differences between two ways of answering, in words
mod figures; // the figures behind a condition, as text
mod losses; // describes in words what is lost with length
mod measured; // the figures behind a condition, as data
mod position_fixes; // tests whether a position fix helps
mod questions; // tests conditions on LongBench v2, hold-outs and people
mod ruler; // tests conditions on RULER's figures
mod table; // the table of conditions
mod work; // tests conditions on the work and its window

use super::derived_facts::EvidenceFacts;
use super::evidence::Evidence;
use super::thresholds::Thresholds;

pub(super) use condition_figures::ConditionFigures;
pub use measured::MeasuredValue;
pub(super) use position_fixes::helping;
pub(super) use questions::gain;
pub use table::Condition;

/// All that a condition may look at.
pub(super) struct ConditionContext<'a> {
    pub evidence: &'a Evidence,
    pub facts: EvidenceFacts,
    pub thresholds: &'a Thresholds,
}

impl<'a> ConditionContext<'a> {
    pub(super) fn new(evidence: &'a Evidence, thresholds: &'a Thresholds) -> Self {
        Self {
            evidence,
            facts: EvidenceFacts::of(evidence, thresholds),
            thresholds,
        }
    }
}
