//! What the rules look at, read off the evidence once.

use super::Thresholds;
use super::evidence::{Depth, Evidence, Reading};
use crate::longbench::LengthClass;
use crate::results::Category;
use crate::tokens::Tokens;

/// Tasks of RULER in a category, in the order of [`Category::ALL`].
pub(super) const TASKS: [f64; 5] = [3.0, 5.0, 1.0, 2.0, 2.0];

/// The domain of LongBench v2 that asks about several documents.
pub(super) const MULTI_DOCUMENT: &str = "Multi-Document QA";

/// RULER at one length.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub length: Tokens,
    /// In the order of [`Category::ALL`].
    pub categories: [Option<f64>; 5],
    /// The mean of all tasks.
    pub overall: Option<f64>,
}

/// The evidence in the words of the rules.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub depth: Option<Depth>,
    pub target: Option<Tokens>,
    pub window: Option<Tokens>,
    /// Every length measured, shortest first.
    pub ruler: Vec<At>,
    /// At the target: measured there, or, where a shorter length already falls short, that one.
    pub at_target: Option<At>,
    pub human: f64,
    pub direct: Option<f64>,
    pub cot: Option<f64>,
    pub no_context: Option<f64>,
    pub tail: Option<f64>,
    pub multi_document: Option<f64>,
    pub long: Option<f64>,
    /// As it would be used today: direct, or with thought where the model always thinks.
    pub as_used: Option<f64>,
}

impl At {
    pub(super) fn of(&self, category: Category) -> Option<f64> {
        let at = Category::ALL.iter().position(|one| *one == category)?;
        self.categories[at]
    }

    /// The lower of multi-hop tracing and aggregation: both have to hold.
    pub(super) fn hard(&self) -> Option<f64> {
        let hop = self.of(Category::MultiHop)?;
        Some(hop.min(self.of(Category::Aggregation)?))
    }

    /// Whether multi-hop tracing or aggregation falls short: one that does is enough.
    pub(super) fn hard_fails(&self, acceptable: f64) -> Option<bool> {
        let parts = [self.of(Category::MultiHop), self.of(Category::Aggregation)];
        any_below(parts, acceptable)
    }

