//! lm-evaluation-harness: `samples_{task}_{time}.jsonl` and `results_{time}.json`.
//!
//! Checked against files of version 0.4.13. Only tasks that generate text are read: a
//! log-likelihood is no answer that could be scored again.

mod results; // reads results files
mod samples; // reads samples files
mod write; // writes samples and results files

pub use results::{LmEvalResults, ReportedMetric, read_results};
pub use samples::{read, task_of_file};
pub use write::write;

use crate::task::{TASKS, find};

/// A task's name in RULER.
fn to_ruler(task: &str) -> &str {
    let mut known = TASKS.iter();
    let known = known.find(|one| one.lm_eval_name() == task);
    known.map_or(task, |one| one.id())
}

/// A task's name in lm-evaluation-harness.
fn from_ruler(task: &str) -> &str {
    find(task).map_or(task, |known| known.lm_eval_name())
}

#[cfg(test)]
mod tests;
