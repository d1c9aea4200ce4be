//! lm-evaluation-harness: `samples_{task}_{time}.jsonl` and `results_{time}.json`.
//!
//! Checked against files of version 0.4.13. Only tasks that generate text are read: a
//! log-likelihood is no answer that could be scored again.

mod results; // reading results
mod samples; // reading samples
mod write; // writing samples and results

pub use results::{LmEvalResults, ReportedMetric, read_results};
pub use samples::{read, task_of_file};
pub use write::write;

/// RULER's tasks under other names there.
const NAMES: [(&str, &str); 5] = [
    ("ruler_vt", "vt"),
    ("ruler_cwe", "cwe"),
    ("ruler_fwe", "fwe"),
    ("ruler_qa_squad", "qa_1"),
    ("ruler_qa_hotpot", "qa_2"),
];

/// A task's name in RULER.
fn to_ruler(task: &str) -> &str {
    NAMES
        .iter()
        .find(|(theirs, _)| *theirs == task)
        .map_or(task, |(_, ruler)| ruler)
}

/// A task's name in lm-evaluation-harness.
fn from_ruler(task: &str) -> &str {
    NAMES
        .iter()
        .find(|(_, ruler)| *ruler == task)
        .map_or(task, |(theirs, _)| theirs)
}

#[cfg(test)]
mod tests;
