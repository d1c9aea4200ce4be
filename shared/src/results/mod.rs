//! Results as pages, reports, gates and the advisor read them: the same [`ResultSet`] is made from
//! a run, from other programs' files and from answers given in the page.
//!
//! ```text
//! run | files | page --ResultSet--> means, gap, depths, comparison, series, gate --> pages, report, advise
//! ```

pub mod compare; // compares two result sets sample by sample
pub mod conclude; // the conclusion of a comparison, a series or a set, in words
mod correction; // corrects p-values for the number of tests, and says how
mod depths; // scores by depth in the text
pub mod exported; // exports a run's rows to other programs' formats
pub mod figures; // results as charts, with their descriptions
mod gap; // the gap between finding a needle and following references or counting
pub mod gate; // sign-off gates: policies of checks
mod length_text; // a length as it stands in sentences
mod longbench; // LongBench v2 by group, and the gain of thinking first
mod means; // means of cells, tasks and categories
pub mod report; // the HTML report, a single self-contained file
mod rows; // builds result sets from files
mod run; // builds a result set from a run's rows
pub mod series; // a series of checkpoints against a baseline
mod set; // a result set: one model's scores from one source
#[cfg(test)]
mod testing;
mod variant; // names the options that set a cell apart

pub use crate::score::answer_parts::AnswerPart;
pub use compare::{
    Comparison, ComparisonPlan, ComparisonSubject, MarginOutcome, SubjectComparison, compare,
};
pub use depths::DepthBin;
pub use gap::{MultiHopGap, NeedleGap};
pub(crate) use length_text::length_text;
pub use longbench::QuestionGroups;
pub use means::CellMeans;
pub use rows::{ResultSetBuilder, setting_of_file};
pub use run::of_run;
pub use set::{QuestionTags, ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore};
pub use variant::{variant, variant_of_setting};
