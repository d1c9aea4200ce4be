//! RULER by length, own and published figures.

use super::{FigureOwner, floor, length_axis, percent_axis, percents, published};
use crate::chart::{ChartPoint, Figure, FigureKind, GuideLine, PointStyle, Series};
use crate::numbers::count;
use crate::published::ruler::{LENGTHS, RulerTableLine, SOURCE};
use crate::results::length_text;
use crate::stats::Summary;
use crate::stats::lengths::{RULER_TASKS, RULER_THRESHOLD};
use crate::tokens::Tokens;

/// A mean at a length.
#[derive(Clone, PartialEq, Debug)]
pub struct LengthMean {
    /// Prompt and answer together.
    pub length: Tokens,
    /// Its mean with n and interval.
    pub sum: Summary,
    /// How many of RULER's tasks it covers, if it is meant to be the mean of all; a mean of fewer
    /// says so beside RULER's own.
    pub tasks: Option<usize>,
    /// What it is the mean of, starting with a comma: `, 3 of 13 tasks`.
    pub of: String,
}

/// Curves by length; `of` names the score. Published curves are means of RULER's 13 tasks and are
/// shown at the lengths for which `holds` is true.
pub fn lengths(
    own: Vec<(FigureOwner, Vec<LengthMean>)>,
    lines: &[RulerTableLine],
    holds: impl Fn(Tokens) -> bool,
    of: &str,
) -> Figure {
    let curve = |(whose, means): (FigureOwner, Vec<LengthMean>)| {
        let points = means.iter().filter_map(|mean| {
            let what = format!(
                "{} at {} tokens{}",
                whose.name,
                length_text(mean.length),
                mean.of
            );
            whose.point(f64::from(mean.length.0), &mean.sum, &what)
        });
        let fewest = means.iter().filter_map(|mean| mean.tasks).min();
        let name = match fewest.filter(|tasks| *tasks < RULER_TASKS) {
            Some(tasks) => format!("{} ({tasks} of {RULER_TASKS} tasks)", whose.name),
            None => whose.name.clone(),
        };
        whose.series(name, points.collect())
    };
    let mut series: Vec<Series> = own.into_iter().map(curve).collect();
    series.retain(|series| !series.points.is_empty());
    series.extend(lines.iter().map(|line| theirs(line, &holds)));
    let low = floor(&series).min((RULER_THRESHOLD / 10.0).floor() * 10.0);
    Figure {
        id: "ruler-by-length".to_owned(),
        title: format!("RULER by context length: {of}"),
        about: "All tasks are weighted equally. Bands are 95% intervals: for your own sets from a Bayesian bootstrap of each task’s answers, for published means from Wilson’s formula for 6,500 samples, which is somewhat too wide; figures reported by others have none. The dotted line is Llama-2-7B’s score at 4K, RULER’s threshold for a usable length.".to_owned(),
        kind: FigureKind::Lines,
        x: length_axis(&series),
        y: percent_axis("Score, %", low),
        series,
        guides: vec![GuideLine {
            at: RULER_THRESHOLD,
            name: format!("{RULER_THRESHOLD}: Llama-2-7B at 4K"),
        }],
    }
}

fn theirs(line: &RulerTableLine, holds: impl Fn(Tokens) -> bool) -> Series {
    let lengths = LENGTHS.into_iter().filter(|length| holds(*length));
    let points = lengths.filter_map(|length| {
        let share = line.share(length)? * 100.0;
        let interval = percents(line.interval(length));
        let sure = match (interval, line.samples()) {
            (Some((low, high)), Some(n)) => {
                format!(" (95% about {low:.1}–{high:.1}, n = {})", count(n.into()))
            }
            _ => " (reported by others, n not given)".to_owned(),
        };
        Some(ChartPoint {
            x: f64::from(length.0),
            y: share,
            interval,
            n: line.samples(),
            says: format!(
                "{} at {} tokens, published: {share:.1}{sure}. {SOURCE}.",
                line.name(),
                length_text(length),
            ),
            ..ChartPoint::default()
        })
    });
    published(line.name(), SOURCE, PointStyle::Plain, points.collect())
}
