//! The conclusion of a comparison, a series or a set, in a sentence that can be quoted. Command
//! line, page and report begin with the same words.

mod difference_text; // differences in words
mod open; // a comparison that shows no difference
mod standing_out; // what stands out although it is not shown
mod track; // a series of checkpoints

use super::ResultSet;
use super::compare::{Comparison, SubjectComparison};
use crate::stats::lengths::RULER_THRESHOLD;
use crate::stats::paired::PairedDifference;
use difference_text::{by, listed, moved, pairs};

pub use super::compare::corrected;
pub use super::series::corrected as corrected_series;
pub use track::series;

/// The conclusion of a comparison: worse, better, both or neither, and by how much. A difference
/// counts if its adjusted p-value is at most `alpha`; `margin`, a fraction, is the difference that
/// matters.
///
/// # Example
/// `c5 is worse than base. Lost: vt at 4K by 92.8 points (92.8 to 0.0; 95% 87.8 to 95.0, 50 pairs);
/// RULER at 4K by 7.9 points (95% 6.3 to 9.6, 650 pairs).`
pub fn comparison(of: &Comparison, alpha: f64, margin: Option<f64>) -> String {
    let (first, second) = (&of.first.name, &of.second.name);
    if of.cells.is_empty() {
        return format!(
            "{first} and {second} have no samples in common, so they cannot be compared."
        );
    }
    let shown = |one: &&SubjectComparison| one.holm <= alpha;
    let worse = |one: &&SubjectComparison| one.paired.difference.value < 0.0;
    let (rows, cells) = (|| of.rows().filter(shown), || of.cells.iter().filter(shown));
    let (lost, gained) = (
        rows().any(|one| worse(&one)) || cells().any(|one| worse(&one)),
        rows().any(|one| !worse(&one)) || cells().any(|one| !worse(&one)),
    );
    let mut text = match (lost, gained) {
        (true, false) => format!("{second} is worse than {first}"),
        (false, true) => format!("{second} is better than {first}"),
        (true, true) => {
            format!("{second} is worse than {first} in some parts and better in others")
        }
        (false, false) => return open::told(of, alpha, margin),
    };
    text.push('.');
    for (what, down) in [("Lost", true), ("Gained", false)] {
        let mut cells: Vec<&SubjectComparison> = cells().filter(|one| worse(one) == down).collect();
        let size = |one: &SubjectComparison| one.paired.difference.value.abs();
        cells.sort_by(|a, b| size(b).total_cmp(&size(a)));
        let cells = cells.into_iter().map(|one| {
            let PairedDifference {
                first,
                second,
                difference,
                ..
            } = one.paired;
            moved(
                &one.subject.to_string(),
                [first, second, difference],
                &pairs(one),
            )
        });
        let rows: Vec<&SubjectComparison> = rows().filter(|one| worse(one) == down).collect();
        let wholes = rows.iter().filter(|one| !one.subject.is_part());
        let mut wholes: Vec<String> = wholes.map(|one| row(one)).collect();
        if wholes.is_empty() {
            wholes = rows.into_iter().map(row).collect();
        }
        text.push_str(&listed(what, &cells.collect::<Vec<_>>(), &wholes));
    }
    text
}

/// The effective length of a set, in a sentence; `None` without any of RULER's tasks.
pub fn reach(set: &ResultSet) -> Option<String> {
    let found = set.effective_length(RULER_THRESHOLD);
    found.measured?;
    let (name, words) = (&set.about.name, found.words());
    Some(format!(
        "{name}: effective length at RULER’s threshold of {RULER_THRESHOLD}: {words}."
    ))
}

fn row(one: &SubjectComparison) -> String {
    format!("{} {}", one.subject, by(one.paired.difference, &pairs(one)))
}

#[cfg(test)]
mod tests;
