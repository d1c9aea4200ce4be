//! Reading results.

use serde_json::Value;

use super::to_ruler;
use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, unexpected};

/// What a results file states.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LmEvalResults {
    /// The model that answered.
    pub model: Option<String>,
    /// Every number of every task.
    pub reported: Vec<ReportedMetric>,
    /// What could not be carried.
    pub report: LossReport,
}

/// One number of one task.
#[derive(Clone, PartialEq, Debug)]
pub struct ReportedMetric {
    /// The task, in RULER's spelling where it is RULER's.
    pub task: String,
    /// The metric; for RULER's tasks a length.
    pub metric: String,
    /// The filter of the answers.
    pub filter: String,
    /// The value.
    pub value: f64,
    /// Its standard error, where it is a number.
    pub stderr: Option<f64>,
    /// Samples, of all lengths together.
    pub samples: Option<u64>,
}

/// Reads `results_{time}.json`.
///
/// # Errors
/// A file that is no results file, with the field.
pub fn read_results(bytes: &[u8]) -> Result<LmEvalResults, FormatError> {
    results(bytes).map_err(FormatProblem::in_file)
}

fn results(bytes: &[u8]) -> Result<LmEvalResults, FormatProblem> {
    let mut file = JsonObject::parse(bytes)?;
    let mut out = LmEvalResults {
        model: file.opt_string("model_name")?,
        ..LmEvalResults::default()
    };
    let tasks = match file.take("results") {
        Some(Value::Object(tasks)) => tasks,
        other => {
            return Err(unexpected(
                "results".to_owned(),
                other.as_ref(),
                "an object",
            ));
        }
    };
    let counts = file.take("n-samples").unwrap_or_default();
    for (task, numbers) in tasks {
        let Value::Object(numbers) = numbers else {
            return Err(unexpected(
                format!("results.{task}"),
                Some(&numbers),
                "an object",
            ));
        };
        let samples = counts
            .get(&task)
            .and_then(|count| count.get("effective")?.as_u64());
        for (name, value) in &numbers {
            let Some((metric, filter)) = name.split_once(',') else {
                continue;
            };
            if metric.ends_with("_stderr") {
                continue;
            }
            let Some(value) = value.as_f64() else {
                out.report.note(name, "a number that is none");
                continue;
            };
            let stderr = numbers.get(&format!("{metric}_stderr,{filter}"));
            out.reported.push(ReportedMetric {
                task: to_ruler(&task).to_owned(),
                metric: metric.to_owned(),
                filter: filter.to_owned(),
                value,
                stderr: stderr.and_then(Value::as_f64),
                samples,
            });
        }
    }
    file.note_rest(&mut out.report, "about the run; not kept");
    Ok(out)
}
