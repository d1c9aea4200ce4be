//! What a comparison, a series or a set comes to, in a sentence that can be repeated. Command line,
//! page and report begin with the same words.

use super::compare::{Comparison, ComparisonSubject, SubjectComparison};
use super::figures::basis;
use super::series::{CellChange, Checkpoint};
use super::{ResultSet, ResultSetInfo};
use crate::numbers::counted;
use crate::stats::Estimate;
use crate::stats::lengths::RULER_THRESHOLD;

/// So many rows or cells are named; of the rest their number.
const NAMED: usize = 4;

/// What a comparison comes to: worse, better, both, neither, and by how much. A difference counts
/// with an adjusted p-value of `alpha` at most; `margin`, a fraction, is the difference that matters.
///
/// # Example
/// `c5 is worse than base: RULER at 4096 by 8.0 points (95% 6.3 to 9.7, 650 pairs). Cells that lost:
/// vt at 4096 (92.8 to 0.0).`
pub fn comparison(of: &Comparison, alpha: f64, margin: Option<f64>) -> String {
    let (first, second) = (name(&of.first), name(&of.second));
    if of.cells.is_empty() {
        return format!(
            "{first} and {second} have no sample in common, so nothing can be said of a difference."
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
        (false, false) => return open(of, &first, &second, alpha, margin),
    };
    let wholes = rows().filter(|one| !is_part(&one.subject));
    let mut named: Vec<String> = wholes.map(row).collect();
    if named.is_empty() {
        named = rows().map(row).collect();
    }
    if !named.is_empty() {
        text.push_str(&format!(": {}", listed(&named, "; ")));
    }
    text.push('.');
    for (what, down) in [("lost", true), ("gained", false)] {
        let cells = cells().filter(|one| worse(one) == down);
        let named: Vec<String> = cells
            .map(|one| {
                moved(
                    &one.subject.to_string(),
                    one.paired.first,
                    one.paired.second,
                )
            })
            .collect();
        if !named.is_empty() {
            text.push_str(&format!(" Cells that {what}: {}.", listed(&named, ", ")));
        }
    }
    text
}

/// No difference is shown: how large one may be all the same.
fn open(of: &Comparison, first: &str, second: &str, alpha: f64, margin: Option<f64>) -> String {
    let rows: Vec<&SubjectComparison> =
        match of.rows().filter(|one| !is_part(&one.subject)).collect() {
            rows if Vec::is_empty(&rows) => of.cells.iter().collect(),
            rows => rows,
        };
    let widest = rows
        .iter()
        .max_by(|a, b| far(a.paired.difference).total_cmp(&far(b.paired.difference)));
    let Some(widest) = widest else {
        return format!("No difference between {first} and {second} is shown.");
    };
    let found = widest.paired.difference;
    let told = plain(found, &pairs(widest));
    let matters = margin.map(|margin| counted_points(margin * 100.0));
    match (matters, widest.is_within(alpha)) {
        (Some(matters), Some(true)) => format!(
            "{second} is as good as {first} to within {matters}: {} changed by {told}.",
            widest.subject
        ),
        (matters, _) => {
            let than = matters.map_or_else(String::new, |matters| {
                format!(", and {matters} would matter")
            });
            let mut text = format!(
                "No difference between {first} and {second} is shown, but {} not ruled out{than}: {} changed by {told}.",
                up_to(far(found)),
                widest.subject
            );
            text.push_str(alone(found, rows.len()));
            text
        }
    }
}

/// What to think of an interval that leaves out 0 where the corrected p-value shows nothing.
fn alone(difference: Estimate, tests: usize) -> &'static str {
    let beyond = |low: f64, high: f64| low > 0.0 || high < 0.0;
    let ends = difference.interval;
    match ends.is_some_and(|ends| beyond(ends.low, ends.high)) {
        true if tests > 1 => {
            " That interval leaves out 0, but one of so many tests may do so by chance."
        }
        true => " That interval leaves out 0, but the test, which is stricter, does not show it.",
        false => "",
    }
}

/// How far from 0 a difference may lie.
fn far(difference: Estimate) -> f64 {
    let ends = difference.interval;
    ends.map_or(f64::INFINITY, |ends| ends.low.abs().max(ends.high.abs()))
}

/// `one of up to 5.9 points is`, `one of any size is`.
fn up_to(far: f64) -> String {
    match far.is_finite() {
        true => format!("one of up to {:.1} points is", far * 100.0),
        false => "one of any size is".to_owned(),
    }
}

fn pairs(one: &SubjectComparison) -> String {
    counted(one.paired.n.into(), "pair")
}

/// What became of the checkpoints, a sentence each.
pub fn series(baseline: &ResultSetInfo, checkpoints: &[Checkpoint]) -> Vec<String> {
    checkpoints
        .iter()
        .map(|one| checkpoint(&name(baseline), one))
        .collect()
}

fn checkpoint(baseline: &str, one: &Checkpoint) -> String {
    let name = name(&one.about);
    let rows: Vec<&CellChange> = one.rows.iter().filter(|change| change.degraded).collect();
    let mut cells: Vec<&CellChange> = one.changes.iter().chain(&one.elsewhere).collect();
    cells.retain(|change| change.degraded);
    cells.sort_by(|a, b| a.difference.value.total_cmp(&b.difference.value));
    if rows.is_empty() && cells.is_empty() {
        return kept(&name, baseline, one);
    }
    let mut text = format!("{name} is worse than {baseline}");
    let named: Vec<String> = rows
        .iter()
        .map(|change| format!("{} {}", change.cell, by(change.difference, &basis(change))))
        .collect();
    if !named.is_empty() {
        text.push_str(&format!(": {}", listed(&named, "; ")));
    }
    text.push('.');
    let named: Vec<String> = cells
        .iter()
        .map(|change| moved(&change.cell, change.before, change.after))
        .collect();
    if !named.is_empty() {
        text.push_str(&format!(" Cells that lost: {}.", listed(&named, ", ")));
    }
    text
}

