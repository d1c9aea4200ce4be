//! The same figures as a table, for reading and for other programs.

use super::scale::trimmed;
use super::{Figure, FigureKind};

/// A table of texts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FigureTable {
    /// The columns.
    pub head: Vec<String>,
    /// A line for each point.
    pub rows: Vec<Vec<String>>,
}

/// Every point of a figure: series, place, value, interval, n and source.
pub fn table(figure: &Figure) -> FigureTable {
    let names = matches!(figure.kind, FigureKind::Scatter);
    let series = match figure.kind {
        FigureKind::Heat => figure.y.title.as_str(),
        _ => "Series",
    };
    let value = match figure.kind {
        FigureKind::Heat => "Score",
        _ => figure.y.title.as_str(),
    };
    let mut head: Vec<&str> = vec![series];
    if names {
        head.push("Name");
    }
    head.extend([figure.x.title.as_str(), value, "Low", "High", "n", "Source"]);
    let rows = figure.series.iter().flat_map(|series| {
        series.points.iter().map(move |point| {
            let end = |end: fn((f64, f64)) -> f64| {
                let told = point.interval.map(|interval| trimmed(end(interval), 2));
                told.unwrap_or_default()
            };
            let mut row = vec![series.name.clone()];
            if names {
                row.push(point.name.clone());
            }
            row.extend([
                figure.x.scale.name(point.x),
                trimmed(point.y, 2),
                end(|(low, _)| low),
                end(|(_, high)| high),
                point.n.map(|n| n.to_string()).unwrap_or_default(),
                series.source.clone(),
            ]);
            row
        })
    });
    FigureTable {
        head: head.into_iter().map(str::to_owned).collect(),
        rows: rows.collect(),
    }
}

/// The table as comma-separated values (RFC 4180), with a line for the head.
pub fn csv(figure: &Figure) -> String {
    let FigureTable { head, rows } = table(figure);
    let mut text = String::new();
    for row in std::iter::once(head).chain(rows) {
        let fields: Vec<String> = row.iter().map(|field| quoted(field)).collect();
        text += &fields.join(",");
        text += "\r\n";
    }
    text
}

fn quoted(field: &str) -> String {
    match field.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}
