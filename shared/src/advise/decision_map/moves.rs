//! What would move a model on the map: a position fix that was measured, or the next published model.

use super::place::{MapPlace, figure_at, tasks, tenth};
use crate::advise::benchmarks::{HARD, NEEDLES};
use crate::advise::derived_facts::near;
use crate::advise::evidence::{Evidence, PositionFixMethod, RulerFigure};
use crate::advise::thresholds::Thresholds;
use crate::published::categories::{self, CategoryLine};
use crate::published::same_name;
use crate::tokens::Tokens;

/// The same model at its shortest length, if it was measured there too.
pub(super) fn shorter(
    evidence: &Evidence,
    thresholds: &Thresholds,
    target: Tokens,
) -> Option<MapPlace> {
    let lengths = evidence.ruler.iter().map(|one| one.length);
    let first = lengths
        .min()
        .filter(|first| *first < target && !near(*first, target))?;
    let place = MapPlace::of(evidence, thresholds, first);
    place.values().is_some().then_some(place)
}

/// Where each position fix that was measured at the length puts the model; what was not measured with
/// the fix stays as it was.
pub(super) fn fixes(
    evidence: &Evidence,
    thresholds: &Thresholds,
    place: &MapPlace,
) -> Vec<(PositionFixMethod, MapPlace)> {
    let methods = PositionFixMethod::ALL.into_iter();
    let places = methods.filter_map(|method| {
        let tried = evidence.position_fix.iter();
        let tried = tried.filter(|fix| fix.method == method && near(fix.length, place.length));
        let mut again: Vec<RulerFigure> = tried
            .map(|fix| RulerFigure::of(fix.category, fix.length, fix.figure()))
            .collect();
        let measured = |category| again.iter().any(|one| one.category == Some(category));
        let sides = NEEDLES.into_iter().chain(HARD);
        sides.clone().any(measured).then_some(())?;
        // The needles follow from the mean only where all that is not needles was measured with it.
        let all = HARD.into_iter().all(measured);
        let kept = sides.filter(|category| !measured(*category));
        let kept =
            kept.filter_map(|category| figure_at(evidence, place.length, Some(category)).cloned());
        let kept: Vec<RulerFigure> = kept.collect();
        again.retain(|one| all || one.category.is_some());
        again.extend(kept);
        let fixed = Evidence {
            ruler: again,
            ..Evidence::default()
        };
        let mut fixed = MapPlace::of(&fixed, thresholds, place.length);
        fixed.needles = fixed.needles.or_else(|| place.needles.clone());
        fixed.hard = fixed.hard.or_else(|| place.hard.clone());
        fixed.values().is_some().then_some((method, fixed))
    });
    places.collect()
}

/// Published figures by category of other models at a length.
pub(super) fn published_at(name: &str, length: Tokens) -> impl Iterator<Item = CategoryLine> {
    let board = categories::board().into_iter();
    board.filter(move |line| {
        !line.string && near(line.length, length) && !same_name(line.model, name)
    })
}

pub(super) fn coordinates(line: &CategoryLine) -> (f64, f64) {
    let [hop, counted] = HARD.map(tasks);
    let hard = (hop * line.multi_hop + counted * line.aggregation) / (hop + counted);
    (line.needles, tenth(hard))
}

/// The nearest model that is no worse on both axes and better on one.
pub(super) fn next_published(
    name: &str,
    length: Tokens,
    (x, y): (f64, f64),
) -> Option<CategoryLine> {
    let gains = |line: &CategoryLine| {
        let (across, up) = coordinates(line);
        (across - x, up - y)
    };
    let better = published_at(name, length).filter(|line| {
        let (across, up) = gains(line);
        across >= -0.05 && up >= -0.05 && across + up > 0.5
    });
    let far = |line: &CategoryLine| {
        let (across, up) = gains(line);
        libm::hypot(across, up)
    };
    better.min_by(|a, b| far(a).total_cmp(&far(b)))
}
