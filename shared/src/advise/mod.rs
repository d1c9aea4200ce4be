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

mod advice; //          all of it
mod bill; //            what that costs
mod chain; //           the joint probability of a chain
mod completions; //     what is missing, and what it would change
mod condition; //       what a rule can ask
pub mod costs; //       operations, memory, hours
mod decide; //          which step the rules come to
mod draws; //           how sure that is
pub mod evidence; //    what is known
mod explain; //         the whole in words
mod facts; //           what the rules look at
mod feasible; //        what can be done at all
mod headline; //        the verdict in one sentence
mod next; //            what to do next
mod plan; //            what has to be done and validated
mod reasons; //         the rules that fired, with their figures
mod rules; //           the tables
mod samples; //         which figures need more samples
mod sensitivity; //     the nearest change that changes it
mod sentences; //       what its parts say
mod thresholds; //      where "good enough" begins

#[cfg(test)]
mod tests;

pub use advice::{Action, Advice, Certainty, Extension, WindowEnd, advise};
pub use bill::Item;
pub use chain::chain_success;
pub use completions::{Gap, Missing, Outcome};
pub use condition::{Condition, Measured};
pub use draws::{Share, shares};
pub use evidence::{Evidence, EvidenceError};
pub use facts::Cliff;
pub use feasible::OutOfReach;
pub use next::Next;
pub use reasons::{Contradiction, Reason};
pub use rules::{Burden, Origin, PathRow, Rule, Step, Table, burdens, paths, tables};
pub use samples::Unsettled;
pub use sensitivity::Flip;
pub use thresholds::Thresholds;
