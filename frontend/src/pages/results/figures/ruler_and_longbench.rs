//! RULER against LongBench v2: whether models that find facts also understand real texts.

use fathom_shared::chart::{Axis, AxisScale, ChartPoint, Figure, FigureKind};
use fathom_shared::published::{self, longbench, ruler};
use fathom_shared::stats::lengths::RULER_TASKS;
use fathom_shared::tokens::Tokens;

use super::bars::published_point;
use super::{Digests, name, run_page, series, source};
use crate::protocol::results::{GroupBy, ResultDigest};

/// The length at which RULER is read here: the longest of its table.
const AT: Tokens = Tokens(131_072);

/// Points of published models in both tables, and of one's own sets that have both.
pub(in super::super) fn both(held: &Digests) -> Figure {
    let published = published::both().into_iter().filter_map(|(line, theirs)| {
        let model = theirs.model;
        let point = published_point(&theirs, model, longbench::LeaderboardColumn::Overall, false)?;
        let x = line.share(AT)? * 100.0;
        Some(ChartPoint {
            x,
            name: model.to_owned(),
            says: format!(
                "RULER at 128K {x:.1} ({}). {}",
                ruler::SOURCE,
                point.says.replace("{}", "overall")
            ),
            ..point
        })
    });
    let mut points: Vec<ChartPoint> = published.collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x));
    let sources = format!("{}; {}", ruler::SOURCE, longbench::SOURCE);
    let mut all: Vec<_> = held.iter().filter_map(|digest| own(digest)).collect();
    all.push(series(
        "Models in both tables".to_owned(),
        false,
        sources,
        points,
    ));
    let x = |point: &ChartPoint| point.x;
    let lowest = all
        .iter()
        .flat_map(|s| &s.points)
        .map(x)
        .fold(100.0, f64::min);
    Figure {
        id: "ruler-and-longbench".to_owned(),
        title: "RULER vs. LongBench v2".to_owned(),
        about: "Horizontal: mean RULER score at 128K, or at the longest length for your own sets. Vertical: correct direct answers on LongBench v2 overall, with Wilson’s 95% interval. A model far to the right but low finds facts it does not understand.".to_owned(),
        kind: FigureKind::Scatter,
        x: Axis {
            title: "RULER at 128K, %".to_owned(),
            scale: AxisScale::Linear {
                low: (lowest / 10.0).floor() * 10.0,
                high: 100.0,
            },
        },
        y: Axis {
            title: "LongBench v2, correct answers, %".to_owned(),
            scale: AxisScale::Linear {
                low: 20.0_f64.min(lowest_share(&all)),
                high: 65.0,
            },
        },
        series: all,
        guides: vec![
            fathom_shared::chart::GuideLine {
                at: 53.7,
                name: "53.7: people".to_owned(),
            },
            fathom_shared::chart::GuideLine {
                at: 25.0,
                name: "25: chance".to_owned(),
            },
        ],
    }
}

fn lowest_share(all: &[fathom_shared::chart::Series]) -> f64 {
    let points = all.iter().flat_map(|series| &series.points);
    let low = |point: &ChartPoint| point.interval.map_or(point.y, |(low, _)| low);
    let low = points.map(low).fold(20.0, f64::min);
    (low / 10.0).floor() * 10.0
}

fn own(digest: &ResultDigest) -> Option<fathom_shared::chart::Series> {
    let at = digest.means.last()?;
    let x = at.sum.mean? * 100.0;
    let asked = digest
        .questions
        .iter()
        .find(|asked| asked.variant.is_empty())?;
    let share = asked
        .groups
        .iter()
        .find(|share| share.by == GroupBy::Overall)?;
    let point = ChartPoint {
        x,
        y: share.share * 100.0,
        interval: Some((share.interval.low * 100.0, share.interval.high * 100.0)),
        across: None,
        n: Some(share.n),
        name: label(digest, at.tasks),
        says: format!(
            "RULER at {} tokens{} {}. {}",
            at.length,
            match at.tasks {
                tasks if tasks < RULER_TASKS => format!(", {tasks} of its {RULER_TASKS} tasks,"),
                _ => String::new(),
            },
            at.sum,
            super::bars::says(&name(digest), share)
        ),
        href: run_page(digest),
    };
    let called = label(digest, at.tasks);
    Some(series(called, true, source(digest), vec![point]))
}

/// Its name, and of how many of RULER's tasks where these are not all.
fn label(digest: &ResultDigest, tasks: usize) -> String {
    match tasks {
        tasks if tasks < RULER_TASKS => {
            format!("{} ({tasks} of {RULER_TASKS} tasks)", name(digest))
        }
        _ => name(digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_in_both_tables() {
        let figure = both(&[]);
        assert_eq!(figure.series[0].points.len(), published::both().len());
        let people = longbench::human().share(longbench::LeaderboardColumn::Overall, false);
        assert_eq!(people.map(|share| share * 100.0), Some(figure.guides[0].at));
    }
}
