//! Parses the text of a field.

use fathom_shared::advise::evidence::PercentFigure;
use fathom_shared::published::ruler::window;
use fathom_shared::tokens::Tokens;
use serde::de::DeserializeOwned;

/// What a number of tokens looks like.
pub(in crate::pages::advisor) const TOKENS: &str =
    "a number of tokens above 0, such as 131072, 128K or 1M";
/// What a quantity looks like.
pub(in crate::pages::advisor) const POSITIVE: &str = "a number above 0";
/// What a count looks like.
pub(in crate::pages::advisor) const WHOLE: &str = "a whole number above 0";
/// What a share looks like.
pub(super) const FIGURE: &str = "a percentage from 0 to 100, with the number of samples if you know it, such as 61.5 or 61.5/500";

/// A number that there is.
pub(super) fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
}

/// One above zero.
pub(in crate::pages::advisor) fn positive(text: &str) -> Option<f64> {
    number(text).filter(|value| *value > 0.0)
}

/// A whole one above zero.
pub(in crate::pages::advisor) fn whole(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|value| *value > 0)
}

/// A number of tokens.
pub(in crate::pages::advisor) fn of_tokens(text: &str) -> Option<Tokens> {
    window(text).filter(|tokens| tokens.0 > 0)
}

/// A share, and of how many.
pub(super) fn of_figure(text: &str) -> Option<PercentFigure> {
    let (value, n) = match text.split_once('/') {
        Some((value, n)) => (value, Some(whole(n)?)),
        None => (text, None),
    };
    let value = number(value).filter(|value| (0.0..=100.0).contains(value))?;
    Some(PercentFigure {
        value,
        n,
        low: None,
        high: None,
    })
}

/// A choice of that name in files.
pub(super) fn choice<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(word.into()).ok()
}
