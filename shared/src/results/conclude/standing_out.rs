//! What stands out although it is not shown: a change that would count if it had been tested alone,
//! but may be chance among many tests.

use super::difference_text::{NAMED, moved};
use crate::numbers::counted;
use crate::results::SubjectComparison;
use crate::results::figures::basis;
use crate::results::series::CellChange;
use crate::stats::Estimate;
use crate::tokens::Tokens;

/// A row or a cell that stands out.
pub(super) struct StandingOut {
    name: String,
    sides: [Estimate; 3],
    basis: String,
    moved: Option<(u32, u32)>,
    p: f64,
    more: Option<u32>,
    length: Option<Tokens>,
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
            length: one.subject.length(),
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
            length: change.subject.length(),
        }
    }
}

impl StandingOut {
    /// Whether fewer than one such change is expected by chance among `tests`.
    pub(super) fn is_rare(&self, tests: usize) -> bool {
        self.p * (tests as f64) < 1.0
    }

    /// Whether a row shows more than each of these cells at its length: then it says more than they do.
    pub(super) fn shows_more(&self, cells: &[Self]) -> bool {
        let mut here = cells.iter().filter(|cell| cell.length == self.length);
        here.all(|cell| self.p < cell.p)
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name
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

/// Changes of one kind that stand out, with the number of tests of that kind that are corrected
/// together.
pub(super) struct StandingKind {
    pub all: Vec<StandingOut>,
    pub tests: usize,
    pub what: &'static str,
}

/// ` What stands out: …. Taken alone …`, kind by kind, the largest first, with the number of tests that
/// are corrected together; empty if nothing stands out.
pub(super) fn told(kinds: &[StandingKind]) -> String {
    let kinds = || kinds.iter().filter(|kind| !kind.all.is_empty());
    let all = kinds().flat_map(|kind| {
        let mut all: Vec<&StandingOut> = kind.all.iter().collect();
        all.sort_by(|a, b| b.size().total_cmp(&a.size()));
        all
    });
    let all: Vec<&StandingOut> = all.collect();
    let (Some(first), Some(last)) = (all.first(), kinds().last()) else {
        return String::new();
    };
    let mut named: Vec<String> = all.iter().take(NAMED).map(|one| one.told()).collect();
    if all.len() > NAMED {
        let more = (all.len() - NAMED) as u64;
        named.push(counted(more, &format!("more {}", last.what)));
    }
    let tests: usize = kinds().map(|kind| kind.tests).sum();
    let tested = kinds().map(|kind| counted(kind.tests as u64, kind.what));
    let tested = tested.collect::<Vec<_>>().join(" and ");
    let why = match (tests, all.len()) {
        (1, _) => {
            "Its interval excludes 0, but the test, which is stricter, does not show it".to_owned()
        }
        (_, 1) => {
            format!("Taken alone it would count, but with {tested} tested it may be chance")
        }
        _ => {
            format!("Taken alone each would count, but with {tested} tested some may be chance")
        }
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
