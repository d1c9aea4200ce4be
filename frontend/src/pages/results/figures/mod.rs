//! What is held, as figures. Pure.

mod bars;
mod both;
mod categories;
mod checkpoints;
mod depth;
mod gap;
mod lengths;
mod thinking;

use std::sync::Arc;

use fathom_shared::chart::{Axis, Form, Point, Scale, Series};
use fathom_shared::results::Origin;
use fathom_shared::stats::{Interval, Summary};

use super::model::{Look, Of};
use crate::worker::protocol::results::{CellSum, Digest};

pub(super) use bars::bars;
pub(super) use both::both;
pub(super) use categories::categories;
pub(super) use checkpoints::checkpoints;
pub(super) use depth::depth;
pub(super) use gap::{gap, meaning, sides};
pub(super) use lengths::lengths;
pub(super) use thinking::thinking;

/// What is held, in the order in which it came.
pub(super) type Held = [Arc<Digest>];

/// An axis of percentages from `low` to 100.
fn percent(title: &str, low: f64) -> Axis {
    Axis {
        title: title.to_owned(),
        scale: Scale::Linear { low, high: 100.0 },
    }
}

/// An axis of names.
fn names(title: &str, names: Vec<String>) -> Axis {
    Axis {
        title: title.to_owned(),
        scale: Scale::Band(names),
    }
}

/// An axis of lengths, as far as the points of `series` reach.
fn tokens(series: &[Series]) -> Axis {
    let places = series.iter().flat_map(|series| &series.points);
    let places: Vec<f64> = places.map(|point| point.x).collect();
    let low = places.iter().copied().fold(f64::INFINITY, f64::min);
    let high = places.iter().copied().fold(0.0, f64::max);
    let (low, high) = if high > 0.0 { (low, high) } else { (1.0, 2.0) };
    Axis {
        title: "Context length in tokens".to_owned(),
        scale: Scale::Log2 { low, high },
    }
}

/// The lowest value that has to be shown, down to the ten below; 0 where little would be left out.
fn floor(series: &[Series]) -> f64 {
    let points = series.iter().flat_map(|series| &series.points);
    let lows = points.map(|point| point.interval.map_or(point.y, |(low, _)| low.min(point.y)));
    let lowest = lows.fold(100.0, f64::min);
    match (lowest / 10.0).floor() * 10.0 {
        low if low < 40.0 => 0.0,
        low => low.min(80.0),
    }
}

fn interval(interval: Option<Interval>) -> Option<(f64, f64)> {
    interval.map(|interval| (interval.low * 100.0, interval.high * 100.0))
}

/// A mean as a point; nothing without answers.
fn point(x: f64, sum: &Summary, what: &str, href: Option<String>) -> Option<Point> {
    Some(Point {
        x,
        y: sum.mean? * 100.0,
        interval: interval(sum.interval),
        n: Some(sum.n),
        name: String::new(),
        says: format!("{what}: {sum}."),
        href,
    })
}

fn series(name: String, own: bool, source: String, points: Vec<Point>) -> Series {
    Series {
        name,
        own,
        source,
        form: Form::Plain,
        points,
    }
}

/// What a reader calls a set.
pub(super) fn name(digest: &Digest) -> String {
    let about = &digest.about;
    match about.model.as_str() {
        "" => about.name.clone(),
        model if about.name == model => model.to_owned(),
        model => format!("{model}, {}", about.name),
    }
}

/// Where a set comes from.
pub(super) fn source(digest: &Digest) -> String {
    match &digest.about.origin {
        Origin::Run { id, engine, .. } => format!("run {id} by {engine}"),
        Origin::File { format } => format!("{format}, a file"),
        Origin::Page => "asked in this page".to_owned(),
    }
}

/// The page of the run behind a set.
pub(super) fn run_page(digest: &Digest) -> Option<String> {
    match digest.about.origin {
        Origin::Run { id, .. } => Some(format!("/runs/{id}")),
        _ => None,
    }
}

