//! Holm's correction over groups of tests that share the level, and how to reproduce it by hand.

use std::collections::BTreeMap;

use crate::numbers::count;
use crate::stats::adjust::weighted_holm;

/// A group of tests with equal shares of the level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum TestGroup {
    /// Rows of a whole length, or of all questions.
    Whole,
    /// Rows of single needles at longer lengths, in a series.
    Needles,
    /// Rows of a category, or of a group of questions.
    Part,
    /// Cells; in a series, the tracked ones.
    Cell,
    /// Cells that a series does not track.
    Elsewhere,
}

/// The share of the level of the groups that are tested second; those tested first have the rest.
const SECOND: f64 = 0.2;

impl TestGroup {
    fn is_second(self) -> bool {
        matches!(self, Self::Part | Self::Elsewhere)
    }

    fn is_row(self) -> bool {
        matches!(self, Self::Whole | Self::Needles | Self::Part)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Whole => "rows of a whole length or of all questions",
            Self::Needles => "rows of single needles at longer lengths",
            Self::Part => "rows of a category or a group of questions",
            Self::Cell => "tracked cells",
            Self::Elsewhere => "other cells",
        }
    }
}

/// Tests that are corrected together, by number and group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct TestFamily(BTreeMap<TestGroup, usize>);

impl FromIterator<TestGroup> for TestFamily {
    fn from_iter<T: IntoIterator<Item = TestGroup>>(all: T) -> Self {
        let mut groups = BTreeMap::new();
        for group in all {
            *groups.entry(group).or_default() += 1;
        }
        Self(groups)
    }
}

impl TestFamily {
    /// The share of the level that a group has as a whole.
    ///
    /// # Formula
    /// Four fifths for the groups that are tested first, equally, and one fifth for the others; all
    /// of it where only one kind is there.
    fn whole_share(&self, group: TestGroup) -> f64 {
        let kinds = |second| {
            let kinds = self.0.keys().filter(|other| other.is_second() == second);
            kinds.count() as f64
        };
        let (same, others) = (kinds(group.is_second()), kinds(!group.is_second()));
        let kind = match group.is_second() {
            _ if others == 0.0 => 1.0,
            true => SECOND,
            false => 1.0 - SECOND,
        };
        kind / same
    }

    /// The share of the level that one test of the group has.
    pub(super) fn share(&self, group: TestGroup) -> f64 {
        let number = self.0.get(&group).copied().unwrap_or(1);
        self.whole_share(group) / number as f64
    }

    /// The adjusted p-values, by [`weighted_holm`].
    pub(super) fn adjusted(&self, tests: &[(f64, TestGroup)]) -> Vec<f64> {
        let tests = tests.iter().map(|(p, group)| (*p, self.share(*group)));
        weighted_holm(&tests.collect::<Vec<_>>())
    }

    fn number(&self) -> usize {
        self.0.values().sum()
    }

    /// `tracked cells 80% (16), other cells 20% (10)`; `None` if all tests have equal shares.
    fn shares(&self) -> Option<String> {
        let each = self.0.iter().map(|(group, number)| {
            let percent = (self.whole_share(*group) * 100.0).round();
            format!("{} {percent}% ({})", group.name(), count(*number as u64))
        });
        (self.0.len() > 1).then(|| each.collect::<Vec<_>>().join(", "))
    }
}

/// Explains the p-value of a row that combines several cells.
const POOLED: &str = "For a row that combines several cells, p is twice the smaller of two p-values: one for their mean, and one for a mean that gives more weight to cells whose pairs vary less. It can therefore exceed 0.05 even though the interval excludes 0.";

/// How to reproduce a corrected p-value with shares.
const BY_HAND: &str = "The tests of a group divide its share equally. To reproduce a corrected p-value, divide each p by its own share, sort by that quotient, and multiply each by the shares that it and all later tests have together; it is never below the one before it, and at most 1.";

/// Over how many rows and cells p-values are corrected, with which shares of the level. Empty if
/// nothing was tested.
pub(super) fn told(all: impl IntoIterator<Item = TestGroup>) -> String {
    let (rows, cells): (Vec<TestGroup>, Vec<TestGroup>) =
        all.into_iter().partition(|group| group.is_row());
    let families = [rows, cells].map(TestFamily::from_iter);
    let [rows, cells] = families.each_ref().map(TestFamily::number);
    let over = [
        (rows > 0).then(|| over(rows, "row that combines cells", "rows that combine cells")),
        (cells > 0).then(|| over(cells, "cell", "cells")),
    ];
    let over: Vec<String> = over.into_iter().flatten().collect();
    if over.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "“Corrected” p-values use Holm’s method, over {}.",
        over.join(" and, separately, over ")
    );
    let shares = families.iter().filter_map(TestFamily::shares);
    let shares: Vec<String> = shares.collect();
    if !shares.is_empty() {
        text.push_str(&format!(
            " Shares of the level: {}. {BY_HAND}",
            shares.join("; ")
        ));
    }
    if rows > 0 {
        text.push(' ');
        text.push_str(POOLED);
    }
    text
}

fn over(number: usize, one: &str, several: &str) -> String {
    match number {
        1 => format!("the one {one}"),
        2 => format!("both {several}"),
        number => format!("all {number} {several}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrected_p_follows_from_what_the_sentence_says() {
        use TestGroup::{Cell, Needles, Part, Whole};
        let tests = [(0.9, Whole), (0.0078, Needles), (0.3, Part), (0.5, Part)];
        let family: TestFamily = tests.iter().map(|(_, group)| *group).collect();
        let told = told(tests.iter().map(|(_, group)| *group).chain([Cell; 3]));
        assert!(
            told.starts_with("“Corrected” p-values use Holm’s method, over all 4 rows that combine cells and, separately, over all 3 cells. Shares of the level: rows of a whole length or of all questions 40% (1), rows of single needles at longer lengths 40% (1), rows of a category or a group of questions 20% (2). The tests of a group divide"),
            "{told}"
        );
        // By hand: 0.0078 ÷ 40% × 100%, then 0.9 ÷ 40% is smaller than 0.3 ÷ 10%.
        let adjusted = family.adjusted(&tests);
        assert!((adjusted[1] - 0.0195).abs() < 1e-9, "{adjusted:?}");
        assert_eq!((adjusted[0], adjusted[2], adjusted[3]), (1.0, 1.0, 1.0));
    }

    #[test]
    fn without_needles_lengths_have_four_fifths_and_one_kind_has_all() {
        let family = |all: &[TestGroup]| all.iter().copied().collect::<TestFamily>();
        let both = family(&[TestGroup::Whole, TestGroup::Part, TestGroup::Part]);
        assert!((both.share(TestGroup::Whole) - 0.8).abs() < 1e-12);
        assert!((both.share(TestGroup::Part) - 0.1).abs() < 1e-12);
        let parts = family(&[TestGroup::Part; 4]);
        assert!((parts.share(TestGroup::Part) - 0.25).abs() < 1e-12);
        assert_eq!(
            told([TestGroup::Cell; 2]),
            "“Corrected” p-values use Holm’s method, over both cells."
        );
        assert_eq!(told([]), "");
    }
}
