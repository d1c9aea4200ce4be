//! Where a model stands at a length: the mean of RULER's eight tasks with needles, and that of its
//! three tasks that follow hops and count.

use crate::advise::benchmarks::{HARD, NEEDLES, ruler_tasks, tasks_of};
use crate::advise::derived_facts::near;
use crate::advise::evidence::{Evidence, RulerFigure};
use crate::advise::thresholds::Thresholds;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Where a model stands at a length, as far as it was measured.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct MapPlace {
    /// The length.
    pub length: Tokens,
    /// Across: retrieval.
    pub needles: Option<Coordinate>,
    /// Up: hops and counting.
    pub hard: Option<Coordinate>,
}

/// One of the two means.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Coordinate {
    /// Percent.
    pub value: f64,
    /// Its 95% interval.
    pub ends: (f64, f64),
    /// Samples behind it, if all are known.
    pub n: Option<u32>,
    /// What it is the mean of.
    pub made: CoordinateOrigin,
}

/// What a coordinate is the mean of.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum CoordinateOrigin {
    /// Its categories, by their own figures.
    Categories(Vec<(RulerCategory, f64)>),
    /// The eight tasks with needles, derived from the mean of all thirteen and the figures of the other
    /// five.
    Remainder,
}

impl MapPlace {
    /// Where the evidence places a model at a length.
    pub(super) fn of(evidence: &Evidence, thresholds: &Thresholds, length: Tokens) -> Self {
        let of = |parts| from_categories(evidence, thresholds, length, parts);
        let needles = of(NEEDLES);
        let whole = needles.as_ref().is_some_and(Coordinate::is_whole);
        let rest = || remainder(evidence, thresholds, length);
        Self {
            length,
            needles: if whole { needles } else { rest().or(needles) },
            hard: of(HARD),
        }
    }

    /// Both values, where both are known.
    pub(super) fn values(&self) -> Option<(f64, f64)> {
        Some((self.needles.as_ref()?.value, self.hard.as_ref()?.value))
    }
}

impl Coordinate {
    /// Whether it includes both of its categories.
    pub(super) fn is_whole(&self) -> bool {
        match &self.made {
            CoordinateOrigin::Categories(parts) => parts.len() == 2,
            CoordinateOrigin::Remainder => true,
        }
    }

    /// Its categories, if they have figures of their own.
    pub(super) fn parts(&self) -> &[(RulerCategory, f64)] {
        match &self.made {
            CoordinateOrigin::Categories(parts) => parts,
            CoordinateOrigin::Remainder => &[],
        }
    }
}

/// The number of RULER's tasks in a category.
pub(super) fn tasks(category: RulerCategory) -> f64 {
    f64::from(tasks_of(&[category]))
}

/// The figure at a length: of two lengths within 10% of it, the nearer.
pub(super) fn figure_at(
    evidence: &Evidence,
    length: Tokens,
    category: Option<RulerCategory>,
) -> Option<&RulerFigure> {
    let here = evidence.ruler.iter();
    let here = here.filter(|one| one.category == category && near(one.length, length));
    here.min_by_key(|one| one.length.0.abs_diff(length.0))
}

/// The mean of the tasks of those categories that were measured.
///
/// # Formula
/// `Σ t v / Σ t` with the tasks `t` and the figures `v`; half of the interval is `√(Σ t² h²) / Σ t`
/// with the halves `h` of theirs.
fn from_categories(
    evidence: &Evidence,
    thresholds: &Thresholds,
    length: Tokens,
    categories: [RulerCategory; 2],
) -> Option<Coordinate> {
    let figures = categories.into_iter().filter_map(|category| {
        let figure = figure_at(evidence, length, Some(category))?;
        Some((category, figure))
    });
    let figures: Vec<(RulerCategory, &RulerFigure)> = figures.collect();
    let all: f64 = figures.iter().map(|(category, _)| tasks(*category)).sum();
    if figures.is_empty() {
        return None;
    }
    let mean = WeightedSum::sum(figures.iter().map(|(category, figure)| {
        let (low, high) = figure.figure().interval(thresholds.assumed_n);
        (tasks(*category) / all, figure.value, (low, high))
    }));
    let n = figures.iter().map(|(_, figure)| figure.n);
    let parts = figures.iter().map(|(one, figure)| (*one, figure.value));
    Some(Coordinate {
        value: mean.value,
        ends: mean.ends(),
        n: n.sum(),
        made: CoordinateOrigin::Categories(parts.collect()),
    })
}

/// The tasks with needles, if the mean of all tasks and every other category are known.
///
/// # Formula
/// `(13 m − v − 2 a − 2 q) / 8` of the mean `m`, variable tracking `v`, aggregation `a` and question
/// answering `q`; its interval as if the four were independent.
fn remainder(evidence: &Evidence, thresholds: &Thresholds, length: Tokens) -> Option<Coordinate> {
    let mean = figure_at(evidence, length, None).filter(|mean| mean.lacking() == 0)?;
    let needles: f64 = NEEDLES.map(tasks).iter().sum();
    let others = [HARD[0], HARD[1], RulerCategory::QuestionAnswering];
    let others = others.map(|category| {
        let figure = figure_at(evidence, length, Some(category))?;
        Some((-tasks(category) / needles, figure))
    });
    let all = f64::from(ruler_tasks()) / needles;
    let mut parts = vec![(all, mean)];
    for other in others {
        parts.push(other?);
    }
    let n = parts.iter().map(|(_, figure)| figure.n).sum();
    let rest = WeightedSum::sum(parts.iter().map(|(weight, figure)| {
        let ends = figure.figure().interval(thresholds.assumed_n);
        (*weight, figure.value, ends)
    }));
    Some(Coordinate {
        value: rest.value.clamp(0.0, 100.0),
        ends: rest.ends(),
        n,
        made: CoordinateOrigin::Remainder,
    })
}

/// A sum of figures, each with its weight.
struct WeightedSum {
    value: f64,
    half: f64,
}

impl WeightedSum {
    fn sum(parts: impl Iterator<Item = (f64, f64, (f64, f64))>) -> Self {
        let (value, squares) = parts.fold((0.0, 0.0), |(value, squares), part| {
            let (weight, figure, (low, high)) = part;
            let half = weight * (high - low) / 2.0;
            (value + weight * figure, squares + half * half)
        });
        Self {
            value,
            half: libm::sqrt(squares),
        }
    }

    fn ends(&self) -> (f64, f64) {
        let end = |way: f64| (self.value + way * self.half).clamp(0.0, 100.0);
        (end(-1.0), end(1.0))
    }
}

/// Rounded to a tenth.
pub(super) fn tenth(value: f64) -> f64 {
    libm::round(value * 10.0) / 10.0
}
