//! What was measured, as pages, reports, gates and the advisor read it: the same [`ResultSet`] is
//! made of a run, of other programs' files and of what the page asked itself.
//!
//! ```text
//! run | files | page --ResultSet--> means, gap, depths, comparison, series, gate --> pages, report, advise
//! ```

mod category;
mod set;

pub use category::Category;
pub use set::{About, Cell, Origin, Part, QuestionTags, ResultSet, SampleScore};
