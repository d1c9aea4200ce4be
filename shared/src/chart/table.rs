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

/// Every point of a figure: series, place, value, interval, n and source. Of a map the interval
/// across too; its regions and its cloud are no figures.
pub fn table(figure: &Figure) -> FigureTable {
    let map = figure.kind == FigureKind::Map;
    let names = map || figure.kind == FigureKind::Scatter;
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
    head.push(figure.x.title.as_str());
    if map {
        head.extend(["Low", "High"]);
    }
    head.extend([value, "Low", "High", "n", "Source"]);
    let told = figure.series.iter().filter(|series| series.form.is_told());
    let rows = told.flat_map(|series| {
        let points = series.points.iter();
        let points = points.filter(|point| series.form.marks(point));
        points.map(move |point| {
            let mut row = vec![series.name.clone()];
            if names {
                row.push(point.name.clone());
            }
            row.push(figure.x.scale.name(point.x));
            if map {
                row.extend(ends(point.across));
            }
            row.push(trimmed(point.y, 2));
            row.extend(ends(point.interval));
            row.push(point.n.map(|n| n.to_string()).unwrap_or_default());
            row.push(series.source.clone());
            row
        })
    });
    FigureTable {
        head: head.into_iter().map(str::to_owned).collect(),
        rows: rows.collect(),
    }
}

fn ends(interval: Option<(f64, f64)>) -> [String; 2] {
    interval.map_or_else(Default::default, |(low, high)| {
        [low, high].map(|end| trimmed(end, 2))
    })
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
