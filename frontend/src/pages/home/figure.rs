//! The recorded scores, as a sentence and as a chart. Pure.

use fathom_shared::chart::Figure;
use fathom_shared::results::figures::{self, FigureOwner, LengthMean};
use fathom_shared::tokens::Tokens;

use super::model::{RecordedTask, cell};
use crate::protocol::Recording;

/// The sentence over both samples: what all of them came to at this length.
pub(super) fn finding(recording: &Recording, length: Tokens) -> String {
    let told = |task: RecordedTask, what: &str| {
        let summary = cell(recording, task, length)?.summary;
        let share = summary.mean? * 100.0;
        let interval = summary.interval.map(|interval| {
            let (low, high) = (interval.low * 100.0, interval.high * 100.0);
            format!("95% interval {low:.0} to {high:.0}, ")
        });
        Some(format!(
            "{share:.0}% of the {what} ({}n\u{a0}=\u{a0}{})",
            interval.unwrap_or_default(),
            summary.n
        ))
    };
    let found = [
        told(RecordedTask::Needle, "needles"),
        told(RecordedTask::Chain, "variables in the chains"),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    let name = &recording.name;
    format!(
        "{name}, reading {length:#} tokens, finds {}.",
        found.join(" and ")
    )
}

/// Who was asked, when, and how.
pub(super) fn source(recording: &Recording) -> String {
    let Recording {
        name,
        day,
        engine,
        seed,
        ..
    } = recording;
    format!(
        "{name}, recorded with Fathom on {day} by {}, seed {seed}",
        engine.engine
    )
}

/// Both tasks over the lengths that were recorded.
pub(super) fn figure(recording: &Recording) -> Figure {
    let curve = |task: RecordedTask| {
        let cells = recording
            .cells
            .iter()
            .filter(move |cell| cell.task == task.id());
        let means = cells.map(|cell| LengthMean {
            length: cell.length,
            sum: cell.summary,
            tasks: None,
            of: String::new(),
        });
        let name = match task {
            RecordedTask::Needle => "One needle (niah_single_1)",
            RecordedTask::Chain => "Four hops (vt)",
        };
        let owner = FigureOwner {
            name: name.to_owned(),
            source: source(recording),
            href: None,
        };
        (owner, means.collect())
    };
    let own = RecordedTask::BOTH.map(curve).into();
    Figure {
        id: "recorded-gap".to_owned(),
        title: "The same model on increasingly long texts".to_owned(),
        about: "Mean scores on two RULER tasks. Bands are 95% intervals: Wilson’s where every answer is right or wrong, otherwise a Bayesian bootstrap.".to_owned(),
        y: figures::percent_axis("Score, %", 0.0),
        guides: Vec::new(),
        ..figures::lengths(own, &[], |_| true, "")
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::recorded;
    use super::*;

    #[test]
    fn the_chart_tells_n_interval_and_source() {
        let figure = figure(&recorded());
        assert!(!figure.is_empty());
        for series in &figure.series {
            assert!(series.source.contains("recorded with Fathom on 20"));
            for point in &series.points {
                assert!(
                    point.interval.is_some() && point.n.is_some(),
                    "{}",
                    point.says
                );
            }
        }
    }
}
