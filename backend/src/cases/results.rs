//! Other programs' result files.

use std::path::Path;

use super::HostileCase;
use crate::cli::scored;

pub(super) const ALL: &[HostileCase] = &[
    ("inspect-id-with-slash.eval", |path| {
        comes_to(path, 3, 66.67);
    }),
    ("inspect-limit.eval", |path| comes_to(path, 1, 100.0)),
    ("inspect-log.json", |path| comes_to(path, 3, 66.67)),
    ("lm-eval-thinking", |path| comes_to(path, 1, 0.0)),
    ("surrogate", |path| comes_to(path, 2, 100.0)),
];

fn comes_to(path: &Path, n: usize, percent: f64) {
    let got = scored(path);
    assert_eq!((got.n, got.percent), (n, percent), "{}", got.said);
    // The file's own score equals ours, and no row is missing.
    assert!(!got.said.contains("the file says"), "{}", got.said);
    assert!(!got.said.contains("missing"), "{}", got.said);
}