/// What of a set is chosen, by length: the mean, and of how many tasks.
fn chosen(digest: &Digest, look: &Look) -> Vec<(u32, Summary, usize)> {
    let all: Vec<(u32, Summary, usize)> = match &look.of {
        Of::All => {
            let means = digest.means.iter();
            means.map(|at| (at.length.0, at.sum, at.tasks)).collect()
        }
        Of::Category(category) => {
            let categories = digest.categories.iter();
            let fit = categories.filter(|(other, _)| other == category);
            fit.map(|(_, at)| (at.length.0, at.sum, at.tasks)).collect()
        }
        Of::Task(task) => {
            let fits = |cell: &&CellSum| cell.task == *task && cell.variant.is_empty();
            let cells = digest.cells.iter().filter(fits);
            let cells = cells.filter_map(|cell| Some((cell.length?.0, cell.sum, 1)));
            cells.collect()
        }
    };
    let shown = all.into_iter().filter(|(length, ..)| look.holds(*length));
    shown.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::worker::protocol::results::{Asked, By, GroupShare, LengthSum, TaskDepths};
    use fathom_shared::results::{About, Category, DepthBin, Gap};
    use fathom_shared::stats::lengths::EffectiveLength;
    use fathom_shared::stats::wilson::wilson;
    use fathom_shared::tokens::Tokens;

    pub(in super::super) fn sum(hits: u32, n: u32) -> Summary {
        Summary {
            asked: n,
            answered: n,
            failed: 0,
            n,
            mean: Some(f64::from(hits) / f64::from(n)),
            interval: wilson(hits, n),
        }
    }

    fn at(length: u32, hits: u32) -> LengthSum {
        LengthSum {
            length: Tokens(length),
            tasks: 2,
            sum: sum(hits, 40),
        }
    }

    fn share(by: By, name: &str, hits: u32, n: u32) -> GroupShare {
        GroupShare {
            by,
            name: name.to_owned(),
            n,
            failed: 0,
            share: f64::from(hits) / f64::from(n),
            interval: wilson(hits, n).unwrap(),
        }
    }

    /// A set with a bit of everything.
    pub(in super::super) fn digest_of(name: &str, hits: u32) -> Arc<Digest> {
        let asked = |variant: &str, hits| Asked {
            variant: variant.to_owned(),
            length: None,
            groups: vec![
                share(By::Overall, "overall", hits, 60),
                share(By::Difficulty, "easy", hits / 2, 20),
                share(By::Domain, "Code", 3, 10),
            ],
        };
        let cell = |length| CellSum {
            task: "vt".to_owned(),
            length: Some(Tokens(length)),
            variant: String::new(),
            sum: sum(hits, 40),
        };
        let bin = |length, number: u32| DepthBin {
            length: Some(Tokens(length)),
            from: f64::from(number) / 10.0,
            to: f64::from(number + 1) / 10.0,
            found: number,
            total: 10,
            interval: wilson(number, 10),
        };
        Arc::new(Digest {
            key: format!("file:{name}"),
            about: About {
                name: name.to_owned(),
                model: String::new(),
                origin: Origin::Run {
                    id: 7,
                    engine: "wgpu".to_owned(),
                    created_ms: 0,
                    window: None,
                },
            },
            samples: 200,
            losses: Vec::new(),
            cells: vec![cell(4096), cell(8192)],
            means: vec![at(4096, hits), at(8192, hits / 2)],
            categories: vec![
                (Category::SingleNeedle, at(4096, 40)),
                (Category::MultiHop, at(4096, hits)),
                (Category::SingleNeedle, at(8192, 38)),
                (Category::MultiHop, at(8192, hits / 2)),
            ],
            gaps: [(4096, 0.25), (8192, 0.5)]
                .map(|(length, gap)| Gap {
                    length: Tokens(length),
                    single: sum(40, 40),
                    beyond: sum(hits, 40),
                    gap,
                    interval: wilson(20, 40),
                })
                .to_vec(),
            depths: vec![TaskDepths {
                task: "vt".to_owned(),
                variant: String::new(),
                bins: (0..10)
                    .map(|n| bin(4096, n))
                    .chain((0..10).map(|n| bin(8192, n)))
                    .collect(),
            }],
            questions: vec![asked("", 20), asked("setting=cot", 30)],
            effective: EffectiveLength {
                length: None,
                failed_below: Vec::new(),
                at_the_end: false,
            },
        })
    }

    #[test]
    fn a_choice_is_a_part_of_what_is_held() {
        let digest = digest_of("a", 30);
        let told = |look: &Look| {
            let chosen = chosen(&digest, look).into_iter();
            chosen
                .map(|(length, sum, _)| (length, sum.mean.unwrap()))
                .collect::<Vec<_>>()
        };
        let look = Look::default();
        assert_eq!(told(&look), [(4096, 0.75), (8192, 0.375)]);
        let look = Look {
            of: Of::Category(Category::SingleNeedle),
            from: Some(8192),
            ..Look::default()
        };
        assert_eq!(told(&look), [(8192, 0.95)]);
        let look = Look {
            of: Of::Task("vt".to_owned()),
            ..Look::default()
        };
        assert_eq!(told(&look), [(4096, 0.75), (8192, 0.75)]);
    }

    #[test]
    fn every_figure_tells_n_interval_and_source() {
        let held = [digest_of("a", 30), digest_of("b", 20)];
        let look = Look::default();
        let mut figures = vec![
            lengths(&held, &look),
            gap(&held, &look),
            bars(&held, &look),
            thinking(&held, &look),
            both(&held),
            checkpoints(&held, &look),
        ];
        figures.extend(sides(&held, &look));
        figures.extend(categories(&held, &look));
        figures.extend(depth(&held, &look));
        for figure in figures {
            assert!(!figure.is_empty(), "{}", figure.id);
            for series in &figure.series {
                assert!(!series.source.is_empty(), "{}", figure.id);
                for point in &series.points {
                    assert!(point.says.ends_with('.'), "{}: {}", figure.id, point.says);
                    if series.own {
                        assert!(point.n.is_some(), "{}: {}", figure.id, point.says);
                        assert!(point.says.contains("95%"), "{}: {}", figure.id, point.says);
                    }
                }
                assert!(series.points.is_sorted_by_key(|point| point.x));
            }
        }
    }
}
