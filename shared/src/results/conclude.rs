//! What a comparison, a series or a set comes to, in a sentence that can be repeated. Command line,
//! page and report begin with the same words.

use super::compare::{Comparison, ComparisonSubject, SubjectComparison};
use super::figures::basis;
use super::series::{CellChange, Checkpoint};
use super::{ResultSet, ResultSetInfo};
use crate::numbers::counted;
use crate::stats::Estimate;
use crate::stats::lengths::RULER_THRESHOLD;
use crate::stats::paired::PairedDifference;

/// So many rows or cells are named; of the rest their number.
const NAMED: usize = 4;

/// What a comparison comes to: worse, better, both, neither, and by how much. A difference counts
/// with an adjusted p-value of `alpha` at most; `margin`, a fraction, is the difference that matters.
///
/// # Example
/// `c5 is worse than base. Lost: vt at 4096 by 92.8 points (92.8 to 0.0; 95% 87.8 to 95.0, 50 pairs);
/// RULER at 4096 by 7.9 points (95% 6.3 to 9.6, 650 pairs).`
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
        let wholes = rows.iter().filter(|one| !is_part(&one.subject));
        let mut wholes: Vec<String> = wholes.map(|one| row(one)).collect();
        if wholes.is_empty() {
            wholes = rows.into_iter().map(row).collect();
        }
        text.push_str(&listed(what, &cells.collect::<Vec<_>>(), &wholes));
    }
    text
}

/// No difference is shown: how large one may be all the same, of the rows and of the cells.
fn open(of: &Comparison, first: &str, second: &str, alpha: f64, margin: Option<f64>) -> String {
    let wholes: Vec<&SubjectComparison> = of.rows().filter(|one| !is_part(&one.subject)).collect();
    let cells: Vec<&SubjectComparison> = of.cells.iter().collect();
    let (all, others) = match wholes.is_empty() {
        true => (&cells, &wholes),
        false => (&wholes, &cells),
    };
    let Some(most) = widest(all) else {
        return format!("No difference between {first} and {second} is shown.");
    };
    let found = most.paired.difference;
    let told = plain(found, &pairs(most));
    let rest = rest(
        others.len(),
        "cell",
        widest(others).map(|one| {
            (
                one.subject.to_string(),
                plain(one.paired.difference, &pairs(one)),
            )
        }),
    );
    let matters = margin.map(|margin| counted_points(margin * 100.0));
    match (
        matters,
        all.iter().all(|one| one.is_within(alpha) == Some(true)),
    ) {
        (Some(matters), true) => format!(
            "{second} is as good as {first} to within {matters}: {} changed by {told}.{rest}",
            most.subject
        ),
        (matters, _) => {
            let than =
                matters.map_or_else(String::new, |matters| format!("; {matters} would matter"));
            let so = match far(found).is_finite() {
                true => format!("one of up to {:.1} points there is", far(found) * 100.0),
                false => "one of any size there is".to_owned(),
            };
            format!(
                "No difference between {first} and {second} is shown; {} changed by {told}, so {so} not ruled out{than}.{}{rest}",
                most.subject,
                alone(found, all.len())
            )
        }
    }
}

/// The one that leaves most open.
fn widest<'a>(all: &[&'a SubjectComparison]) -> Option<&'a SubjectComparison> {
    let far = |one: &SubjectComparison| far(one.paired.difference);
    all.iter().copied().max_by(|a, b| far(a).total_cmp(&far(b)))
}

/// What single cells leave open beside the row that was told: that of which least is known.
fn rest(number: usize, what: &str, widest: Option<(String, String)>) -> String {
    widest.map_or_else(String::new, |(cell, told)| {
        let of = match number {
            1 => format!("the one {what}"),
            number => format!("{number} {what}s"),
        };
        format!(" Of {of} {cell} leaves most open: {told}.")
    })
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

/// A checkpoint of which no loss is shown: how large one may be all the same, of the first row and of
/// the cell that leaves most open.
fn kept(name: &str, baseline: &str, one: &Checkpoint) -> String {
    let deep = |change: &CellChange| change.difference.interval.map_or(1.0, |ends| -ends.low);
    let changes = one.changes.iter();
    let deepest = changes.max_by(|a, b| deep(a).total_cmp(&deep(b)));
    let (Some(row), others) = (match one.rows.first() {
        Some(row) => (Some(row), deepest),
        None => (deepest, None),
    }) else {
        return format!("{name}: nothing that is watched can be held against {baseline}.");
    };
    let lost = match deep(row) {
        deep if deep > 0.0 => format!(
            ", so a loss of up to {:.1} points there is not ruled out",
            deep * 100.0
        ),
        _ => String::new(),
    };
    let told = plain(row.difference, &basis(row));
    let alone = alone(row.difference, one.rows.len() + one.changes.len());
    let rest = rest(
        one.changes.len(),
        "watched cell",
        others.map(|change| {
            (
                change.cell.clone(),
                plain(change.difference, &basis(change)),
            )
        }),
    );
    format!(
        "{name}: no loss against {baseline} is shown; {} changed by {told}{lost}.{alone}{rest}",
        row.cell
    )
}

/// Over what p-values are corrected, in a sentence: `rows` and `cells` of all sets together. Nothing
/// where nothing was tested.
pub fn corrected(rows: usize, cells: usize) -> String {
    let is_pooled = rows > 0;
    let (rows, cells) = (
        (rows > 0).then(|| over(rows, "row that pools cells", "rows that pool cells")),
        (cells > 0).then(|| over(cells, "cell", "cells")),
    );
    let over: Vec<String> = rows.into_iter().chain(cells).collect();
    if over.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "“Corrected” is p by Holm’s method, over {}.",
        over.join(" and, apart from these, over ")
    );
    if is_pooled {
        text.push(' ');
        text.push_str(POOLED);
    }
    text
}

/// What p is of a row that pools several cells.
const POOLED: &str = "The p of a row of several cells is the smaller of two, doubled: of their mean, and of the mean in which a cell weighs by how little its pairs differ. So it may be above 0.05 though the interval leaves out 0.";

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

/// `vt at 4096 by 92.8 points (92.8 to 0.0; 95% 87.8 to 95.0, 50 pairs)`.
fn moved(name: &str, [before, after, difference]: [Estimate; 3], basis: &str) -> String {
    let sides = format!(
        "({:.1} to {:.1}; ",
        before.value * 100.0,
        after.value * 100.0
    );
    let by = by(difference, basis);
    format!("{name} {}", by.replacen('(', &sides, 1))
}

/// ` Lost: a; b; RULER at 4096 by ….`: cells and then rows, of each the first few; nothing for none.
fn listed(what: &str, cells: &[String], rows: &[String]) -> String {
    let mut named = Vec::new();
    for (all, kind) in [(cells, "cell"), (rows, "row")] {
        named.extend(all.iter().take(NAMED).cloned());
        if all.len() > NAMED {
            let left = counted((all.len() - NAMED) as u64, &format!("more {kind}"));
            named.push(left);
        }
    }
    match named.is_empty() {
        true => String::new(),
        false => format!(" {what}: {}.", named.join("; ")),
    }
}

/// Points without a needless `.0`.
fn counted_points(points: f64) -> String {
    let points = (points * 1e6).round() / 1e6;
    let plural = if points == 1.0 { "" } else { "s" };
    format!("{points} point{plural}")
}
