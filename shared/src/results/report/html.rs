//! The HTML page with figures and tables.

use std::fmt::Write as _;

use super::ReportHead;
use crate::chart::{self, ChartView, Figure, FigureKind, STYLE, draw, escape, inner};
use crate::results::ResultSet;
use crate::results::figures::FigureOwner;

const OWN_STYLE: &str = include_str!("report.css");

/// A page under construction.
pub(super) struct HtmlPage {
    text: String,
}

impl HtmlPage {
    pub(super) fn begin(sets: &[ResultSet], stamp: &ReportHead) -> Self {
        let names = sets.iter().map(|set| FigureOwner::of(&set.about).name);
        let names: Vec<String> = names.collect();
        let title = escape(&format!("Fathom: {}", names.join(", ")));
        let made = escape(&format!("Made {} by Fathom {}.", stamp.made, stamp.version));
        let text = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>{OWN_STYLE}{STYLE}</style>\n</head>\n<body>\n<header><h1>{title}</h1><p>{made} Percentages are mean scores, each shown with its 95% interval and number of samples. Figures marked (published) were measured by others.</p></header>\n<main>\n"
        );
        Self { text }
    }

    pub(super) fn end(self) -> String {
        self.text + "</main>\n</body>\n</html>\n"
    }

    /// The part that stands on a page of its own when it is printed.
    pub(super) fn first_page(&mut self, title: &str, fill: impl FnOnce(&mut Self)) {
        // Writing to a text cannot fail.
        let _written = writeln!(
            self.text,
            "<section class=\"first\"><h2>{}</h2>",
            escape(title)
        );
        fill(self);
        self.text.push_str("</section>\n");
    }

    /// A part of the page; left out where `fill` writes nothing.
    pub(super) fn section(&mut self, title: &str, about: &str, fill: impl FnOnce(&mut Self)) {
        let before = self.text.len();
        // As above.
        let _written = writeln!(
            self.text,
            "<section><h2>{}</h2><p>{}</p>",
            escape(title),
            escape(about)
        );
        let head = self.text.len();
        fill(self);
        match self.text.len() == head {
            true => self.text.truncate(before),
            false => self.text.push_str("</section>\n"),
        }
    }

    /// Adds a paragraph, unless the text is empty.
    pub(super) fn paragraph(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let _written = writeln!(self.text, "<p>{}</p>", escape(text));
    }

    pub(super) fn heading(&mut self, text: &str) {
        let _written = writeln!(self.text, "<h3>{}</h3>", escape(text));
    }

    pub(super) fn list(&mut self, items: &[impl AsRef<str>]) {
        self.text.push_str("<ul>");
        for item in items {
            let _written = write!(self.text, "<li>{}</li>", escape(item.as_ref()));
        }
        self.text.push_str("</ul>\n");
    }

    /// Adds a table with its caption, unless there are no rows; the first column names the row.
    pub(super) fn table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        let _written = write!(
            self.text,
            "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\"><table><caption>{caption}</caption><thead><tr>",
            caption = escape(caption)
        );
        for cell in head {
            let _written = write!(self.text, "<th scope=\"col\">{}</th>", escape(cell));
        }
        self.text.push_str("</tr></thead><tbody>");
        for row in rows {
            self.text.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let cell = escape(cell);
                let _written = match at {
                    0 => write!(self.text, "<th scope=\"row\">{cell}</th>"),
                    _ => write!(self.text, "<td>{cell}</td>"),
                };
            }
            self.text.push_str("</tr>\n");
        }
        self.text.push_str("</tbody></table></div>\n");
    }

    /// The first as wide as the page, the others two in a row.
    pub(super) fn figures(&mut self, figures: &[Figure]) {
        self.text.push_str("<div class=\"charts\">");
        for (at, figure) in figures.iter().enumerate() {
            let whole = ChartView::default();
            let view = match at {
                0 => whole,
                // Text is as large as on the wide one.
                _ => ChartView {
                    width: whole.width * 0.66,
                    ..whole
                },
            };
            self.drawn(figure, &view);
        }
        self.text.push_str("</div>\n");
    }

    /// A chart with its words, legend and table. Nothing where it has no point.
    pub(super) fn figure(&mut self, figure: &Figure) {
        if !figure.is_empty() {
            self.drawn(figure, &ChartView::default());
        }
    }

    fn drawn(&mut self, figure: &Figure, view: &ChartView) {
        let drawing = draw(figure, view);
        let (width, height, em) = (drawing.width, drawing.height, drawing.em);
        let label = escape(&format!("{}. {}", figure.title, figure.about));
        let _written = write!(
            self.text,
            "<figure><h3>{}</h3>{}<svg class=\"fathom-chart\" role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-size=\"{em}\">{}</svg><figcaption>{}</figcaption>",
            escape(&figure.title),
            legend(figure),
            inner(&drawing),
            escape(&figure.about)
        );
        let chart::FigureTable { head, rows } = chart::table(figure);
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        self.text
            .push_str("<details><summary>The figures as a table</summary>");
        self.table(&figure.title, &head, &rows);
        self.text.push_str("</details></figure>\n");
    }
}

/// The series with their marks; rows of a map are labelled in the chart itself.
fn legend(figure: &Figure) -> String {
    if figure.kind == FigureKind::Heat {
        return String::new();
    }
    let entries = figure.series.iter().enumerate().map(|(number, series)| {
        let published = if series.own { "" } else { " (published)" };
        format!(
            "<li><svg class=\"fathom-chart\" aria-hidden=\"true\" width=\"28\" height=\"14\">{}</svg> {}{published}</li>",
            chart::key(number, series.own, figure.kind == FigureKind::Lines),
            escape(&series.name)
        )
    });
    format!("<ul class=\"legend\">{}</ul>", entries.collect::<String>())
}
