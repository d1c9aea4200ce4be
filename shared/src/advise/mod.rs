//! From figures to a decision: keep the model, let it reason longer, retrieve passages, fix its
//! positions, extend its window, continue its pretraining, take another model or train anew.
//!
//! ```text
//! run | published line | typed in --Evidence--> Facts --Rules, Thresholds--> Decision
//!     --redrawn within the intervals--> Advice --> text, Markdown, JSON
//! ```
//!
//! The rules are data (`shared/data/advise/*.toml`), each with the section of the article it comes
//! from, or marked as the field's evidence. Shares are in percent throughout, as papers print them.

mod advice; //       all of it
mod assumed; //      figures whose number of samples nobody told
mod chain; //        the joint probability of a chain
mod clashes; //      facts that do not fit together
mod condition; //    what a rule can ask
mod cost_items; //   what that costs
mod cost_options; // what each verdict costs, where nothing else decides
pub mod costs; //    operations, memory, hours
mod decide; //       which step the rules come to
mod draws; //        how sure that is
pub mod evidence; // what is known
mod explain; //      the whole in words
mod facts; //        what the rules look at
mod feasible; //     what can be done at all
mod fitting; //      a model that the memory does not hold
mod further; //      what a verdict means for further targets
mod headline; //     the verdict in one sentence
mod missing; //      what is missing, and what it would change
mod next; //         what to do next
mod plan; //         what has to be done and validated
mod reasons; //      the rules that fired, with their figures
mod rules; //        the tables
mod sensitivity; //  the nearest change that changes it
mod sentences; //    what its parts say
mod thresholds; // where "good enough" begins
mod unsettled; //    which figures need more samples
mod untold; //       figures that no reason tells
mod window_end; //   where the window ends, and how sure that is

#[cfg(test)]
mod tests;

pub use advice::{Advice, ExtensionMethod, Verdict, VerdictCertainty, WindowEnd, advise};
pub use assumed::AssumedSamples;
pub use chain::chain_success;
pub use condition::{Condition, MeasuredValue};
pub use cost_items::CostItem;
pub use cost_options::OptionCost;
pub use draws::{VerdictShare, shares};
pub use evidence::{Evidence, EvidenceError};
pub use facts::AccuracyCliff;
pub use feasible::InfeasibleStep;
pub use missing::{AnswerEffect, MissingEvidence, MissingKind};
pub use next::{NextRun, NextStep};
pub use reasons::{Contradiction, VerdictReason};
pub use rules::{
    AdaptationPath, AdaptationStep, Rule, RuleOrigin, RuleTable, ValidationBurden, burdens, paths,
    tables,
};
pub use sensitivity::VerdictFlip;
pub use thresholds::Thresholds;
pub use unsettled::UnsettledFigure;
