//! Where the window ends, how much is lost there, and how certain that is.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::benchmarks::{NEEDLES, TASKS, mean_of};
use super::condition::ConditionContext;
use super::derived_facts::{AccuracyCliff, EvidenceFacts};
use super::draws;
use super::evidence::RulerFigure;
use super::sentences::short;
use crate::numbers::tenths;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Where the usable window ends.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowEnd {
    /// The cliff.
    pub cliff: AccuracyCliff,
    /// The 95% interval of the points lost there, whether or not it is a cliff.
    pub lost: (f64, f64),
    /// The share of draws in which the window ends exactly there.
    pub share: f64,
    /// The stated window, if it is longer.
    pub stated: Option<Tokens>,
}

/// The cliff, with the interval of what is lost there and the share of draws in which it is one.
pub(super) fn window_end(at: &ConditionContext<'_>) -> Option<WindowEnd> {
    let cliff = at.facts.cliff?;
    let draws = at.thresholds.draws.max(1);
    let there = (0..draws).filter(|draw| {
        let drawn = draws::drawn(at.evidence, at.thresholds, *draw);
        let found = EvidenceFacts::of(&drawn, at.thresholds).cliff;
        found.is_some_and(|one| one.after == cliff.after)
    });
    Some(WindowEnd {
        lost: lost(&cliff, at),
        share: there.count() as f64 / f64::from(draws),
        // What is claimed beyond the trained window is doubted too.
        stated: at
            .facts
            .stated
            .max(at.evidence.claimed_window)
            .filter(|stated| *stated > cliff.after),
        cliff,
    })
}

/// The 95% interval of the drop, with no condition on how large it is.
///
/// # Formula
/// Newcombe's hybrid of the two intervals: `d ± √(δ₁² + δ₂²)` with the distances of the ends that
/// face away. Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
fn lost(cliff: &AccuracyCliff, at: &ConditionContext<'_>) -> (f64, f64) {
    let (from, to) = (sides(cliff.after, at), sides(cliff.at, at));
    let lost = cliff.from - cliff.to;
    (
        lost - libm::hypot(from.0, to.1),
        lost + libm::hypot(from.1, to.0),
    )
}

/// How far the interval reaches below and above the value at a length: of the needles if they are
/// known at every length, as for the cliff itself; else of the mean, or of the categories that make it
/// up.
///
/// # Formula
/// `√(Σ t² δ²) / Σ t` over categories with `t` tasks.
fn sides(length: Tokens, at: &ConditionContext<'_>) -> (f64, f64) {
    let needles = at.facts.ruler.iter().all(|one| one.needles().is_some());
    let here = || at.evidence.ruler.iter().filter(|one| one.length == length);
    let mean = here().find(|one| one.category.is_none() && !needles);
    let (mut tasks, mut below, mut above) = (0.0, 0.0, 0.0);
    let mut add = |one: &RulerFigure, weight: f64| {
        let (low, high) = one.figure().interval(at.thresholds.assumed_n);
        tasks += weight;
        below = libm::hypot(below, weight * (one.value - low));
        above = libm::hypot(above, weight * (high - one.value));
    };
    if let Some(mean) = mean {
        add(mean, 1.0);
    } else {
        let used = if needles {
            NEEDLES.len()
        } else {
            RulerCategory::ALL.len()
        };
        let categories = RulerCategory::ALL.into_iter().zip(*TASKS).take(used);
        for (category, weight) in categories {
            if let Some(one) = here().find(|one| one.category == Some(category)) {
                add(one, weight);
            }
        }
    }
    match tasks > 0.0 {
        true => (below / tasks, above / tasks),
        false => (0.0, 0.0),
    }
}

impl WindowEnd {
    /// In words.
    pub fn says(&self) -> String {
        let AccuracyCliff {
            after,
            at,
            from,
            to,
            tasks,
        } = self.cliff;
        let mut told = format!(
            "The window ends after {} tokens: RULER's {} falls from {from:.1} there to {to:.1} at {} ({:.1} points, 95% interval {}).",
            short(after),
            mean_of(tasks),
            short(at),
            from - to,
            tenths(self.lost.0, self.lost.1)
        );
        told.push_str(&self.doubt());
        if let Some(stated) = self.stated {
            let _infallible = write!(
                told,
                " The stated window is {} tokens, but quality drops sharply beyond {}.",
                short(stated),
                short(after)
            );
        }
        told
    }

    /// The share of draws with a cliff there, if that is not certain.
    fn doubt(&self) -> String {
        match self.share < SURE {
            true => format!(
                " That is not certain: there is a cliff there in {:.0} of 100 draws.",
                self.share * 100.0
            ),
            false => String::new(),
        }
    }
}

/// Below this share of the draws, the end of the window is not stated as a fact. Chosen.
const SURE: f64 = 0.8;
