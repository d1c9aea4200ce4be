//! Keyboard navigation: where a key leads from a mark.

use super::{Drawing, Figure};

/// A key's direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyDirection {
    /// To the next point of the series.
    Next,
    /// To the one before.
    Back,
    /// To the same place in the series above, or before.
    Up,
    /// To the same place in the series below, or after.
    Down,
    /// To the first mark of the series.
    First,
    /// To the last.
    Last,
}

impl KeyDirection {
    /// The direction of a key, by the name that browsers give it.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowRight" => Self::Next,
            "ArrowLeft" => Self::Back,
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }
}

/// The mark that a key leads to from mark `at`; `at` itself where there is none that way. Nothing
/// without marks.
pub fn step(figure: &Figure, drawing: &Drawing, at: usize, way: KeyDirection) -> Option<usize> {
    let marks = &drawing.marks;
    let at = if at < marks.len() { at } else { 0 };
    let here = *marks.get(at)?;
    let x = |mark: &super::ChartMark| {
        let series = figure.series.get(mark.series);
        let point = series.and_then(|series| series.points.get(mark.point));
        point.map_or(0.0, |point| point.x)
    };
    let of = |series: usize| {
        let all = marks.iter().enumerate();
        all.filter(move |(_, mark)| mark.series == series)
    };
    let along = |mut fits: Box<dyn FnMut(usize) -> bool>| {
        let fit = of(here.series).filter(|(_, mark)| fits(mark.point));
        fit.map(|(number, mark)| (number, mark.point))
            .collect::<Vec<_>>()
    };
    let point = here.point;
    let found = match way {
        KeyDirection::Next => along(Box::new(move |p| p > point))
            .into_iter()
            .min_by_key(|f| f.1),
        KeyDirection::Back => along(Box::new(move |p| p < point))
            .into_iter()
            .max_by_key(|f| f.1),
        KeyDirection::First => along(Box::new(|_| true)).into_iter().min_by_key(|f| f.1),
        KeyDirection::Last => along(Box::new(|_| true)).into_iter().max_by_key(|f| f.1),
        KeyDirection::Up | KeyDirection::Down => {
            let others = marks.iter().map(|mark| mark.series);
            let other = match way {
                KeyDirection::Up => others.filter(|s| *s < here.series).max(),
                _ => others.filter(|s| *s > here.series).min(),
            };
            let far = |mark: &super::ChartMark| (x(mark) - x(&here)).abs();
            let near = other
                .and_then(|other| of(other).min_by(|(_, a), (_, b)| far(a).total_cmp(&far(b))));
            near.map(|(number, mark)| (number, mark.point))
        }
    };
    Some(found.map_or(at, |(number, _)| number))
}
