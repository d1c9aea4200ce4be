//! RULER at one length, and what good models reach in a category.

use crate::advise::benchmarks::{TASKS, mean_of, ruler_tasks};
use crate::advise::thresholds::Thresholds;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// RULER at one length.
#[derive(Clone, Copy, Debug)]
pub(in crate::advise) struct RulerAtLength {
    pub length: Tokens,
    /// In the order of [`RulerCategory::ALL`].
    pub categories: [Option<f64>; 5],
    /// The mean of all tasks, or of the known ones, if only question answering is missing.
    pub overall: Option<f64>,
    /// Tasks that it is a mean of.
    pub tasks: u32,
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

    /// The name of its mean.
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

    /// Whether single or multiple needles fall short: as measured, or because the mean of all tasks is
    /// too low for them not to.
    ///
    /// # Formula
    /// Eight of the thirteen tasks have needles. If `13 · mean` minus the sum of the known other tasks is
    /// below `8 · acceptable`, one of both kinds falls short: for 85.6, at a mean below 52.7.
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
            (f64::from(ruler_tasks()) * self.overall? - known < wanted).then_some(true)
        })
    }
}

/// Three-valued: one value below the limit decides; both must be known for a no.
fn any_below(parts: [Option<f64>; 2], limit: f64) -> Option<bool> {
    if parts.iter().flatten().any(|value| *value < limit) {
        return Some(true);
    }
    parts.iter().all(Option::is_some).then_some(false)
}

/// The mean over the tasks of the known categories, and how many tasks these are; `None` unless all
/// but question answering are known.
pub(super) fn overall(categories: &[Option<f64>; 5]) -> Option<(f64, u32)> {
    if categories[..4].iter().any(Option::is_none) {
        return None;
    }
    let known = categories.iter().zip(*TASKS);
    let known = known.filter_map(|(value, tasks)| Some(((*value)? * tasks, tasks)));
    let (sum, tasks) = known.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    Some((sum / tasks, tasks as u32))
}
