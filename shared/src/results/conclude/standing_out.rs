//! What stands out although it is not shown: a change that would count if it had been tested alone,
//! but may be chance among many tests.

use super::difference_text::{NAMED, moved};
use crate::numbers::counted;
use crate::results::SubjectComparison;
use crate::results::figures::basis;
use crate::results::series::CellChange;
use crate::stats::Estimate;

/// A row or a cell that stands out.
pub(super) struct StandingOut {
    name: String,
    sides: [Estimate; 3],
    basis: String,
    moved: Option<(u32, u32)>,
    p: f64,
    more: Option<u32>,
}

impl From<&SubjectComparison> for StandingOut {
    fn from(one: &SubjectComparison) -> Self {
        let paired = one.paired;
        Self {
            name: one.subject.to_string(),
            sides: [paired.first, paired.second, paired.difference],
            basis: super::difference_text::pairs(one),
            moved: Some((paired.gained, paired.lost)),
            p: paired.p,
            more: one.more,
        }
    }
}

impl From<&CellChange> for StandingOut {
    fn from(change: &CellChange) -> Self {
        Self {
            name: change.cell.clone(),
            sides: [change.before, change.after, change.difference],
            basis: basis(change),
            moved: change.moved,
            p: change.p,
            more: change.more,
        }
    }
}

impl StandingOut {
    /// Whether fewer than one such change is expected by chance among `tests`.
    pub(super) fn is_rare(&self, tests: usize) -> bool {
        self.p * (tests as f64) < 1.0
    }

    fn size(&self) -> f64 {
        self.sides[2].value.abs()
    }

    /// `vt at 4K fell by 35.0 points (100.0 to 65.0; 95% 12.7 to 55.5, 20 pairs: 7 worse, none
    /// better)`.
    fn told(&self) -> String {
        let verb = match self.sides[2].value < 0.0 {
            true => "fell",
            false => "rose",
        };
        let number = |number: u32| match number {
            0 => "none".to_owned(),
            number => number.to_string(),
        };
        let basis = match self.moved {
            Some((better, worse)) => format!(
                "{}: {} worse, {} better",
                self.basis,
                number(worse),
                number(better)
            ),
            None => self.basis.clone(),
        };
        moved(&format!("{} {verb}", self.name), self.sides, &basis)
    }
}

/// ` What stands out: …. Taken alone …`, the largest first, with `tests` corrected together, each
/// called `what`; empty if nothing stands out.
pub(super) fn told(all: &[StandingOut], (tests, what): (usize, &str)) -> String {
    let mut all: Vec<&StandingOut> = all.iter().collect();
    all.sort_by(|a, b| b.size().total_cmp(&a.size()));
    let Some(first) = all.first() else {
        return String::new();
    };
    let mut named: Vec<String> = all.iter().take(NAMED).map(|one| one.told()).collect();
    if all.len() > NAMED {
        named.push(counted((all.len() - NAMED) as u64, &format!("more {what}")));
    }
    let why = match (tests, all.len()) {
        (1, _) => {
            "Its interval excludes 0, but the test, which is stricter, does not show it".to_owned()
        }
        (_, 1) => format!(
            "Taken alone it would count, but with {} tested it may be chance",
            counted(tests as u64, what)
        ),
        _ => format!(
            "Taken alone each would count, but with {} tested some may be chance",
            counted(tests as u64, what)
        ),
    };
    let more = match (first.more, all.len()) {
        (None, _) => "more samples there would tell".to_owned(),
        (Some(more), 1) => format!(
            "about {} there would tell",
            counted(more.into(), "more sample")
        ),
        (Some(more), _) => format!(
            "about {} of {} would tell whether its change is real",
            counted(more.into(), "more sample"),
            first.name
        ),
    };
    format!(" What stands out: {}. {why}; {more}.", named.join("; "))
}
