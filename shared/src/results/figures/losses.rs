//! The words for what checkpoints lost; page, report and command line say the same.

use crate::numbers::counted;
use crate::results::series::CellChange;

/// What the tests say of a change. That no loss is shown does not show that there is none.
pub fn verdict(change: &CellChange) -> &'static str {
    if change.degraded {
        "lost"
    } else {
        "no loss shown"
    }
}

/// What a change rests on: `50 pairs`, `100 answers, not paired`.
pub fn basis(change: &CellChange) -> String {
    match change.paired {
        true => counted(change.n.into(), "pair"),
        false => format!("{}, not paired", counted(change.n.into(), "answer")),
    }
}
