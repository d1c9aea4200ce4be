//! What was measured, as pages, reports, gates and the advisor read it: the same [`ResultSet`] is
//! made of a run, of other programs' files and of what the page asked itself.
//!
//! ```text
//! run | files | page --ResultSet--> means, gap, depths, comparison, series, gate --> pages, report, advise
//! ```

pub mod compare; // two sets sample by sample
pub mod conclude; // what a comparison
mod depths; // where in the text things are found
pub mod exported; // a run's rows as other programs' files
pub mod figures; // what was measured, as charts and their words
mod gap; // the gap between finding a needle and following references or counting
pub mod gate; // a gate
mod longbench; // LongBench v2 by group, and what thinking first is worth
mod means; // what cells come to
pub mod report; // result sets as one HTML file that needs nothing else
mod rows; // result sets out of files
mod run; // a result set out of a run's rows
pub mod series; // checkpoints of one model against a baseline
mod set; // one model's scores from one place
#[cfg(test)]
mod testing;
mod variant; // the options that make a cell another cell, as one word

pub use crate::score::answer_parts::AnswerPart;
pub use compare::{
    Comparison, ComparisonPlan, ComparisonSubject, MarginOutcome, SubjectComparison, compare,
};
pub use depths::DepthBin;
pub use gap::{MultiHopGap, NeedleGap};
pub use longbench::QuestionGroups;
pub use means::CellMeans;
pub use rows::{ResultSetBuilder, setting_of_file};
pub use run::of_run;
pub use set::{QuestionTags, ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore};
pub use variant::{variant, variant_of_setting};
