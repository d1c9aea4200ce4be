//! What the rules say at every point of the map: the evidence with the model moved there, all else
//! unchanged.

use std::collections::BTreeMap;

use super::place::{Coordinate, CoordinateOrigin, MapPlace, figure_at, tasks};
use crate::advise::benchmarks::{HARD, NEEDLES, ruler_tasks};
use crate::advise::decide::verdict;
use crate::advise::derived_facts::near;
use crate::advise::evidence::{Evidence, PercentFigure, RulerFigure};
use crate::advise::step::AdaptationStep;
use crate::advise::thresholds::Thresholds;
use crate::task::RulerCategory;

/// Percent from one cell's edge to the next; there are further edges where a rule turns.
const STRIDE: f64 = 5.0;

/// Left, right, low and high of a part of a region.
pub(super) type Rectangle = [f64; 4];

/// The map, divided by what the rules say.
pub(super) struct VerdictRegions(Vec<(Option<AdaptationStep>, Rectangle)>);

impl VerdictRegions {
    /// Asks the rules at the middle of every cell.
    pub(super) fn of(evidence: &Evidence, thresholds: &Thresholds, place: &MapPlace) -> Self {
        let moved = MovedEvidence::new(evidence, place);
        let edges = |coordinate: &Option<Coordinate>, categories| {
            edges(evidence, thresholds, coordinate.as_ref(), categories)
        };
        let (across, up) = (edges(&place.needles, NEEDLES), edges(&place.hard, HARD));
        let mut done = Vec::new();
        // Parts that may continue in the next row, by verdict and sides.
        let mut open: Vec<(Option<AdaptationStep>, Rectangle)> = Vec::new();
        for row in up.windows(2) {
            let y = f64::midpoint(row[0], row[1]);
            let mut parts: Vec<(Option<AdaptationStep>, Rectangle)> = Vec::new();
            for cell in across.windows(2) {
                let at = moved.to(f64::midpoint(cell[0], cell[1]), y);
                let step = verdict(&at, thresholds);
                match parts.last_mut() {
                    Some((last, part)) if *last == step => part[1] = cell[1],
                    _ => parts.push((step, [cell[0], cell[1], row[0], row[1]])),
                }
            }
            for (step, part) in &mut parts {
                let below = open
                    .iter()
                    .position(|(other, below)| other == step && below[..2] == part[..2]);
                if let Some(below) = below {
                    part[2] = open.swap_remove(below).1[2];
                }
            }
            done.append(&mut open);
            open = parts;
        }
        done.append(&mut open);
        Self(done)
    }

    /// What the rules say at a point; `None` if they do not decide.
    pub(super) fn at(&self, x: f64, y: f64) -> Option<AdaptationStep> {
        let holds = |[left, right, low, high]: &Rectangle| {
            (*left..=*right).contains(&x) && (*low..=*high).contains(&y)
        };
        let found = self.0.iter().find(|(_, part)| holds(part));
        found.and_then(|(step, _)| *step)
    }

    /// The parts of each verdict, the largest region first.
    pub(super) fn by_verdict(&self) -> Vec<(Option<AdaptationStep>, Vec<Rectangle>)> {
        let mut regions: BTreeMap<Option<AdaptationStep>, Vec<Rectangle>> = BTreeMap::new();
        for (step, part) in &self.0 {
            regions.entry(*step).or_default().push(*part);
        }
        let mut regions: Vec<_> = regions.into_iter().collect();
        regions.sort_by(|a, b| area(&b.1).total_cmp(&area(&a.1)));
        regions
    }
}

/// The area of some parts, in square percent.
pub(super) fn area(parts: &[Rectangle]) -> f64 {
    let each = parts.iter();
    let each = each.map(|[left, right, low, high]| (right - left) * (high - low));
    each.sum()
}

/// Evidence whose place on the map can be changed.
pub(super) struct MovedEvidence<'a> {
    place: &'a MapPlace,
    /// All evidence except what determines the point on the map.
    rest: Evidence,
    /// The mean of all tasks at the place, and of how many.
    mean: Option<(f64, u32)>,
    answers: Option<f64>,
}

impl<'a> MovedEvidence<'a> {
    pub(super) fn new(evidence: &Evidence, place: &'a MapPlace) -> Self {
        let value = |category| figure_at(evidence, place.length, category);
        let mean = value(None).map(|one| (one.value, ruler_tasks().saturating_sub(one.lacking())));
        let answers = value(Some(RulerCategory::QuestionAnswering)).map(|one| one.value);
        let mut rest = evidence.clone();
        let stays = |category| category == Some(RulerCategory::QuestionAnswering);
        rest.ruler
            .retain(|one| !near(one.length, place.length) || stays(one.category));
        Self {
            place,
            rest,
            mean,
            answers,
        }
    }

