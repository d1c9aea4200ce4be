//! Differences in words.

use crate::numbers::{counted, signed};
use crate::results::SubjectComparison;
use crate::stats::Estimate;

/// How many rows or cells are named; the rest are only counted.
pub(super) const NAMED: usize = 4;

pub(super) fn pairs(one: &SubjectComparison) -> String {
    counted(one.paired.n.into(), "pair")
}

/// `by 8.0 points (95% 6.3 to 9.7, 650 pairs)`, without a sign: the text before it gives the
/// direction.
pub(super) fn by(difference: Estimate, basis: &str) -> String {
    let sign = difference.value.signum();
    let ends = difference.interval.map(|ends| {
        let (near, far) = (sign * ends.low * 100.0, sign * ends.high * 100.0);
        (near.min(far), near.max(far))
    });
    let size = difference.value.abs() * 100.0;
    match ends {
        Some((low, high)) if low < 0.0 => format!(
            "by {size:.1} points (95% {low:.1} to {high:.1}, {basis}; seen in the tasks whose answers vary least, not in the plain mean alone)"
        ),
        Some((low, high)) => format!("by {size:.1} points (95% {low:.1} to {high:.1}, {basis})"),
        None => format!("by {size:.1} points ({basis}, no interval)"),
    }
}

/// `-0.3 points (95% -1.9 to +1.3, 650 pairs)`.
pub(super) fn plain(difference: Estimate, basis: &str) -> String {
    let points = |share: f64| signed(share * 100.0, 1);
    let value = points(difference.value);
    match difference.interval {
        None => format!("{value} points ({basis}, no interval)"),
        Some(ends) => {
            let (low, high) = (points(ends.low), points(ends.high));
            format!("{value} points (95% {low} to {high}, {basis})")
        }
    }
}

/// `vt at 4K by 92.8 points (92.8 to 0.0; 95% 87.8 to 95.0, 50 pairs)`.
pub(super) fn moved(name: &str, [before, after, difference]: [Estimate; 3], basis: &str) -> String {
    let sides = format!(
        "({:.1} to {:.1}; ",
        before.value * 100.0,
        after.value * 100.0
    );
    let by = by(difference, basis);
    format!("{name} {}", by.replacen('(', &sides, 1))
}

/// ` Lost: a; b; RULER at 4K by ….`: cells, then rows, the first few of each; empty if there are
/// none.
pub(super) fn listed(what: &str, cells: &[String], rows: &[String]) -> String {
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

/// Points without a redundant `.0`.
pub(super) fn counted_points(points: f64) -> String {
    let points = (points * 1e6).round() / 1e6;
    let plural = if points == 1.0 { "" } else { "s" };
    format!("{points} point{plural}")
}

/// What single cells leave possible besides the row already mentioned.
pub(super) fn single(cell: &str, told: &str) -> String {
    format!(" Single cells leave more open, most of all {cell}, which changed by {told}.")
}
