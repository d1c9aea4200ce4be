//! The check that a candidate is no worse than its baseline.

use super::{GateJudgement, GateOutcome, MissingSamples, more, picked, undecided};
use crate::numbers::counted;
use crate::results::compare::{of_cells, pairs};
use crate::results::gate::policy::GateCheck;
use crate::results::{CellMeans, ResultCell, ResultSet};
use crate::stats::grouped::contrast;
use crate::stats::power::pairs_for_one_side;
use crate::stats::wilson::wilson;
use crate::stats::{Interval, p_value};

pub(super) fn no_worse(
    check: &GateCheck,
    baseline: &ResultSet,
    candidate: &ResultSet,
) -> GateJudgement {
    let points = check.margin.unwrap_or_default();
    let margin = points / 100.0;
    let (before, after) = (picked(check, baseline), picked(check, candidate));
    let both = before.iter().filter_map(|cell| {
        let other = after.iter().find(|other| other.is_like(cell))?;
        Some((cell, other))
    });
    let both: Vec<(&ResultCell, &ResultCell)> = both.collect();
    let all: Vec<_> = both.iter().flat_map(|(a, b)| pairs(a, b)).collect();
    let pairs = of_cells(&all);
    let Some((found, paired)) = pairs.moments().zip(pairs.paired()) else {
        return unpaired(&both, points);
    };
    let n = paired.n;
    let mut says = format!(
        "baseline {}, candidate {}, difference {}, n = {}",
        paired.first.percent(),
        paired.second.percent(),
        paired.difference.points(),
        counted(n.into(), "pair")
    );
    if found.sources < all.len() {
        says.push_str(&format!(" of {}", counted(found.sources as u64, "source")));
    }
    if found.error == 0.0 && found.mean == 0.0 {
        let open = wilson(0, found.worth).map_or(1.0, |interval| interval.high);
        let share = open * 100.0;
        says.push_str(&format!("; no pair differs, though up to {share:.1}% may"));
        let outcome = match open < margin {
            true => GateOutcome::Passed,
            false => GateOutcome::Undecided,
        };
        let more = (outcome == GateOutcome::Undecided).then(|| more(n, open, margin, true, "pair"));
        return GateJudgement {
            outcome,
            says,
            more: more.flatten(),
        };
    }
    let p = pairs.no_worse(margin).unwrap_or(1.0);
    let high = paired.difference.interval.map_or(1.0, |ends| ends.high);
    // Half of the level at each end, so that at 0.05 the 95% interval agrees.
    let level = check.level / 2.0;
    let outcome = match p {
        p if p <= level => GateOutcome::Passed,
        // The interval must agree: a few pairs that are all lost do not show a loss.
        p if 1.0 - p <= level && high < -margin => GateOutcome::Failed,
        _ => GateOutcome::Undecided,
    };
    let sure = match outcome {
        GateOutcome::Failed => p_value(1.0 - p),
        _ => p_value(p),
    };
    says.push_str(&format!(
        "; {} (one-sided p {sure}, needed {level})",
        worse_by(points, outcome)
    ));
    let variance = found.error.powi(2) * f64::from(n);
    let needed = pairs_for_one_side((found.mean + margin).abs(), variance, level, 0.8);
    let more = needed.map(|needed| MissingSamples {
        n,
        more: needed.saturating_sub(n).max(1),
        what: "pair",
    });
    GateJudgement {
        outcome,
        says,
        more: more.filter(|_| outcome == GateOutcome::Undecided),
    }
}

/// What is shown about a loss of the margin.
fn worse_by(points: f64, outcome: GateOutcome) -> String {
    let loss = match points {
        1.0 => "a loss of 1 point or more".to_owned(),
        points => format!("a loss of {points} points or more"),
    };
    match outcome {
        GateOutcome::Passed => format!("{loss} is ruled out"),
        GateOutcome::Failed => format!("{loss} is shown"),
        GateOutcome::Undecided => format!("{loss} is neither shown nor ruled out"),
    }
}

/// Used if no sample is in both sets.
fn unpaired(both: &[(&ResultCell, &ResultCell)], points: f64) -> GateJudgement {
    let margin = points / 100.0;
    let before = CellMeans::of(both.iter().map(|(cell, _)| *cell));
    let after = CellMeans::of(both.iter().map(|(_, cell)| *cell));
    let contrast = contrast(&after.groups(|_| true), &before.groups(|_| true));
    let found = contrast.and_then(|difference| Some((difference, difference.interval?)));
    let Some((difference, Interval { low, high, .. })) = found else {
        return undecided("nothing to compare with the baseline");
    };
    let (first, second) = (before.whole(), after.whole());
    let outcome = match () {
        () if low > -margin => GateOutcome::Passed,
        () if high < -margin => GateOutcome::Failed,
        () => GateOutcome::Undecided,
    };
    let wide = (high - low) / 2.0;
    let distance = (difference.value + margin).abs();
    let more = more(second.n, wide, distance, false, "sample");
    GateJudgement {
        outcome,
        says: format!(
            "no sample is in both; baseline {first}, candidate {second}, difference {}; {}",
            difference.points(),
            worse_by(points, outcome)
        ),
        more: more.filter(|_| outcome == GateOutcome::Undecided),
    }
}