    /// The evidence with the model at another point. Each category moves the same fraction of its way to
    /// 100, or to 0, as the mean of both: at the model's own place it is as measured.
    pub(super) fn to(&self, x: f64, y: f64) -> Evidence {
        let mut evidence = self.rest.clone();
        let mut put = |category: Option<RulerCategory>, value: f64| {
            let figure = PercentFigure::exact(value);
            evidence
                .ruler
                .push(RulerFigure::of(category, self.place.length, figure));
        };
        let derived = matches!(
            self.place.needles.as_ref().map(|one| &one.made),
            Some(CoordinateOrigin::Remainder)
        );
        let needles = (!derived).then(|| spread(self.place.needles.as_ref(), x, NEEDLES));
        let hard = spread(self.place.hard.as_ref(), y, HARD);
        let own = needles.iter().flatten().chain(&hard);
        for (category, value) in own {
            put(Some(*category), *value);
        }
        // The mean moves with its parts; if these were not measured, it is computed from them.
        if let (Some((mean, count)), Some((x0, y0))) = (self.mean, self.place.values()) {
            let moves = |coordinate: &Option<Coordinate>, by: f64, all: f64| {
                let parts = coordinate.as_ref().map_or(&[][..], Coordinate::parts);
                let own: f64 = parts.iter().map(|(category, _)| tasks(*category)).sum();
                by * if own > 0.0 { own } else { all }
            };
            let all = NEEDLES.map(tasks).iter().sum();
            let gained =
                moves(&self.place.needles, x - x0, all) + moves(&self.place.hard, y - y0, all);
            let told = mean + gained / f64::from(count.max(1));
            let told = match (derived, self.answers) {
                (true, Some(answers)) => {
                    let hard: f64 = hard.iter().map(|(one, value)| tasks(*one) * value).sum();
                    let answers = tasks(RulerCategory::QuestionAnswering) * answers;
                    (all * x + hard + answers) / f64::from(ruler_tasks())
                }
                _ => told,
            };
            put(None, told.clamp(0.0, 100.0));
        }
        evidence
    }
}

/// The categories of a side if the side's mean is `to`; both equal if none was measured.
fn spread(
    from: Option<&Coordinate>,
    to: f64,
    categories: [RulerCategory; 2],
) -> Vec<(RulerCategory, f64)> {
    match from {
        None => categories.map(|category| (category, to)).to_vec(),
        Some(from) => {
            let parts = from.parts().iter();
            parts
                .map(|(category, value)| (*category, moved(*value, from.value, to)))
                .collect()
        }
    }
}

/// A figure after the mean that it is part of moves from one value to another.
fn moved(figure: f64, from: f64, to: f64) -> f64 {
    match to <= from {
        true if from > 0.0 => figure * to / from,
        true => figure,
        false => figure + (100.0 - figure) * (to - from) / (100.0 - from),
    }
}

/// The mean at which a figure that is part of it reaches `limit`: the inverse of [`moved`].
fn mean_at(figure: f64, from: f64, limit: f64) -> Option<f64> {
    let mean = match limit <= figure {
        true if figure > 0.0 => limit * from / figure,
        false if figure < 100.0 => from + (limit - figure) * (100.0 - from) / (100.0 - figure),
        _ => return None,
    };
    (0.0..=100.0).contains(&mean).then_some(mean)
}

/// The edges of cells: at every stride, and where a category reaches a limit.
fn edges(
    evidence: &Evidence,
    thresholds: &Thresholds,
    coordinate: Option<&Coordinate>,
    categories: [RulerCategory; 2],
) -> Vec<f64> {
    let steps = (0..=20).map(|step| f64::from(step) * STRIDE);
    let mut edges: Vec<f64> = steps.collect();
    let shortest = evidence.ruler.iter().map(|one| one.length).min();
    for category in categories {
        let short = shortest.and_then(|length| figure_at(evidence, length, Some(category)));
        let limits = [
            Some(thresholds.good(category)),
            (category == RulerCategory::SingleNeedle).then_some(thresholds.needle_strong),
            short.map(|short| short.value - thresholds.drop),
        ];
        let parts = coordinate.map_or(&[][..], Coordinate::parts);
        let own = parts.iter().find(|(one, _)| *one == category);
        for limit in limits.into_iter().flatten() {
            let at = match (own, coordinate) {
                (Some((_, figure)), Some(mean)) => mean_at(*figure, mean.value, limit),
                _ => Some(limit),
            };
            edges.extend(at.filter(|at| (0.0..=100.0).contains(at)));
        }
    }
    edges.sort_by(f64::total_cmp);
    // A narrower cell would not be visible.
    edges.dedup_by(|a, b| *a - *b < 0.2);
    if let Some(last) = edges.last_mut() {
        *last = 100.0;
    }
    edges
}
