//! From figures to a decision: keep the model, let it reason longer, extend its window, continue
//! its pretraining, or train anew.
//!
//! ```text
//! run | published line | typed in --Evidence--> Facts --Rules, Thresholds--> Advice --> text, Markdown, JSON
//! ```
//!
//! The rules are data (`shared/data/advise/*.toml`), each with the section of the article it comes
//! from, or marked as the field's evidence. Shares are in percent throughout, as papers print them.

mod advice;
mod bill;
mod completions;
mod condition;
pub mod costs;
mod draws;
pub mod evidence;
mod explain;
mod facts;
mod next;
mod reasons;
mod rules;
mod sensitivity;
mod thresholds;

#[cfg(test)]
mod tests;

pub use advice::{Action, Advice, Certainty, Extension, advise};
pub use bill::Item;
pub use completions::{Missing, Outcome};
pub use condition::{Condition, Measured};
pub use evidence::{Evidence, EvidenceError};
pub use next::Next;
pub use reasons::{Contradiction, Reason};
pub use rules::{Burden, Origin, PathRow, Rule, Step, Table, burdens, paths, tables};
pub use sensitivity::Flip;
pub use thresholds::Thresholds;
