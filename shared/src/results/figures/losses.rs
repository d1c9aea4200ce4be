//! Describes in words what checkpoints lost; page, report and command line use the same words.

use crate::numbers::counted;
use crate::results::series::CellChange;

/// The conclusion of the tests about a change. That no loss is shown does not prove that there is
/// none.
pub fn verdict(change: &CellChange) -> &'static str {
    match (change.degraded, change.suspect) {
        (true, _) => "lost",
        (false, true) => "may be lost",
        (false, false) => "no loss shown",
    }
}

/// The basis of a change: `50 pairs`, `100 answers, not paired`.
pub fn basis(change: &CellChange) -> String {
    match change.paired {
        true => counted(change.n.into(), "pair"),
        false => format!("{}, not paired", counted(change.n.into(), "answer")),
    }
}
