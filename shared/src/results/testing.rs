//! Result sets for tests.

use super::{ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore};
use crate::formats::RowId;
use crate::task::Metric;
use crate::tokens::Tokens;

pub(super) fn set(cells: Vec<ResultCell>) -> ResultSet {
    let about = ResultSetInfo {
        name: "test".to_owned(),
        model: "m".to_owned(),
        origin: ResultOrigin::Page,
    };
    ResultSet::new(about, cells)
}

pub(super) fn cell(task: &str, length: u32, scores: &[Option<f64>]) -> ResultCell {
    let sample = |(id, score): (i64, &Option<f64>)| SampleScore {
        id: RowId::Number(id),
        score: *score,
        blank: false,
        parts: Vec::new(),
        cluster: None,
        question: None,
        place: None,
    };
    ResultCell {
        samples: (0..).zip(scores).map(sample).collect(),
        ..ResultCell::new(task, Some(Tokens(length)), "", Metric::StringMatchAll)
    }
}

/// `n` samples, of which the first `right` are right.
pub(super) fn share(task: &str, length: u32, right: usize, n: usize) -> ResultCell {
    let scores: Vec<_> = (0..n)
        .map(|i| Some(f64::from(u8::from(i < right))))
        .collect();
    cell(task, length, &scores)
}
