//! Eight marker shapes, so that series differ by more than colour.

use std::fmt::Write as _;

use super::{PointStyle, Series};

/// How many series look different; further ones repeat.
pub const GLYPHS: usize = 8;

/// The outline of the mark of a series around a place, `size` from its middle to its edge.
pub(super) fn outline(series: usize, x: f64, y: f64, size: f64) -> String {
    let at = |points: &[(f64, f64)]| {
        let mut d = String::new();
        for (number, (dx, dy)) in points.iter().enumerate() {
            let letter = if number == 0 { 'M' } else { 'L' };
            let (px, py) = (x + dx * size, y + dy * size);
            // Writing to a text cannot fail.
            let _written = write!(d, "{letter}{px:.1} {py:.1}");
        }
        d + "Z"
    };
    let cross = |arm: f64| {
        let a = arm;
        [
            (-a, -1.0),
            (a, -1.0),
            (a, -a),
            (1.0, -a),
            (1.0, a),
            (a, a),
            (a, 1.0),
            (-a, 1.0),
            (-a, a),
            (-1.0, a),
            (-1.0, -a),
            (-a, -a),
        ]
    };
    match series % GLYPHS {
        0 => {
            let (left, r) = (x - size, size);
            format!(
                "M{left:.1} {y:.1}a{r:.1} {r:.1} 0 1 0 {d:.1} 0a{r:.1} {r:.1} 0 1 0 -{d:.1} 0Z",
                d = 2.0 * size
            )
        }
        1 => at(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => at(&[(0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)]),
        3 => at(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
        4 => at(&[(0.0, 1.15), (1.1, -0.85), (-1.1, -0.85)]),
        5 => at(&cross(0.35)),
        6 => at(&[(-1.1, -0.55), (1.1, -0.55), (1.1, 0.55), (-1.1, 0.55)]),
        _ => at(&[
            (-0.5, -1.0),
            (0.5, -1.0),
            (1.05, 0.0),
            (0.5, 1.0),
            (-0.5, 1.0),
            (-1.05, 0.0),
        ]),
    }
}

/// The classes of a series: its colour, and whether it was measured here.
pub(super) fn classes(what: &str, series: usize, own: bool) -> String {
    let whose = if own { "own" } else { "published" };
    format!("{what} s{} {whose}", series % GLYPHS)
}

/// A small picture of how a series looks, for a legend: the inside of an SVG of 28 by 14.
pub fn key(series: usize, own: bool, line: bool) -> String {
    let stroke = match line {
        true => format!(
            r#"<path d="M1 7H27" class="{}"/>"#,
            classes("line", series, own)
        ),
        false => String::new(),
    };
    let dot = outline(series, 14.0, 7.0, 4.5);
    let dot = format!(
        r#"<path d="{dot}" class="{}"/>"#,
        classes("dot", series, own)
    );
    format!("{stroke}{dot}")
}

/// The same of a series, as its points are drawn.
pub fn key_of(number: usize, series: &Series, line: bool) -> String {
    let class = |what: &str| classes(what, number, series.own);
    match series.form {
        PointStyle::Plain | PointStyle::Reference => key(number, series.own, line),
        PointStyle::Region => {
            let class = class("region");
            format!(r#"<path d="M2 1H26V13H2Z" class="{class}"/>"#)
        }
        PointStyle::Cloud => {
            let dots = [(8.0, 5.0), (14.0, 9.0), (19.0, 4.0)];
            let d: String = dots.map(|(x, y)| outline(0, x, y, 1.4)).concat();
            format!(r#"<path d="{d}" class="{}"/>"#, class("cloud"))
        }
        PointStyle::Arrow => {
            let dot = outline(number, 21.0, 7.0, 4.5);
            format!(
                r#"<path d="M1 7H15" class="{}"/><path d="{dot}" class="{}"/>"#,
                class("arrow"),
                class("dot")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_differ_and_begin_again() {
        let forms: Vec<String> = (0..GLYPHS).map(|s| outline(s, 5.0, 5.0, 4.0)).collect();
        for (at, form) in forms.iter().enumerate() {
            assert!(!forms[..at].contains(form), "{at}");
            assert_eq!(*form, outline(at + GLYPHS, 5.0, 5.0, 4.0));
        }
        assert!(key(3, false, true).contains("line s3 published"));
        assert!(!key(3, true, false).contains("line"));
    }
}
