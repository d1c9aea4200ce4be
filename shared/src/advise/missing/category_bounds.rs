//! Bounds of a RULER category, given what is known.

use crate::advise::benchmarks::{TASKS, ruler_tasks};
use crate::advise::derived_facts::{EvidenceFacts, RulerAtLength, near};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// What a category can be at the target, given the mean of all tasks and the other categories
/// there, and no better than at a shorter length.
///
/// # Formula
/// `t` tasks of the category, `u` of those not known, `s = 13 · mean - sum of the known`:
/// from `(s - 100 u) / t` to `s / t`, cut to 0 to 100.
pub(super) fn range(category: RulerCategory, facts: &EvidenceFacts, target: Tokens) -> (f64, f64) {
    let shorter = facts.ruler.iter().filter(|at| at.length < target);
    let best = shorter
        .filter_map(|at| at.of(category))
        .fold(100.0, f64::min);
    let found = facts.ruler.iter().find(|at| near(at.length, target));
    let Some((at, overall)) = found.and_then(|at| Some((at, at.overall?))) else {
        return (0.0, best);
    };
    let (tasks, known, rest) = parts(at, category);
    let left = f64::from(ruler_tasks()) * overall - known;
    let low = ((left - 100.0 * rest) / tasks).clamp(0.0, 100.0);
    let high = (left / tasks).clamp(0.0, 100.0).min(best);
    (low.min(high), high)
}

/// The category's tasks, the sum over the known ones, and the tasks of the other unknown ones.
fn parts(at: &RulerAtLength, category: RulerCategory) -> (f64, f64, f64) {
    let (mut own, mut known, mut rest) = (1.0, 0.0, 0.0);
    for ((one, value), tasks) in RulerCategory::ALL.iter().zip(at.categories).zip(*TASKS) {
        match value {
            _ if *one == category => own = tasks,
            Some(value) => known += value * tasks,
            None => rest += tasks,
        }
    }
    (own, known, rest)
}
