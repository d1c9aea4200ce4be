//! What is typed, as numbers; what is wrong with it, as sentences. Pure.

use fathom_shared::api::{EngineView, ModelInfo};
use fathom_shared::run::{Grid, GridError};

use super::{Faults, Part};

pub(super) fn kept<T>(parsed: Result<T, String>, part: Part, faults: &mut Faults) -> Option<T> {
    parsed.map_err(|message| faults.push((part, message))).ok()
}

pub(super) fn numbers(text: &str) -> Result<Vec<u32>, String> {
    let words = text.split([',', ' ', ';']).filter(|word| !word.is_empty());
    words.map(number).collect()
}

/// A whole number; `128K` is 131,072.
pub(super) fn number(word: &str) -> Result<u32, String> {
    let word = word.trim();
    let (digits, times) = match word.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1024),
        None => (word, 1),
    };
    let number = digits.parse::<u32>().ok();
    let number = number.and_then(|number| number.checked_mul(times));
    number.ok_or_else(|| match word {
        "" => "This is empty; expected a whole number.".to_owned(),
        word => format!("`{word}` is no whole number."),
    })
}

pub(super) fn priority(text: &str) -> Result<i32, String> {
    let text = text.trim();
    let parsed = text.parse();
    parsed.map_err(|_| format!("`{text}` is no whole number, such as 0 or 5."))
}

/// The field that a fault of the grid belongs to.
pub(super) fn fault(error: &GridError) -> (Part, String) {
    let part = match error {
        GridError::Nothing { what: "task" } => Part::Tasks,
        GridError::Nothing { what: "length" } => Part::Lengths,
        GridError::Nothing { what: "seed" } => Part::Seeds,
        GridError::Parts { what: "tasks", .. } => Part::Tasks,
        GridError::Nothing { .. } | GridError::Parts { .. } | GridError::Many { .. } => Part::Count,
        GridError::Far { first: 0, .. } => Part::Count,
        GridError::Far { .. } => Part::First,
        GridError::Twice { what } if what.starts_with("length") => Part::Lengths,
        GridError::Twice { what } if what.starts_with("seed") => Part::Seeds,
        GridError::Twice { .. } => Part::Tasks,
        GridError::Spec { .. } => Part::Lengths,
    };
    (part, sentence(&error.to_string()))
}

pub(super) fn too_long(
    grid: &Grid,
    engine: &EngineView,
    model: &str,
    models: &[ModelInfo],
) -> Option<(Part, String)> {
    let file = models.iter().find(|info| info.id == model);
    let file = file.filter(|_| engine.engine.is_local());
    let context = engine.context.or(file.map(|info| info.context))?;
    let longest = grid.lengths.iter().max()?;
    (*longest > context).then(|| {
        let message = format!("{model} reads {context} tokens; {longest} are too many for it.");
        (Part::Lengths, message)
    })
}

/// With a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}
