//! Prints the result tables.

use std::collections::BTreeMap;

use fathom_shared::results::{ResultOrigin, ResultSet, ResultSetBuilder, ResultSetInfo};
use fathom_shared::stats::lengths::LengthWeighting;
use fathom_shared::stats::{Interval, Summary};
use fathom_shared::task::ruler;
use fathom_shared::tokens::Tokens;

use super::super::terminal::say;
use super::{ScoreArgs, ScoredSource};

pub(super) fn print(reads: &[ScoredSource], score: &ScoreArgs) -> anyhow::Result<()> {
    let mut text = String::new();
    for (at, set) in sets(reads, score).iter().enumerate() {
        let gap = if at > 0 { "\n" } else { "" };
        text.push_str(&format!("{gap}{}\n", set.about.name));
        text.push_str(&show(set, score.threshold));
    }
    Ok(say(text.trim_end())?)
}

/// One result set for each series.
pub(super) fn sets(reads: &[ScoredSource], score: &ScoreArgs) -> Vec<ResultSet> {
    let mut series = BTreeMap::<String, ResultSetBuilder>::new();
    for read in reads {
        let gathered = series.entry(read.series()).or_default();
        for row in &read.rows {
            if let Some(metric) = score.metric_of(row) {
                gathered.add(row, metric);
            }
        }
    }
    let named = series.into_iter().map(|(name, gathered)| {
        gathered.set(ResultSetInfo {
            name,
            model: String::new(),
            origin: ResultOrigin::File {
                format: String::new(),
            },
        })
    });
    named.collect()
}

/// The table of one series, as text.
pub(super) fn show(set: &ResultSet, threshold: f64) -> String {
    let mut lines = vec![
        [
            "task",
            "length",
            "score",
            "95% interval",
            "n",
            "failed",
            "nulls",
        ]
        .map(str::to_owned),
    ];
    let means = set.means();
    for (cell, summary) in means.cells() {
        let nulls = format!("{}/{}", cell.blanks(), summary.answered);
        lines.push(line(
            cell.task.clone(),
            length(cell.length),
            &summary,
            nulls,
        ));
    }
    let lengths = set.lengths();
    for at in &lengths {
        let count = ruler::count() - set.missing_at(*at).len();
        let name = format!("mean of {count} of {} tasks", ruler::count());
        lines.push(line(name, at.to_string(), &means.at(*at), String::new()));
    }
    if !lengths.is_empty() {
        for (name, weighting) in [
            ("inc", LengthWeighting::Increasing),
            ("dec", LengthWeighting::Decreasing),
        ] {
            let name = format!("wAvg ({name})");
            lines.push(line(
                name,
                String::new(),
                &means.average(weighting),
                String::new(),
            ));
        }
    }
    let mut text = aligned(&lines);
    if !lengths.is_empty() {
        let words = set.effective_length(threshold).words();
        text.push_str(&format!("effective length at {threshold}: {words}\n"));
        text.push_str(&unlike(set, &lengths));
    }
    text
}

fn line(name: String, length: String, summary: &Summary, nulls: String) -> [String; 7] {
    let score = summary
        .mean
        .map_or_else(|| "none".to_owned(), |mean| format!("{:.2}", mean * 100.0));
    [
        name,
        length,
        score,
        summary
            .interval
            .as_ref()
            .map_or_else(|| "none".to_owned(), interval),
        summary.answered.to_string(),
        summary.failed.to_string(),
        nulls,
    ]
}

fn interval(interval: &Interval) -> String {
    let how = interval.method.name();
    let (low, high) = (interval.low * 100.0, interval.high * 100.0);
    format!("{low:.2}\u{2013}{high:.2} {how}")
}

pub(super) fn length(length: Option<Tokens>) -> String {
    length.map_or_else(|| "?".to_owned(), |length| length.to_string())
}

/// Names the missing tasks where a mean does not cover all of them.
fn unlike(set: &ResultSet, lengths: &[Tokens]) -> String {
    let missing: Vec<_> = lengths.iter().map(|at| set.missing_at(*at)).collect();
    let mut text = String::new();
    for (at, missing) in lengths.iter().zip(&missing) {
        if !missing.is_empty() {
            text.push_str(&format!("missing at {at}: {}\n", missing.join(", ")));
        }
    }
    if missing.windows(2).any(|pair| pair[0] != pair[1]) {
        text.push_str("the lengths have different tasks: their means, averages and the effective length compare unlike things\n");
    }
    text
}

/// Pads columns to their widest cell; the first is left-aligned, the others right-aligned.
pub(super) fn aligned(lines: &[[String; 7]]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or(0)).collect();
    let shown = lines.iter().map(|line| {
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    });
    shown.collect()
}
