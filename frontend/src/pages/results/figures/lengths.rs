//! RULER by length, own beside published.

use fathom_shared::chart::{Figure, Guide, Kind, Point, Series};
use fathom_shared::published::ruler::{LENGTHS, Line, SOURCE};
use fathom_shared::stats::lengths::RULER_THRESHOLD;

use super::{Held, chosen, floor, name, percent, point, run_page, series, source, tokens};
use crate::pages::results::model::{Look, Of};
use crate::pages::words;

/// Curves by length; published ones are means of RULER's 13 tasks and stand beside no other choice.
pub(in super::super) fn lengths(held: &Held, look: &Look) -> Figure {
    let mut all: Vec<Series> = held
        .iter()
        .map(|digest| {
            let points = chosen(digest, look).into_iter();
            let points = points.filter_map(|(length, sum, tasks)| {
                let of = match look.of {
                    Of::All => format!(", {tasks} of 13 tasks"),
                    Of::Category(_) => format!(", {}", words::some(tasks as u64, "task")),
                    Of::Task(_) => String::new(),
                };
                let at = words::count(length.into());
                let what = format!("{} at {at} tokens{of}", name(digest));
                point(f64::from(length), &sum, &what, run_page(digest))
            });
            series(name(digest), true, source(digest), points.collect())
        })
        .filter(|series| !series.points.is_empty())
        .collect();
    if look.of == Of::All {
        all.extend(look.ruler_lines().iter().map(|line| published(line, look)));
    }
    let low = floor(&all).min((RULER_THRESHOLD / 10.0).floor() * 10.0);
    Figure {
        id: "ruler-by-length".to_owned(),
        title: format!("RULER by context length: {}", look.of.title()),
        about: "Every task counts the same. Bands are 95% intervals: of one’s own sets by a bootstrap of each task’s answers, of published means by Wilson’s formula for 6,500 samples, which is rather too wide; figures that others reported have none. The dotted line is what Llama-2-7B reaches at 4K: RULER’s mark for a length that can be used.".to_owned(),
        kind: Kind::Lines,
        x: tokens(&all),
        y: percent("Score, %", low),
        series: all,
        guides: vec![Guide {
            at: RULER_THRESHOLD,
            name: format!("{RULER_THRESHOLD}: Llama-2-7B at 4K"),
        }],
    }
}

fn published(line: &Line, look: &Look) -> Series {
    let lengths = LENGTHS.into_iter().filter(|length| look.holds(length.0));
    let points = lengths.filter_map(|length| {
        let share = line.share(length)? * 100.0;
        let interval = line
            .interval(length)
            .map(|i| (i.low * 100.0, i.high * 100.0));
        let sure = match (interval, line.samples()) {
            (Some((low, high)), Some(n)) => format!(
                " (95% about {low:.1}–{high:.1}, n = {})",
                words::count(n.into())
            ),
            _ => " (reported by others, n not told)".to_owned(),
        };
        Some(Point {
            x: f64::from(length.0),
            y: share,
            interval,
            n: line.samples(),
            says: format!(
                "{} at {} tokens, published: {share:.1}{sure}. {SOURCE}.",
                line.name(),
                words::count(length.0.into())
            ),
            ..Point::default()
        })
    });
    series(line.name(), false, SOURCE.to_owned(), points.collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests::digest_of;
    use super::*;

    #[test]
    fn own_and_published_are_told_apart() {
        let figure = lengths(&[digest_of("mine", 30)], &Look::default());
        let told: Vec<_> = figure
            .series
            .iter()
            .map(|s| (s.name.as_str(), s.own))
            .collect();
        assert_eq!(told[0], ("mine", true));
        assert!(told[1..].iter().all(|(_, own)| !own) && told.len() == 6);
        let gpt = figure
            .series
            .iter()
            .find(|s| s.name == "GPT-4-1106-preview")
            .unwrap();
        let values: Vec<f64> = gpt.points.iter().map(|point| point.y).collect();
        assert_eq!(values, [96.6, 96.3, 95.2, 93.2, 87.0, 81.2]);
        assert!(gpt.points[0].says.contains("n = 6,500"));
    }

    #[test]
    fn published_means_stand_beside_no_other_choice() {
        let look = Look {
            of: Of::Task("vt".to_owned()),
            ..Look::default()
        };
        let figure = lengths(&[digest_of("mine", 30)], &look);
        assert_eq!(figure.series.len(), 1);
        assert!(
            figure.series[0].points[0]
                .says
                .starts_with("mine at 4,096 tokens: 75.0 (95%")
        );
    }
}
