//! The page's result sets as figures. Pure.

mod bars; // LongBench v2 scores by group
mod categories; // RULER's categories, a small radar chart per set
mod checkpoints; // several sets in order, as checkpoints of one model
mod depth; // scores by depth in the text
mod differences; // a comparison as a forest plot
mod facts; // BABILong by the number of facts needed
mod gap; // the gap between finding a needle and following references or counting
mod lengths; // RULER scores by length, own and published
mod ruler_and_longbench; // RULER against LongBench v2
mod thinking; // direct answers against chain of thought

use std::sync::Arc;

use fathom_shared::chart::{ChartPoint, PointStyle, Series};
use fathom_shared::results::figures::FigureOwner;
use fathom_shared::stats::Summary;

use super::model::{ResultsQuery, RulerSelection};
use crate::protocol::results::{CellSum, ResultDigest};

pub(super) use bars::bars;
pub(super) use categories::categories;
pub(super) use checkpoints::checkpoints;
pub(super) use depth::depth;
pub(super) use differences::differences;
pub(super) use facts::facts;
pub(super) use gap::{gap, meaning, sides};
pub(super) use lengths::lengths;
pub(super) use ruler_and_longbench::both;
pub(super) use thinking::thinking;

/// What is held, in the order in which it came.
pub(super) type Digests = [Arc<ResultDigest>];

fn series(name: String, own: bool, source: String, points: Vec<ChartPoint>) -> Series {
    Series {
        name,
        own,
        source,
        form: PointStyle::Plain,
        points,
    }
}

/// Whose figures a set's are.
fn whose(digest: &ResultDigest) -> FigureOwner {
    FigureOwner::of(&digest.about)
}

/// What a reader calls a set.
pub(super) fn name(digest: &ResultDigest) -> String {
    whose(digest).name
}

/// Where a set comes from.
pub(super) fn source(digest: &ResultDigest) -> String {
    whose(digest).source
}

/// The page of the run behind a set.
pub(super) fn run_page(digest: &ResultDigest) -> Option<String> {
    whose(digest).href
}

/// What of a set is chosen, by length: the mean, and of how many tasks.
fn chosen(digest: &ResultDigest, look: &ResultsQuery) -> Vec<(u32, Summary, usize)> {
    let all: Vec<(u32, Summary, usize)> = match &look.of {
        RulerSelection::All => {
            let means = digest.means.iter();
            means.map(|at| (at.length.0, at.sum, at.tasks)).collect()
        }
        RulerSelection::Category(category) => {
            let categories = digest.categories.iter();
            let fit = categories.filter(|(other, _)| other == category);
            fit.map(|(_, at)| (at.length.0, at.sum, at.tasks)).collect()
        }
        RulerSelection::Task(task) => {
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
    use crate::protocol::results::{GroupBy, GroupShare, LengthSum, LongBenchDigest, TaskDepths};
    use fathom_shared::results::{DepthBin, NeedleGap, ResultOrigin, ResultSetInfo};
    use fathom_shared::stats::Estimate;
    use fathom_shared::stats::lengths::EffectiveLength;
    use fathom_shared::stats::wilson::wilson;
    use fathom_shared::task::RulerCategory;
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

    fn share(by: GroupBy, name: &str, hits: u32, n: u32) -> GroupShare {
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
    pub(in super::super) fn digest_of(name: &str, hits: u32) -> Arc<ResultDigest> {
        let asked = |variant: &str, hits| LongBenchDigest {
            variant: variant.to_owned(),
            length: None,
            groups: vec![
                share(GroupBy::Overall, "overall", hits, 60),
                share(GroupBy::Difficulty, "easy", hits / 2, 20),
                share(GroupBy::Domain, "Code", 3, 10),
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
        Arc::new(ResultDigest {
            key: format!("file:{name}"),
            about: ResultSetInfo {
                name: name.to_owned(),
                model: String::new(),
                origin: ResultOrigin::Run {
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
                (RulerCategory::SingleNeedle, at(4096, 40)),
                (RulerCategory::MultiHop, at(4096, hits)),
                (RulerCategory::SingleNeedle, at(8192, 38)),
                (RulerCategory::MultiHop, at(8192, hits / 2)),
            ],
            gaps: [(4096, 0.25), (8192, 0.5)]
                .map(|(length, gap)| NeedleGap {
                    length: Tokens(length),
                    single: sum(40, 40),
                    beyond: sum(hits, 40),
                    gap: Estimate {
                        value: gap,
                        interval: wilson(20, 40),
                    },
                    growth: None,
                    hops: None,
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
            effective: EffectiveLength::default(),
        })
    }

    #[test]
    fn a_choice_is_a_part_of_what_is_held() {
        let digest = digest_of("a", 30);
        let told = |look: &ResultsQuery| {
            let chosen = chosen(&digest, look).into_iter();
            chosen
                .map(|(length, sum, _)| (length, sum.mean.unwrap()))
                .collect::<Vec<_>>()
        };
        let look = ResultsQuery::default();
        assert_eq!(told(&look), [(4096, 0.75), (8192, 0.375)]);
        let look = ResultsQuery {
            of: RulerSelection::Category(RulerCategory::SingleNeedle),
            from: Some(8192),
            ..ResultsQuery::default()
        };
        assert_eq!(told(&look), [(8192, 0.95)]);
        let look = ResultsQuery {
            of: RulerSelection::Task("vt".to_owned()),
            ..ResultsQuery::default()
        };
        assert_eq!(told(&look), [(4096, 0.75), (8192, 0.75)]);
    }

    #[test]
    fn every_figure_tells_n_interval_and_source() {
        let held = [digest_of("a", 30), digest_of("b", 20)];
        let look = ResultsQuery::default();
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
