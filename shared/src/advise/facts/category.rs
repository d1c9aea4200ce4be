//! RULER at one length, and what a category can be expected to reach.

use std::sync::LazyLock;

use crate::advise::Thresholds;
use crate::stats::lengths;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Tasks of RULER in a category, in the order of [`RulerCategory::ALL`].
pub(in crate::advise) static TASKS: LazyLock<[f64; 5]> =
    LazyLock::new(|| RulerCategory::ALL.map(|category| category.tasks().map(|_| 1.0).sum()));

/// All of RULER's tasks.
pub(in crate::advise) fn all_tasks() -> f64 {
    TASKS.iter().sum()
}

/// RULER at one length.
#[derive(Clone, Copy, Debug)]
pub(in crate::advise) struct RulerAtLength {
    pub length: Tokens,
    /// In the order of [`RulerCategory::ALL`].
    pub categories: [Option<f64>; 5],
    /// The mean of all tasks, or of those that are known, questions about documents aside.
    pub overall: Option<f64>,
    /// Tasks that it is a mean of.
    pub tasks: u32,
}

/// All of RULER's tasks, and those with needles.
pub(in crate::advise) const RULER_TASKS: u32 = lengths::RULER_TASKS as u32;
pub(in crate::advise) const NEEDLE_TASKS: u32 = 8;

/// What a mean of so many of RULER's tasks is called.
pub(in crate::advise) fn mean_of(tasks: u32) -> String {
    match tasks {
        RULER_TASKS => "mean".to_owned(),
        NEEDLE_TASKS => "mean of its 8 tasks with needles".to_owned(),
        tasks => format!("mean of {tasks} of its {RULER_TASKS} tasks"),
    }
}

impl Thresholds {
    /// What a good model reaches in a category. Question answering has its own: no published model
    /// comes near 85.6 there.
    pub fn good(&self, category: RulerCategory) -> f64 {
        match category {
            RulerCategory::QuestionAnswering => self.good_answers,
            _ => self.acceptable,
        }
    }
}

impl RulerAtLength {
    pub(in crate::advise) fn of(&self, category: RulerCategory) -> Option<f64> {
        let at = RulerCategory::ALL.iter().position(|one| *one == category)?;
        self.categories[at]
    }

    /// Whether multi-hop tracing or aggregation falls short: one that does is enough.
    pub(in crate::advise) fn hard_fails(&self, acceptable: f64) -> Option<bool> {
        let parts = [
            self.of(RulerCategory::MultiHop),
            self.of(RulerCategory::Aggregation),
        ];
        any_below(parts, acceptable)
    }

    /// Whether a known category falls short of what good models reach in it.
    pub(in crate::advise) fn any_below_good(&self, thresholds: &Thresholds) -> bool {
        let known = RulerCategory::ALL.into_iter().zip(self.categories);
        let mut known = known.filter_map(|(category, value)| Some((category, value?)));
        known.any(|(category, value)| value < thresholds.good(category))
    }

    /// What its mean is called.
    pub(in crate::advise) fn mean_name(&self) -> String {
        mean_of(self.tasks)
    }

    /// The lower of multi-hop tracing and aggregation: both have to hold.
    pub(in crate::advise) fn hard(&self) -> Option<f64> {
        let hop = self.of(RulerCategory::MultiHop)?;
        Some(hop.min(self.of(RulerCategory::Aggregation)?))
    }

    /// The mean over the eight tasks with needles.
    pub(in crate::advise) fn needles(&self) -> Option<f64> {
        let single = self.of(RulerCategory::SingleNeedle)?;
        let several = self.of(RulerCategory::MultiNeedle)?;
        Some((single * TASKS[0] + several * TASKS[1]) / (TASKS[0] + TASKS[1]))
    }

    /// Whether finding needles, one or several, falls short: as measured, or because the mean of
    /// all tasks leaves them no room to hold.
    ///
    /// # Formula
    /// Eight of the thirteen tasks are needles, so that with `13 · mean` minus the sum of the other
    /// tasks known below `8 · acceptable` one of both kinds falls short: a mean under 52.7 for 85.6.
    pub(in crate::advise) fn retrieval_fails(&self, acceptable: f64) -> Option<bool> {
        let needles = [
            self.of(RulerCategory::SingleNeedle),
            self.of(RulerCategory::MultiNeedle),
        ];
        any_below(needles, acceptable).or_else(|| {
            let known = self.categories.iter().zip(*TASKS);
            let known: f64 = known
                .filter_map(|(value, tasks)| Some((*value)? * tasks))
                .sum();
            let unknown = needles.iter().zip(*TASKS);
            let wanted: f64 = unknown
                .filter(|(value, _)| value.is_none())
                .map(|(_, tasks)| acceptable * tasks)
                .sum();
            (all_tasks() * self.overall? - known < wanted).then_some(true)
        })
    }
}

/// Three-valued: one below decides, all must be known for none.
fn any_below(parts: [Option<f64>; 2], limit: f64) -> Option<bool> {
    if parts.iter().flatten().any(|value| *value < limit) {
        return Some(true);
    }
    parts.iter().all(Option::is_some).then_some(false)
}

/// The mean over the tasks of the categories that are known, questions about documents aside, and
/// how many these are.
pub(super) fn overall(categories: &[Option<f64>; 5]) -> Option<(f64, u32)> {
    if categories[..4].iter().any(Option::is_none) {
        return None;
    }
    let known = categories.iter().zip(*TASKS);
    let known = known.filter_map(|(value, tasks)| Some(((*value)? * tasks, tasks)));
    let (sum, tasks) = known.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Some((sum / tasks, tasks as u32))
}
