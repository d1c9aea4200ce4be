//! The conclusions about a series of checkpoints.

use super::difference_text::{by, listed, moved, plain, single};
use super::standing_out::{self, StandingKind, StandingOut};
use crate::results::ResultSetInfo;
use crate::results::figures::basis;
use crate::results::series::{CellChange, Checkpoint};

/// The conclusions about the checkpoints, one sentence each.
pub fn series(baseline: &ResultSetInfo, checkpoints: &[Checkpoint]) -> Vec<String> {
    let tests = SeriesTests {
        rows: checkpoints.iter().map(|one| one.rows.len()).sum(),
        cells: checkpoints.iter().map(|one| one.tested).sum(),
    };
    checkpoints
        .iter()
        .map(|one| checkpoint(&baseline.name, one, &tests))
        .collect()
}

/// How many tests of all checkpoints are corrected together.
struct SeriesTests {
    rows: usize,
    cells: usize,
}

fn checkpoint(baseline: &str, one: &Checkpoint, tests: &SeriesTests) -> String {
    let name = &one.about.name;
    let rows: Vec<&CellChange> = one.rows.iter().filter(|change| change.degraded).collect();
    let mut cells: Vec<&CellChange> = one.changes.iter().chain(&one.elsewhere).collect();
    cells.retain(|change| change.degraded);
    cells.sort_by(|a, b| a.difference.value.total_cmp(&b.difference.value));
    if rows.is_empty() && cells.is_empty() {
        return kept((name, baseline), one, tests);
    }
    let cells = cells.into_iter().map(|change| {
        let sides = [change.before, change.after, change.difference];
        moved(&change.cell, sides, &basis(change))
    });
    let rows = rows.into_iter();
    let rows =
        rows.map(|change| format!("{} {}", change.cell, by(change.difference, &basis(change))));
    let lost = listed(
        "Lost",
        &cells.collect::<Vec<_>>(),
        &rows.collect::<Vec<_>>(),
    );
    format!("{name} is worse than {baseline}.{lost}")
}

/// A checkpoint for which no loss is shown: what stands out nevertheless, and how large a loss may
/// still be, for the first row and for the cell that leaves the most open.
fn kept((name, baseline): (&str, &str), one: &Checkpoint, tests: &SeriesTests) -> String {
    let deep = |change: &CellChange| change.difference.interval.map_or(1.0, |ends| -ends.low);
    let changes = one.changes.iter();
    let deepest = changes.max_by(|a, b| deep(a).total_cmp(&deep(b)));
    let (Some(row), others) = (match one.rows.first() {
        Some(row) => (Some(row), deepest),
        None => (deepest, None),
    }) else {
        return format!("{name}: nothing that is tracked can be compared with {baseline}.");
    };
    let (stands_out, is_rare) = suspects(one, tests);
    let lost = match deep(row) {
        deep if deep > 0.0 => format!(
            ", so a loss of up to {:.1} points there is not ruled out",
            deep * 100.0
        ),
        _ => String::new(),
    };
    let row_told = format!(
        "{} changed by {}{lost}",
        row.cell,
        plain(row.difference, &basis(row))
    );
    let others = others.filter(|cell| !cell.suspect && deep(cell) > deep(row));
    let rest = others.map_or_else(String::new, |cell| {
        single(&cell.cell, &plain(cell.difference, &basis(cell)))
    });
    match is_rare {
        false => {
            format!("{name}: no loss against {baseline} is shown; {row_told}.{stands_out}{rest}")
        }
        true => format!(
            "{name}: it is not clear whether anything was lost against {baseline}.{stands_out} {row_told}.{rest}"
        ),
    }
}

/// The cells whose fall stands out, or the rows if no cell's does, in words; and whether a loss is
/// likely enough to come first: one is tracked, or chance alone would seldom give it.
fn suspects(one: &Checkpoint, tests: &SeriesTests) -> (String, bool) {
    let standing = |all: &mut dyn Iterator<Item = &CellChange>| -> Vec<StandingOut> {
        let all = all.filter(|change| change.suspect);
        all.map(StandingOut::from).collect()
    };
    let mut cells = one.changes.iter().chain(&one.elsewhere);
    let cells = standing(&mut cells);
    let mut rows = standing(&mut one.rows.iter());
    let is_row = !rows.is_empty();
    // Beside cells, only rows that say more than these.
    rows.retain(|row| row.shows_more(&cells));
    let tracked = one.changes.iter().any(|change| change.suspect);
    let is_rare = match cells.is_empty() {
        true => is_row,
        false => tracked || !rows.is_empty() || cells.iter().any(|cell| cell.is_rare(one.tested)),
    };
    let kinds = [
        StandingKind {
            all: rows,
            tests: tests.rows,
            what: "row",
        },
        StandingKind {
            all: cells,
            tests: tests.cells,
            what: "cell",
        },
    ];
    (standing_out::told(&kinds), is_rare)
}