    /// Whether finding needles, one or several, falls short: as measured, or because the mean of
    /// all tasks leaves them no room to hold.
    ///
    /// # Formula
    /// Eight of the thirteen tasks are needles, so that with `13 · mean` minus the sum of the other
    /// tasks known below `8 · acceptable` one of both kinds falls short: a mean under 52.7 for 85.6.
    pub(super) fn retrieval_fails(&self, acceptable: f64) -> Option<bool> {
        let needles = [
            self.of(Category::SingleNeedle),
            self.of(Category::MultiNeedle),
        ];
        any_below(needles, acceptable).or_else(|| {
            let known = self.categories.iter().zip(TASKS);
            let known: f64 = known
                .filter_map(|(value, tasks)| Some((*value)? * tasks))
                .sum();
            let unknown = needles.iter().zip(TASKS);
            let wanted: f64 = unknown
                .filter(|(value, _)| value.is_none())
                .map(|(_, tasks)| acceptable * tasks)
                .sum();
            (13.0 * self.overall? - known < wanted).then_some(true)
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

impl Facts {
    pub(super) fn of(evidence: &Evidence, thresholds: &Thresholds) -> Self {
        let ruler = by_length(evidence);
        let target = evidence.target();
        let longbench = |reading, domain, length| evidence.longbench_at(reading, domain, length);
        let direct = longbench(Reading::Direct, None, None);
        let cot = longbench(Reading::Cot, None, None);
        let of_domain = longbench(Reading::Direct, Some(MULTI_DOCUMENT), None);
        let of_long = longbench(Reading::Direct, None, Some(LengthClass::Long));
        Self {
            depth: evidence.depth.or(evidence.workload.map(|one| one.depth())),
            target,
            window: evidence.window(),
            at_target: target.and_then(|target| at_target(&ruler, target, thresholds)),
            ruler,
            human: evidence.human.map_or(thresholds.human, |one| one.value),
            direct,
            cot,
            no_context: longbench(Reading::NoContext, None, None),
            tail: longbench(Reading::TailOnly, None, None),
            multi_document: of_domain.or(direct),
            long: of_long,
            as_used: direct.or(cot),
        }
    }

    /// The longest length inside the window.
    pub(super) fn inside(&self) -> Option<&At> {
        let window = self.window?;
        let mut inside = self.ruler.iter().rev();
        inside.find(|at| near(at.length, window) || at.length <= window)
    }

    /// The shortest length measured.
    pub(super) fn shortest(&self) -> Option<&At> {
        self.ruler.first()
    }

    /// The longest length whose mean reaches the threshold.
    pub(super) fn holds_to(&self, acceptable: f64) -> Option<Tokens> {
        let passed = self.ruler.iter().filter(|at| {
            let fails = at.hard_fails(acceptable) == Some(true);
            !fails && at.overall.is_some_and(|overall| overall >= acceptable)
        });
        passed.map(|at| at.length).max()
    }
}

/// 128,000 and 131,072 are one window.
pub(super) fn near(length: Tokens, target: Tokens) -> bool {
    let ratio = f64::from(length.0) / f64::from(target.0.max(1));
    (0.9..=1.1).contains(&ratio)
}

fn by_length(evidence: &Evidence) -> Vec<At> {
    let mut lengths: Vec<Tokens> = evidence.ruler.iter().map(|one| one.length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let at = |length| {
        let value = |category: Option<Category>| {
            let mut found = evidence.ruler.iter();
            let found = found.find(|one| one.length == length && one.category == category);
            found.map(|one| one.value)
        };
        let categories = Category::ALL.map(|category| value(Some(category)));
        At {
            length,
            categories,
            overall: value(None).or_else(|| overall(&categories)),
        }
    };
    lengths.into_iter().map(at).collect()
}

/// The mean over the tasks of the categories that are known, questions about documents aside.
fn overall(categories: &[Option<f64>; 5]) -> Option<f64> {
    if categories[..4].iter().any(Option::is_none) {
        return None;
    }
    let known = categories.iter().zip(TASKS);
    let known: Vec<(f64, f64)> = known
        .filter_map(|(value, tasks)| Some(((*value)?, tasks)))
        .collect();
    let tasks: f64 = known.iter().map(|(_, tasks)| tasks).sum();
    Some(
        known
            .iter()
            .map(|(value, tasks)| value * tasks)
            .sum::<f64>()
            / tasks,
    )
}

/// What is known at the target, field by field: measured there; measured longer and good; measured
/// shorter and already bad, a longer text being no easier.
fn at_target(ruler: &[At], target: Tokens, thresholds: &Thresholds) -> Option<At> {
    let limit = thresholds.acceptable;
    let mut lengths = Vec::new();
    let mut field = |of: &dyn Fn(&At) -> Option<f64>| {
        let exact = ruler.iter().filter(|at| near(at.length, target));
        let longer = ruler.iter().filter(|at| at.length > target);
        let longer = longer.filter(|at| of(at).is_some_and(|value| value >= limit));
        let shorter = ruler.iter().rev().filter(|at| at.length < target);
        let shorter = shorter.filter(|at| of(at).is_some_and(|value| value < limit));
        let mut found = exact
            .filter(|at| of(at).is_some())
            .chain(longer)
            .chain(shorter);
        let found = found.next()?;
        lengths.push(found.length);
        of(found)
    };
    let overall = field(&|at| at.overall);
    let categories = [0, 1, 2, 3, 4].map(|category| field(&|at| at.categories[category]));
    let length = lengths.first().copied()?;
    Some(At {
        length,
        categories,
        overall,
    })
}

/// What the mean of all tasks can be, given the categories that are known; questions about
/// documents aside where they are not.
pub(super) fn whole(at: &At) -> (f64, f64) {
    let (mut known, mut rest, mut tasks) = (0.0, 0.0, 0.0);
    for (place, (value, of)) in at.categories.iter().zip(TASKS).enumerate() {
        match value {
            Some(value) => known += value * of,
            None if place == 4 => continue,
            None => rest += of,
        }
        tasks += of;
    }
    (known / tasks, (known + 100.0 * rest) / tasks)
}
