//! What was measured, as pages, reports, gates and the advisor read it: the same [`ResultSet`] is
//! made of a run, of other programs' files and of what the page asked itself.
//!
//! ```text
//! run | files | page --ResultSet--> means, gap, depths, comparison, series, gate --> pages, report, advise
//! ```

pub mod compare;
pub mod conclude;
mod depths;
pub mod figures;
mod gap;
pub mod gate;
mod longbench;
mod means;
pub mod report;
mod rows;
mod run;
pub mod series;
mod set;
#[cfg(test)]
mod testing;
mod variant;

pub use crate::score::places::Part;
pub use compare::{Compared, Comparison, Plan, Subject, compare};
pub use depths::DepthBin;
pub use gap::{Gap, Hops};
pub use longbench::Questions;
pub use means::Means;
pub use rows::{Gathered, setting_of_file};
pub use run::of_run;
pub use set::{About, Cell, Origin, QuestionTags, ResultSet, SampleScore};
pub use variant::{variant, variant_of_setting};
