//! Verdicts that are held back: they rest on figures that cannot carry one.

use super::benchmarks::tasks_in;
use super::decide::verdict;
use super::evidence::{Evidence, RulerFigure};
use super::inconsistent_evidence::harder_and_higher;
use super::step::AdaptationStep;
use super::thresholds::Thresholds;
use super::uncertain_figures::{FigureSetter, WantedSamples, figures};
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// With fewer samples than this, a figure alone carries no verdict. Chosen.
const FEW: u32 = 20;
/// The samples that such a figure is asked for: intervals of 14 points to each side. Chosen.
const ENOUGH: u32 = 50;

/// Why a verdict is held back.
pub(super) enum HeldBack {
    /// A single needle that a harder task at its length contradicts.
    Contradicted(ContradictedNeedle),
    /// Figures with few samples, within whose intervals the verdict would be another.
    FewSamples(Vec<WantedSamples>),
}

/// A single needle that scores clearly lower than a harder task at the same length.
pub(super) struct ContradictedNeedle {
    pub length: Tokens,
    pub value: f64,
    /// The tasks that a category's figure is a mean of.
    pub tasks: u32,
    /// The harder task, and what it scores.
    pub harder: RulerCategory,
    pub scores: f64,
}

/// Why the verdict is held back; `None` if it rests on sound figures, or if there is none.
pub(super) fn held_back(evidence: &Evidence, thresholds: &Thresholds) -> Option<HeldBack> {
    verdict(evidence, thresholds)?;
    if let Some(needle) = contradicted(evidence, thresholds) {
        return Some(HeldBack::Contradicted(needle));
    }
    let few = rests_on_few(evidence, thresholds);
    (!few.is_empty()).then_some(HeldBack::FewSamples(few))
}

/// The contradicted needle without which the verdict would be another: if it were found as often as
/// the harder task, which is made of such needles.
fn contradicted(evidence: &Evidence, thresholds: &Thresholds) -> Option<ContradictedNeedle> {
    let now = verdict(evidence, thresholds);
    let mut needles = evidence.ruler.iter().enumerate();
    needles.find_map(|(place, easier)| {
        let harder: &RulerFigure = harder_and_higher(easier, evidence, thresholds)?;
        let mut changed = evidence.clone();
        changed.ruler[place].value = harder.value;
        let moves = !AdaptationStep::same(verdict(&changed, thresholds), now);
        moves.then_some(ContradictedNeedle {
            length: easier.length,
            value: easier.value,
            tasks: tasks_in(easier.category),
            harder: harder.category?,
            scores: harder.value,
        })
    })
}

/// The figures with few samples that the verdict rests on, the longest texts first, each with the
/// samples that it is asked for.
///
/// # Formula
/// With every figure of fewer than 20 samples at the same end of its 95% interval, or one of them
/// alone there: those that change the verdict. Figures that hold or fail together are found so, which
/// no single one of them shows.
fn rests_on_few(evidence: &Evidence, thresholds: &Thresholds) -> Vec<WantedSamples> {
    let few = figures(evidence, thresholds).into_iter();
    let few: Vec<FigureSetter> = few
        .filter(|one| one.figure.n.is_some_and(|n| n < FEW))
        .collect();
    let now = verdict(evidence, thresholds);
    let with = |high: bool, moved: &dyn Fn(usize) -> bool| {
        let mut changed = evidence.clone();
        for (_, one) in few.iter().enumerate().filter(|(place, _)| moved(*place)) {
            let (low, top) = one.figure.interval(thresholds.assumed_n);
            (one.set)(&mut changed, if high { top } else { low });
        }
        verdict(&changed, thresholds)
    };
    let decides = |place: usize| {
        [false, true].into_iter().any(|high| {
            let alone = with(high, &|other| other == place);
            let (all, others) = (with(high, &|_| true), with(high, &|other| other != place));
            !AdaptationStep::same(alone, now) || !AdaptationStep::same(all, others)
        })
    };
    let wanted = few.iter().enumerate().filter_map(|(place, one)| {
        let n = one.figure.n?;
        let wanted = n.saturating_mul(4).max(ENOUGH);
        let wanted = wanted.min(one.limit.unwrap_or(wanted));
        (wanted > n && decides(place)).then(|| WantedSamples {
            what: one.what.clone(),
            n,
            wanted,
            assumed: false,
            length: one.length,
            tasks: one.tasks,
            thinks: one.thinks,
        })
    });
    let mut wanted: Vec<WantedSamples> = wanted.collect();
    wanted.sort_by_key(|one| std::cmp::Reverse(one.length));
    wanted
}
