//! The smallest change that changes the verdict.

use serde::{Deserialize, Serialize};

use super::decide::verdict;
use super::derived_facts::void;
use super::evidence::Evidence;
use super::step::AdaptationStep;
use super::thresholds::Thresholds;

/// Points between two values tried, before the turn is narrowed down.
const STRIDE: f64 = 4.0;

/// One figure, changed until the verdict changes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictFlip {
    /// The figure.
    pub what: String,
    /// Its value, percent.
    pub from: f64,
    /// The nearest value found with another verdict, to a tenth of a point.
    pub to: f64,
    /// That verdict; `None` if there would be none.
    pub verdict: Option<AdaptationStep>,
}

type SetFigure = Box<dyn Fn(&mut Evidence, f64)>;

/// The smallest change of a single figure that changes the verdict: each figure is tried every four
/// points in both directions, then narrowed down by halving. Turns closer together may be missed.
pub(super) fn nearest_flip(
    evidence: &Evidence,
    thresholds: &Thresholds,
    step: Option<AdaptationStep>,
) -> Option<VerdictFlip> {
    // If the figures as given lead elsewhere than most of their draws, no single change is nearest.
    if step.is_none() || !AdaptationStep::same(verdict(evidence, thresholds), step) {
        return None;
    }
    let flips = figures(evidence, thresholds)
        .into_iter()
        .flat_map(|(what, from, set)| {
            let at = |value: f64| {
                let mut changed = evidence.clone();
                set(&mut changed, value);
                verdict(&changed, thresholds)
            };
            [-1.0, 1.0].map(|way| {
                let to = turn(from, way, &|value| !AdaptationStep::same(at(value), step))?;
                Some(VerdictFlip {
                    what: what.clone(),
                    from,
                    to,
                    verdict: at(to),
                })
            })
        });
    let change = |flip: &VerdictFlip| (flip.to - flip.from).abs();
    flips
        .flatten()
        .min_by(|a, b| change(a).total_cmp(&change(b)))
}

fn turn(from: f64, way: f64, turned: &dyn Fn(f64) -> bool) -> Option<f64> {
    let (mut same, mut other) = (from, from);
    loop {
        if !(0.0..=100.0).contains(&other) || other == (50.0 + 50.0 * way) {
            return None;
        }
        other = (other + way * STRIDE).clamp(0.0, 100.0);
        if turned(other) {
            break;
        }
        same = other;
    }
    while (other - same).abs() > 0.05 {
        let middle = f64::midpoint(same, other);
        if turned(middle) {
            other = middle;
        } else {
            same = middle;
        }
    }
    // Outwards, so that the printed value lies on the far side.
    let tenths = if way > 0.0 {
        (other * 10.0).ceil()
    } else {
        (other * 10.0).floor()
    };
    Some(tenths / 10.0)
}

fn figures(evidence: &Evidence, thresholds: &Thresholds) -> Vec<(String, f64, SetFigure)> {
    let mut figures: Vec<(String, f64, SetFigure)> = Vec::new();
    for (at, one) in evidence.ruler.iter().enumerate() {
        figures.push((
            one.what(),
            one.value,
            Box::new(move |e, value| e.ruler[at].value = value),
        ));
    }
    for (at, one) in evidence.position_fix.iter().enumerate() {
        figures.push((
            one.what(),
            one.value,
            Box::new(move |e, value| e.position_fix[at].value = value),
        ));
    }
    // Figures that carry no verdict are left out.
    let questions = evidence.longbench.iter().enumerate();
    for (at, one) in questions.filter(|(_, one)| !void(evidence, thresholds, one.reading)) {
        figures.push((
            one.what(),
            one.value,
            Box::new(move |e, value| e.longbench[at].value = value),
        ));
    }
    if let Some(own) = evidence.production {
        let set: SetFigure = Box::new(|e, value| {
            if let Some(own) = &mut e.production {
                own.value = value;
            }
        });
        figures.push(("own hold-outs".to_owned(), own.value, set));
    }
    figures
}