/// A checkpoint of which no loss is shown: how large one may be all the same, over the first row,
/// or where there is none over the cell that leaves most open.
fn kept(name: &str, baseline: &str, one: &Checkpoint) -> String {
    let deep = |change: &CellChange| change.difference.interval.map_or(1.0, |ends| -ends.low);
    let deepest = || {
        one.changes
            .iter()
            .max_by(|a, b| deep(a).total_cmp(&deep(b)))
    };
    let Some(row) = one.rows.first().or_else(deepest) else {
        return format!("{name}: nothing that is watched can be held against {baseline}.");
    };
    let told = plain(row.difference, &basis(row));
    let lost = match deep(row) {
        deep if deep > 0.0 => format!(
            ", but one of up to {:.1} points is not ruled out",
            deep * 100.0
        ),
        _ => String::new(),
    };
    let alone = alone(row.difference, one.rows.len() + one.changes.len());
    format!(
        "{name}: no loss against {baseline} is shown{lost}: {} changed by {told}.{alone}",
        row.cell
    )
}

/// Over what p-values are corrected, in a sentence: `rows` and `cells` of all sets together. Nothing
/// where nothing was tested.
pub fn corrected(rows: usize, cells: usize) -> String {
    let (rows, cells) = (
        (rows > 0).then(|| over(rows, "row that pools cells", "rows that pool cells")),
        (cells > 0).then(|| over(cells, "cell", "cells")),
    );
    let over: Vec<String> = rows.into_iter().chain(cells).collect();
    if over.is_empty() {
        return String::new();
    }
    format!(
        "“Corrected” is p by Holm’s method, over {}.",
        over.join(" and, apart from these, over ")
    )
}

/// The same of a series. Cells that are told only where they were lost count as well.
pub fn corrected_series(all: &[Checkpoint]) -> String {
    let rows = all.iter().map(|one| one.rows.len()).sum();
    corrected(rows, all.iter().map(|one| one.tested).sum())
}

fn over(number: usize, one: &str, several: &str) -> String {
    match number {
        1 => format!("the one {one}"),
        2 => format!("both {several}"),
        number => format!("all {number} {several}"),
    }
}

/// How far a set reads, in a sentence; nothing without one of RULER's tasks.
pub fn reach(set: &ResultSet) -> Option<String> {
    let found = set.effective_length(RULER_THRESHOLD);
    found.measured?;
    let (name, words) = (name(&set.about), found.words());
    Some(format!(
        "{name}: effective length at RULER’s threshold of {RULER_THRESHOLD}: {words}."
    ))
}

fn name(about: &ResultSetInfo) -> String {
    about.name.clone()
}

fn is_part(subject: &ComparisonSubject) -> bool {
    matches!(subject, ComparisonSubject::Category { .. })
        || matches!(subject, ComparisonSubject::Questions { group, .. } if group != "overall")
}

fn row(one: &SubjectComparison) -> String {
    format!("{} {}", one.subject, by(one.paired.difference, &pairs(one)))
}

/// `by 8.0 points (95% 6.3 to 9.7, 650 pairs)`, without a sign: what came before says which way.
fn by(difference: Estimate, basis: &str) -> String {
    let sign = difference.value.signum();
    let ends = difference.interval.map(|ends| {
        let (near, far) = (sign * ends.low * 100.0, sign * ends.high * 100.0);
        (near.min(far), near.max(far))
    });
    let size = difference.value.abs() * 100.0;
    match ends {
        Some((low, high)) if low < 0.0 => format!(
            "by {size:.1} points (95% {low:.1} to {high:.1}, {basis}; the tasks whose answers vary least show it, the plain mean alone does not)"
        ),
        Some((low, high)) => format!("by {size:.1} points (95% {low:.1} to {high:.1}, {basis})"),
        None => format!("by {size:.1} points ({basis}, no interval)"),
    }
}

/// `-0.3 points (95% -1.9 to +1.3, 650 pairs)`.
fn plain(difference: Estimate, basis: &str) -> String {
    let value = difference.value * 100.0;
    difference.interval.map_or_else(
        || format!("{value:+.1} points ({basis}, no interval)"),
        |ends| {
            format!(
                "{value:+.1} points (95% {:+.1} to {:+.1}, {basis})",
                ends.low * 100.0,
                ends.high * 100.0
            )
        },
    )
}

fn moved(name: &str, before: Estimate, after: Estimate) -> String {
    format!(
        "{name} ({:.1} to {:.1})",
        before.value * 100.0,
        after.value * 100.0
    )
}

fn listed(named: &[String], between: &str) -> String {
    let mut text = named
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(between);
    if named.len() > NAMED {
        text.push_str(&format!(" and {} more", named.len() - NAMED));
    }
    text
}

/// Points without a needless `.0`.
fn counted_points(points: f64) -> String {
    let points = (points * 1e6).round() / 1e6;
    let plural = if points == 1.0 { "" } else { "s" };
    format!("{points} point{plural}")
}
