//! The chosen models, or the first, by length, and on LongBench v2. Pure.

use fathom_shared::chart::{Figure, FigureKind, GuideLine, Series, length_name};
use fathom_shared::published::ranking::{ModelReport, RankedBenchmark, ranked, stand_in};
use fathom_shared::results::figures::{
    floor, length_axis, name_axis, percent_axis, reported_by_length, reported_overall,
};
use fathom_shared::stats::lengths::RULER_THRESHOLD;

use super::super::ranking_query::RankingQuery;

/// So many are drawn where none is chosen.
const FIRST: usize = 5;

/// The reports that are drawn by a benchmark: those chosen, else the first.
fn drawn<'a>(
    reports: &'a [ModelReport],
    look: &RankingQuery,
    by: RankedBenchmark,
) -> Vec<&'a ModelReport> {
    let picks: Vec<String> = match look.picks.is_empty() {
        false => look.picks.clone(),
        true => {
            let rows = ranked(reports, look.by, look.at).into_iter();
            let whole = rows.filter(|row| row.report.own || row.rank.is_some());
            whole.take(FIRST).map(|row| row.report.id).collect()
        }
    };
    let mut drawn: Vec<&ModelReport> = Vec::new();
    for pick in &picks {
        let itself = reports.iter().find(|report| report.id == *pick);
        // Curves are of any length: a report stands for itself where it has one.
        let found = match by {
            RankedBenchmark::Longbench => stand_in(reports, pick, by, look.at),
            _ => itself
                .filter(|report| !report.ruler.is_empty())
                .or_else(|| {
                    let model = &itself?.model;
                    let mut others = reports.iter();
                    others.find(|other| other.model == *model && !other.ruler.is_empty())
                }),
        };
        if let Some(found) = found
            && !drawn.iter().any(|other| other.id == found.id)
        {
            drawn.push(found);
        }
    }
    drawn
}

fn whose(look: &RankingQuery) -> String {
    match (look.picks.is_empty(), look.by) {
        (false, _) => "the models chosen".to_owned(),
        (true, RankedBenchmark::Longbench) => format!("the top {FIRST}"),
        (true, _) => format!("the top {FIRST} at {}", length_name(f64::from(look.at.0))),
    }
}

/// What a chart calls a report: where a model has several, with who measured it.
fn name(reports: &[ModelReport], report: &ModelReport) -> String {
    let twice = reports
        .iter()
        .filter(|other| other.model == report.model && !other.own);
    match twice.count() > 1 && !report.own {
        true => format!("{} ({})", report.model, report.reporter),
        false => report.model.clone(),
    }
}

/// The published reports that the ranking's charts draw, by their ids.
pub(in super::super) fn published(reports: &[ModelReport], look: &RankingQuery) -> Vec<String> {
    let by = match look.by {
        RankedBenchmark::Longbench => vec![RankedBenchmark::Longbench],
        RankedBenchmark::Ruler => vec![RankedBenchmark::Ruler],
        RankedBenchmark::Both => vec![RankedBenchmark::Ruler, RankedBenchmark::Longbench],
    };
    let all = by.into_iter().flat_map(|by| drawn(reports, look, by));
    let mut ids: Vec<String> = Vec::new();
    for report in all.filter(|report| !report.own) {
        if !ids.contains(&report.id) {
            ids.push(report.id.clone());
        }
    }
    ids
}

/// RULER by length.
pub(super) fn curves(reports: &[ModelReport], look: &RankingQuery) -> Figure {
    let drawn = drawn(reports, look, RankedBenchmark::Ruler);
    let series: Vec<Series> = drawn
        .into_iter()
        .map(|report| reported_by_length(report, name(reports, report)))
        .collect();
    let low = floor(&series).min((RULER_THRESHOLD / 10.0).floor() * 10.0);
    Figure {
        id: "ranking-by-length".to_owned(),
        title: format!("RULER by context length: {}", whose(look)),
        about: "Means over RULER’s tasks as given by each source. Bands are 95% intervals; for published means they come from Wilson’s formula and are missing where the number of samples is not reported. The dotted line is Llama-2-7B’s score at 4K, RULER’s threshold for a usable length.".to_owned(),
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

/// LongBench v2 overall.
pub(super) fn bars(reports: &[ModelReport], look: &RankingQuery) -> Figure {
    let drawn = drawn(reports, look, RankedBenchmark::Longbench);
    let series = drawn
        .into_iter()
        .filter_map(|report| reported_overall(report, name(reports, report)));
    Figure {
        id: "ranking-longbench".to_owned(),
        title: format!("LongBench v2: {}", whose(look)),
        about: "Correct answers overall, in percent, with a chain of thought or thinking where the model was asked for it. Whiskers are Wilson’s 95% intervals; they are missing where n is not reported.".to_owned(),
        kind: FigureKind::Bars,
        x: name_axis("Questions", vec!["overall".to_owned()]),
        y: percent_axis("Correct answers, %", 0.0),
        series: series.collect(),
        guides: vec![
            GuideLine {
                at: 25.0,
                name: "25: chance".to_owned(),
            },
            GuideLine {
                at: 53.7,
                name: "53.7: people".to_owned(),
            },
        ],
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::published::ranking::reports;

    use super::*;

    #[test]
    fn the_first_are_drawn_until_others_are_chosen() {
        let reports = reports();
        let look = RankingQuery::default();
        let figure = curves(&reports, &look);
        assert_eq!(figure.series.len(), FIRST);
        assert_eq!(figure.series[0].name, "Qwen3-Next-80B-A3B-Instruct");
        assert_eq!(figure.series[0].points.len(), 15);
        let last = &figure.series[0].points[14];
        assert_eq!((last.x, last.n), (1_048_576.0, Some(260)));
        assert!(
            last.says
                .contains("at 1M tokens, reported by Qwen: 80.3 (95% about "),
            "{}",
            last.says
        );
        assert_eq!(
            bars(&reports, &look.by(RankedBenchmark::Longbench))
                .series
                .len(),
            FIRST
        );

        let swiss = reports
            .iter()
            .find(|one| one.reporter == "Swiss AI" && one.model == "Llama3.1 8B");
        let look = look.picked(&swiss.unwrap().id);
        let figure = curves(&reports, &look);
        assert_eq!(figure.series.len(), 1);
        assert_eq!(figure.series[0].name, "Llama3.1 8B (Swiss AI)");
        // LongBench v2's figure is another reporter's.
        let figure = bars(&reports, &look);
        assert_eq!(
            figure.series[0].name,
            "Llama3.1 8B (LongBench v2’s authors)"
        );
        for series in &figure.series {
            assert!(!series.source.is_empty());
            assert!(series.points.is_sorted_by_key(|point| point.x));
        }
    }
}
