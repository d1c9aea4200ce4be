//! A comparison that shows no difference: what stands out, and how large a difference may still be.

use super::difference_text::{counted_points, pairs, plain, single};
use super::standing_out::{self, StandingKind, StandingOut};
use crate::results::compare::{Comparison, SubjectComparison};
use crate::stats::Estimate;

pub(super) fn told(of: &Comparison, alpha: f64, margin: Option<f64>) -> String {
    let (first, second) = (&of.first.name, &of.second.name);
    let wholes = of.rows().filter(|one| !one.subject.is_part());
    let wholes: Vec<&SubjectComparison> = wholes.collect();
    let cells: Vec<&SubjectComparison> = of.cells.iter().collect();
    let (all, others) = match wholes.is_empty() {
        true => (&cells, &wholes),
        false => (&wholes, &cells),
    };
    let kinds = standing(of, alpha);
    let suspects = standing_out::told(&kinds);
    // Whether chance alone would seldom give one of them.
    let numbers = [of.rows().count(), of.cells.len()];
    let mut numbered = kinds.iter().zip(numbers);
    let is_rare = numbered.any(|(kind, tests)| kind.all.iter().any(|one| one.is_rare(tests)));
    // A row that stands out is not told twice.
    let is_told = |one: &SubjectComparison| {
        let name = one.subject.to_string();
        kinds[0].all.iter().any(|row| row.is_named(&name))
    };
    let others_of_all = all.iter().copied().filter(|one| !is_told(one));
    let others_of_all: Vec<&SubjectComparison> = others_of_all.collect();
    let Some(most) = widest(&others_of_all).or_else(|| widest(all)) else {
        return format!("No difference between {first} and {second} is shown.");
    };
    let found = most.paired.difference;
    let row = format!("{} changed by {}", most.subject, plain(found, &pairs(most)));
    let rest = widest(others)
        .filter(|one| far(one.paired.difference) > far(found) && !one.is_suspect(alpha))
        .map_or_else(String::new, |one| {
            let told = plain(one.paired.difference, &pairs(one));
            single(&one.subject.to_string(), &told)
        });
    let matters = margin.map(|margin| counted_points(margin * 100.0));
    let within = all.iter().all(|one| one.is_within(alpha) == Some(true));
    if let (Some(matters), true) = (&matters, within) {
        let over = match suspects.is_empty() {
            true => "",
            false => "On average, ",
        };
        return format!(
            "{over}{second} is as good as {first} to within {matters}: {row}.{suspects}{rest}"
        );
    }
    let than = matters.map_or_else(String::new, |matters| format!("; {matters} would matter"));
    let so = match far(found).is_finite() {
        true => format!("one of up to {:.1} points there is", far(found) * 100.0),
        false => "one of any size there is".to_owned(),
    };
    match is_rare {
        false => format!(
            "No difference between {first} and {second} is shown; {row}, so {so} not ruled out{than}.{suspects}{rest}"
        ),
        true => format!(
            "It is not clear whether {first} and {second} differ.{suspects} {row}, so {} not ruled out{than}.{rest}",
            so.replacen("one", "a difference", 1)
        ),
    }
}

/// The rows and cells that stand out.
fn standing(of: &Comparison, alpha: f64) -> [StandingKind; 2] {
    let standing = |all: &mut dyn Iterator<Item = &SubjectComparison>| -> Vec<StandingOut> {
        let all = all.filter(|one| one.is_suspect(alpha));
        all.map(StandingOut::from).collect()
    };
    let cells = standing(&mut of.cells.iter());
    // Beside cells, only whole rows that say more than these.
    let rows = match cells.is_empty() {
        true => standing(&mut of.rows()),
        false => {
            let mut rows = standing(&mut of.rows().filter(|one| !one.subject.is_part()));
            rows.retain(|row| row.shows_more(&cells));
            rows
        }
    };
    [
        StandingKind {
            all: rows,
            tests: of.tested.0.max(of.rows().count()),
            what: "row",
        },
        StandingKind {
            all: cells,
            tests: of.tested.1.max(of.cells.len()),
            what: "cell",
        },
    ]
}

/// The subject with the widest interval.
fn widest<'a>(all: &[&'a SubjectComparison]) -> Option<&'a SubjectComparison> {
    let far = |one: &SubjectComparison| far(one.paired.difference);
    all.iter().copied().max_by(|a, b| far(a).total_cmp(&far(b)))
}

/// The largest distance from 0 that the interval allows.
fn far(difference: Estimate) -> f64 {
    let ends = difference.interval;
    ends.map_or(f64::INFINITY, |ends| ends.low.abs().max(ends.high.abs()))
}
