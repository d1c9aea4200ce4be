//! The vanilla needle test.

use super::Row;
use super::cases::{chains_lost, needle_only};
use crate::advise::Step;

pub(super) fn rows() -> Vec<Row> {
    vec![
        ("vanilla.needle_only", Step::ReasonLonger, needle_only()),
        (
            "vanilla.needle_disagrees",
            Step::ContinuePretraining,
            chains_lost(),
        ),
    ]
}
