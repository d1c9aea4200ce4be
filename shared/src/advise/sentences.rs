//! Lengths, hours, ranges and names as they stand in sentences.

use super::costs::CostRange;
use super::step::AdaptationStep;
use crate::numbers::{self, count};
pub(super) use crate::results::length_text as short;

pub(super) fn span(range: CostRange, told: impl Fn(f64) -> String) -> String {
    numbers::span(range.low, range.high, told)
}

/// A share as draws out of 100, never rounded to none or all.
pub(super) fn hundreds(share: f64) -> String {
    match share {
        share if share >= 0.995 => "in more than 99 of 100 draws".to_owned(),
        share if share < 0.005 => "in fewer than 1 of 100 draws".to_owned(),
        share => format!("in {:.0} of 100 draws", share * 100.0),
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// What hold-outs are, where a text first names them.
const HOLD_OUTS_ARE: &str = " (your own questions with known answers, never used for training)";

/// The text with hold-outs explained where it first names them, and nowhere else. The name of a figure
/// stays beside its figure (`own hold-outs: 82.0`), and parentheses stand in no others.
pub(super) fn explain_hold_outs(text: &str) -> String {
    let mut text = text.replace(HOLD_OUTS_ARE, "");
    let name = "hold-outs";
    let mut ends = text.match_indices(name).map(|(at, _)| at + name.len());
    let first = ends.find(|end| {
        let rest = text[*end..].trim_start_matches([':', ' ']);
        !rest.starts_with(|one: char| one.is_ascii_digit() || one == ')')
    });
    if let Some(first) = first {
        text.insert_str(first, HOLD_OUTS_ARE);
    }
    text
}

pub(super) fn hours(hours: f64) -> String {
    match hours {
        hours if hours < 1.0 => format!("{:.0} min", (hours * 60.0).ceil()),
        hours if hours < 100.0 => format!("{hours:.1} h"),
        hours => format!("{} h", two_digits(hours)),
    }
}

/// A verdict's name, or that there is none.
pub(super) fn named(step: Option<AdaptationStep>) -> &'static str {
    step.map_or("not decided", AdaptationStep::name)
}

/// A number to two significant digits, with thousands separators.
pub(super) fn two_digits(value: f64) -> String {
    to_two_digits(value, libm::round)
}

/// The same, never above the number: for what is "at least" so much.
pub(super) fn two_digits_down(value: f64) -> String {
    to_two_digits(value, libm::floor)
}

fn to_two_digits(value: f64, rounded: fn(f64) -> f64) -> String {
    if value < 10.0 {
        return format!("{:.1}", rounded(value * 10.0) / 10.0);
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(value)) - 1.0);
    count((rounded(value / unit) * unit) as u64)
}
