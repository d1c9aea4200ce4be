//! Shapes as SVG: inside the page's own element, or as a file that stands alone.

use std::fmt::Write as _;

use super::drawing::{ChartShape, Drawing, TextAnchor};
use super::{ChartView, Figure, draw, glyph};

/// How classes look: of the page, and of a file that stands alone.
pub const STYLE: &str = include_str!("chart.css");

/// A text as it stands inside XML.
///
/// # Example
/// ```
/// assert_eq!(fathom_shared::chart::escape("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
/// ```
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML has no place for them.
            control if control.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// The shapes, without the element around them.
pub fn inner(drawing: &Drawing) -> String {
    let mut text = String::new();
    for shape in &drawing.shapes {
        // Writing to a text cannot fail.
        let _written = match shape {
            ChartShape::Path { d, class } => write!(text, r#"<path class="{class}" d="{d}"/>"#),
            ChartShape::Rect { at, class, share } => {
                let [x, y, width, height] = at;
                let style = share.map_or_else(String::new, |share| {
                    format!(r#" style="--share:{:.1}%""#, share * 100.0)
                });
                write!(
                    text,
                    r#"<rect class="{class}"{style} x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="2"/>"#
                )
            }
            ChartShape::Text {
                at: (x, y),
                anchor,
                class,
                text: words,
            } => {
                let anchor = match anchor {
                    TextAnchor::Start => "start",
                    TextAnchor::Middle => "middle",
                    TextAnchor::End => "end",
                };
                let words = escape(words);
                write!(
                    text,
                    r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{words}</text>"#
                )
            }
        };
    }
    text
}

/// A figure as a file of its own: title, drawing, legend, and the words about it. `scheme` is
/// `light dark` to follow who looks at it, or one of the two.
pub fn standalone(figure: &Figure, view: &ChartView, scheme: &str) -> String {
    let drawing = draw(figure, view);
    let (em, width) = (view.em, drawing.width);
    let pad = em * 1.2;
    let line = em * 1.5;
    let mut above = super::labels::wrap(&figure.title, em * 1.2 * super::labels::BOLD, width);
    above.truncate(3);
    let mut legend = String::new();
    let (mut x, mut y) = (0.0, above.len() as f64 * em * 1.6 + em * 0.4);
    let mut lines = 0.0;
    if legend_of(figure) {
        for (number, series) in figure.series.iter().enumerate() {
            if !view.shows(number) {
                continue;
            }
            let small = em * super::frame::SMALL;
            let name = super::labels::fit(&name_of(series), small, width - 34.0);
            let wide = 34.0 + super::labels::width(&name, small) + em;
            if x > 0.0 && x + wide > width {
                (x, lines) = (0.0, lines + 1.0);
            }
            let _written = write!(
                legend,
                r#"<g transform="translate({x:.1} {:.1})">{}<text class="tick" x="34" y="11">{}</text></g>"#,
                y + lines * line,
                glyph::key_of(number, series, figure.kind != super::FigureKind::Map),
                escape(&name)
            );
            x += wide;
        }
        lines += 1.0;
    }
    y += lines * line + em * 0.5;
    let below = super::labels::wrap(&figure.about, em * 0.86, width);
    let height = y + drawing.height + (below.len() as f64 + 1.0) * em * 1.2;
    let (whole, high) = (width + 2.0 * pad, height + 2.0 * pad);
    let mut words = String::new();
    for (at, part) in above.iter().enumerate() {
        let y = (at as f64 + 1.0) * em * 1.5;
        let _written = write!(
            words,
            r#"<text class="head" y="{y:.1}">{}</text>"#,
            escape(part)
        );
    }
    for (at, part) in below.iter().enumerate() {
        let y = y + drawing.height + (at as f64 + 1.0) * em * 1.2;
        let _written = write!(
            words,
            r#"<text class="tick" y="{y:.1}">{}</text>"#,
            escape(part)
        );
    }
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="fathom-chart" role="img" width="{whole:.0}" height="{high:.0}" viewBox="0 0 {whole:.0} {high:.0}" font-size="{em}" style="color-scheme:{scheme}"><title>{title}</title><desc>{about}</desc><style>{STYLE}</style><rect class="paper" width="100%" height="100%"/><g transform="translate({pad:.1} {pad:.1})">{words}{legend}<g transform="translate(0 {y:.1})">{shapes}</g></g></svg>"#,
        title = escape(&figure.title),
        about = escape(&figure.about),
        shapes = inner(&drawing),
    )
}

/// Whether a figure's series need a legend: rows of squares are named where they stand.
fn legend_of(figure: &Figure) -> bool {
    figure.kind != super::FigureKind::Heat
}

/// A series' name, with the word that it is not of here.
fn name_of(series: &super::Series) -> String {
    match series.own || !series.form.is_told() {
        true => series.name.clone(),
        false => format!("{} (published)", series.name),
    }
}
