//! What exporters share: who answered, when, and the scores they write.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::row::EvalRow;
use crate::score::{ruler, score};
use crate::task::Metric;

/// What rows do not say and the files of other programs want to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportInfo {
    /// The model's name.
    pub model: String,
    /// The metric of tasks that are not RULER's.
    pub metric: Option<Metric>,
    /// The metrics of tasks by their names, where they are known; these go first.
    pub metrics: BTreeMap<String, Metric>,
    /// When the rows were written.
    pub at: UnixSeconds,
}

/// Seconds since 1970, UTC. Handed in: no clock is read here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnixSeconds(pub u32);

impl UnixSeconds {
    /// `2026-11-25T07:31:07+00:00`.
    pub fn iso(self) -> String {
        let (days, second) = (i64::from(self.0 / 86_400), self.0 % 86_400);
        // Days to year, month, day: Howard Hinnant, "chrono-compatible low-level date algorithms".
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
    }

    /// The same for a file's name: `2026-11-25T07-31-07`.
    pub(super) fn in_name(self) -> String {
        self.iso().replace(':', "-").chars().take(19).collect()
    }
}

impl ExportInfo {
    /// The metric of a row's task.
    pub(super) fn metric(&self, row: &EvalRow) -> Option<Metric> {
        let known = self.metrics.get(&row.task).copied();
        known.or_else(|| ruler::metric(&row.task)).or(self.metric)
    }

    /// Our score of a row; a failure has none, nor has a task without a metric.
    pub(super) fn score(&self, row: &EvalRow) -> Option<f64> {
        let text = row.answer.text()?;
        Some(score(self.metric(row)?, text, &row.references).value)
    }
}

/// A metric's name in the field.
pub(super) fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::StringMatchAll => "string_match_all",
        Metric::StringMatchPart => "string_match_part",
        Metric::Letter => "letter",
    }
}

/// Mean and its standard error, `sd / sqrt(n)` with `n - 1` in the variance; the error needs two.
pub(super) fn mean_and_error(values: &[f64]) -> Option<(f64, Option<f64>)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let error = (values.len() > 1).then(|| (squares / (n - 1.0) / n).sqrt());
    (!values.is_empty()).then_some((mean, error))
}

/// SHA-256 of a text, in hex.
pub(super) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The right-hand sides are what `datetime.fromtimestamp(n, UTC).isoformat()` gives.
    #[test]
    fn dates_are_python_s() {
        let cases = [
            (0, "1970-01-01T00:00:00+00:00"),
            (951_827_696, "2000-02-29T12:34:56+00:00"),
            (1_795_591_867, "2026-11-25T07:31:07+00:00"),
            (u32::MAX, "2106-02-07T06:28:15+00:00"),
        ];
        for (seconds, iso) in cases {
            assert_eq!(UnixSeconds(seconds).iso(), iso);
        }
        assert_eq!(UnixSeconds(1_795_591_867).in_name(), "2026-11-25T07-31-07");
    }

    #[test]
    fn the_error_of_a_mean_needs_two_values() {
        assert_eq!(mean_and_error(&[]), None);
        assert_eq!(mean_and_error(&[0.5]), Some((0.5, None)));
        let (mean, error) = mean_and_error(&[1.0, 0.0, 0.0]).unwrap();
        assert!((mean - 1.0 / 3.0).abs() < 1e-15);
        // What inspect_ai 0.3.285 writes for C, I, I.
        assert!((error.unwrap() - 0.333_333_333_333_333_37).abs() < 1e-15);
    }
}
