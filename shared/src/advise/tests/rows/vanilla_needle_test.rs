//! The vanilla needle test.

use super::Row;
use super::cases::{chains_lost, needle_only};
use crate::advise::AdaptationStep;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "vanilla.needle_only",
            AdaptationStep::ReasonLonger,
            needle_only(),
        ),
        (
            "vanilla.needle_disagrees",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
    ]
}
