//! What a comparison, a series or a set comes to, in a sentence that can be repeated. Command line,
//! page and report begin with the same words.

use super::compare::{Compared, Comparison, Subject};
use super::series::{Change, Checkpoint};
use super::{About, ResultSet};
use crate::stats::Estimate;
use crate::stats::lengths::RULER_THRESHOLD;

/// So many rows or cells are named; of the rest their number.
const NAMED: usize = 4;

/// What a comparison comes to: worse, better, both, neither, and by how much. A difference counts
/// with an adjusted p-value of `alpha` at most; `margin`, a fraction, is the difference that matters.
///
/// # Example
/// `c5 is worse than base: RULER at 4096 by 8.0 points (95% 6.3 to 9.7). Cells that lost: vt at 4096
/// (92.8 to 0.0).`
pub fn comparison(of: &Comparison, alpha: f64, margin: Option<f64>) -> String {
    let (first, second) = (name(&of.first), name(&of.second));
    if of.cells.is_empty() {
        return format!(
            "{first} and {second} have no sample in common: nothing is said of a difference."
        );
    }
    let shown = |one: &&Compared| one.holm <= alpha;
    let worse = |one: &&Compared| one.paired.difference.value < 0.0;
    let (rows, cells) = (|| of.rows().filter(shown), || of.cells.iter().filter(shown));
    let (lost, gained) = (
        rows().any(|one| worse(&one)) || cells().any(|one| worse(&one)),
        rows().any(|one| !worse(&one)) || cells().any(|one| !worse(&one)),
    );
    let mut text = match (lost, gained) {
        (true, false) => format!("{second} is worse than {first}"),
        (false, true) => format!("{second} is better than {first}"),
        (true, true) => format!("{second} is worse than {first} in some and better in other"),
        (false, false) => return open(of, &first, &second, margin),
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
fn open(of: &Comparison, first: &str, second: &str, margin: Option<f64>) -> String {
    let rows: Vec<&Compared> = match of.rows().filter(|one| !is_part(&one.subject)).collect() {
        rows if Vec::is_empty(&rows) => of.cells.iter().collect(),
        rows => rows,
    };
    let farthest = |one: &Compared| {
        let ends = one.paired.difference.interval;
        ends.map_or(f64::INFINITY, |ends| ends.low.abs().max(ends.high.abs()))
    };
    let widest = rows
        .iter()
        .max_by(|a, b| farthest(a).total_cmp(&farthest(b)));
    let Some(widest) = widest else {
        return format!("No difference between {first} and {second} is shown.");
    };
    let difference = plain(widest.paired.difference);
    let within = margin.filter(|margin| farthest(widest) < *margin);
    match within {
        Some(margin) => format!(
            "{second} is as good as {first} within {} points: {} {difference}.",
            number(margin * 100.0),
            widest.subject
        ),
        None => {
            let than = match margin {
                Some(margin) => format!(
                    ", nor that there is none of {} points",
                    number(margin * 100.0)
                ),
                None => String::new(),
            };
            format!(
                "No difference between {first} and {second} is shown{than}: {} {difference} leaves one open.",
                widest.subject
            )
        }
    }
}

/// What became of the checkpoints, a sentence each.
pub fn series(baseline: &About, checkpoints: &[Checkpoint]) -> Vec<String> {
    checkpoints
        .iter()
        .map(|one| checkpoint(&name(baseline), one))
        .collect()
}

fn checkpoint(baseline: &str, one: &Checkpoint) -> String {
    let name = name(&one.about);
    let rows: Vec<&Change> = one.rows.iter().filter(|change| change.degraded).collect();
    let mut cells: Vec<&Change> = one.changes.iter().chain(&one.elsewhere).collect();
    cells.retain(|change| change.degraded);
    cells.sort_by(|a, b| a.difference.value.total_cmp(&b.difference.value));
    if rows.is_empty() && cells.is_empty() {
        let row = one.rows.first();
        let row = row.map_or_else(String::new, |row| {
            format!(" ({}: {})", row.cell, plain(row.difference))
        });
        return format!("{name}: no loss against {baseline} is shown{row}.");
    }
    let mut text = format!("{name} is worse than {baseline}");
    let named: Vec<String> = rows
        .iter()
        .map(|change| format!("{} {}", change.cell, by(change.difference)))
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

/// How far a set reads, in a sentence; nothing without one of RULER's tasks.
pub fn reach(set: &ResultSet) -> Option<String> {
    let found = set.effective_length(RULER_THRESHOLD);
    found.measured?;
    let (name, words) = (name(&set.about), found.words());
    Some(format!(
        "{name}: effective length at {RULER_THRESHOLD}: {words}."
    ))
}

fn name(about: &About) -> String {
    about.name.clone()
}

fn is_part(subject: &Subject) -> bool {
    matches!(subject, Subject::Category { .. })
        || matches!(subject, Subject::Questions { group, .. } if group != "overall")
}

fn row(one: &Compared) -> String {
    format!("{} {}", one.subject, by(one.paired.difference))
}

/// `by 8.0 points (95% 6.3 to 9.7)`, without a sign: what came before says which way.
fn by(difference: Estimate) -> String {
    let sign = difference.value.signum();
    let ends = difference.interval.map(|ends| {
        let (near, far) = (sign * ends.low * 100.0, sign * ends.high * 100.0);
        (near.min(far), near.max(far))
    });
    let size = difference.value.abs() * 100.0;
    match ends {
        Some((low, high)) if low < 0.0 => format!(
            "by {size:.1} points (95% {low:.1} to {high:.1}; the tasks that vary little moved together)"
        ),
        Some((low, high)) => format!("by {size:.1} points (95% {low:.1} to {high:.1})"),
        None => format!("by {size:.1} points"),
    }
}

/// `-0.3 (95% -1.9 to +1.3)`.
fn plain(difference: Estimate) -> String {
    let value = difference.value * 100.0;
    difference.interval.map_or_else(
        || format!("{value:+.1} without an interval"),
        |ends| {
            format!(
                "{value:+.1} (95% {:+.1} to {:+.1})",
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

/// A number without a needless `.0`.
fn number(value: f64) -> String {
    format!("{}", (value * 1e6).round() / 1e6)
}
