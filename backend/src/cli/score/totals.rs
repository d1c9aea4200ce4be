//! Compares lm-evaluation-harness's own totals with ours.

use std::path::Path;

use fathom_shared::formats::lm_eval::{ReportedMetric, read_results};
use fathom_shared::formats::{EvalRow, RowAnswer};
use fathom_shared::score::{ruler, score};
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;

use crate::named_file;

/// Totals that differ by more than this disagree; less is rounding.
const ROUNDING: f64 = 5e-5;
/// The largest results file that is read; that program's own are a few kilobytes.
const LARGEST: u64 = 64 << 20;

/// One sentence for each total in the results file at `path` that differs from ours over `rows`,
/// the samples of one task beside it. `other` scores tasks that are not RULER's. Scores stated in
/// the rows themselves are compared row by row and not reported here again.
pub(super) fn differing(path: &Path, rows: &[EvalRow], other: Option<Metric>) -> Vec<String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let read = named_file::read(path, LARGEST).map_err(|error| error.to_string());
    let read = read.and_then(|bytes| read_results(&bytes).map_err(|error| error.to_string()));
    let reported = match read {
        Ok(results) => results.reported,
        Err(error) => return vec![format!("`{name}`: its totals are not compared: {error}")],
    };
    let alone = |one: &&ReportedMetric| {
        let same = |two: &&ReportedMetric| two.task == one.task && two.metric == one.metric;
        reported.iter().filter(same).count() == 1
    };
    let told = reported.iter().filter(alone);
    told.filter_map(|one| difference(&name, one, rows, other))
        .collect()
}

fn difference(
    name: &str,
    reported: &ReportedMetric,
    rows: &[EvalRow],
    other: Option<Metric>,
) -> Option<String> {
    let ReportedMetric {
        task,
        metric,
        value,
        ..
    } = reported;
    // -1 marks a length at which the task was not run.
    if !(0.0..=1.0).contains(value) {
        return None;
    }
    let length = metric.parse().ok().map(Tokens);
    let (mut ours, mut theirs, mut n) = (0.0, Some(0.0), 0_u32);
    for row in rows.iter().filter(|row| row.task == *task) {
        let said = row.stated.get(metric);
        let counts = match length {
            Some(length) => row.length == Some(length),
            None => said.is_some(),
        };
        let RowAnswer::Text(text) = &row.answer else {
            continue;
        };
        if counts {
            let metric = ruler::metric(&row.task).or(other)?;
            ours += score(metric, text, &row.references).value;
            theirs = theirs.zip(said).map(|(sum, said)| sum + said);
            n += 1;
        }
    }
    let near = |sum: f64| (sum / f64::from(n) - value).abs() <= ROUNDING;
    if n == 0 || near(ours) || theirs.is_some_and(near) {
        return None;
    }
    let rows = if n == 1 { "row" } else { "rows" };
    Some(format!(
        "`{metric}` of {task}: the file says {:.2} in all (`{name}`), ours is {:.2} over {n} {rows}",
        value * 100.0,
        ours / f64::from(n) * 100.0
    ))
}
