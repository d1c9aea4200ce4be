//! What is typed, as numbers; what is wrong with it, as sentences. Pure.

use fathom_shared::api::{EngineView, ModelInfo};
use fathom_shared::run::{GridError, RunGrid};

use super::{FieldErrors, RunField};
use crate::pages::display::sentence;

pub(super) fn kept<T>(
    parsed: Result<T, String>,
    part: RunField,
    faults: &mut FieldErrors,
) -> Option<T> {
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
        "" => "Enter a whole number.".to_owned(),
        word => format!("`{word}` is not a whole number."),
    })
}

pub(super) fn priority(text: &str) -> Result<i32, String> {
    let text = text.trim();
    let parsed = text.parse();
    parsed.map_err(|_| format!("`{text}` is not a whole number, such as 0 or 5."))
}

/// The field that a fault of the grid belongs to.
pub(super) fn fault(error: &GridError) -> (RunField, String) {
    let part = match error {
        GridError::Nothing { what: "task" } => RunField::Tasks,
        GridError::Nothing { what: "length" } => RunField::Lengths,
        GridError::Nothing { what: "seed" } => RunField::Seeds,
        GridError::Parts { what: "tasks", .. } => RunField::Tasks,
        GridError::Nothing { .. } | GridError::Parts { .. } | GridError::Many { .. } => {
            RunField::Count
        }
        GridError::Far { first: 0, .. } => RunField::Count,
        GridError::Far { .. } => RunField::First,
        GridError::Twice { what } if what.starts_with("length") => RunField::Lengths,
        GridError::Twice { what } if what.starts_with("seed") => RunField::Seeds,
        GridError::Twice { .. } => RunField::Tasks,
        GridError::Spec { .. } => RunField::Lengths,
    };
    (part, sentence(&error.to_string()))
}

pub(super) fn too_long(
    grid: &RunGrid,
    engine: &EngineView,
    model: &str,
    models: &[ModelInfo],
) -> Option<(RunField, String)> {
    let file = models.iter().find(|info| info.id == model);
    let file = file.filter(|_| engine.engine.is_local());
    let context = engine.context.or(file.map(|info| info.context))?;
    let longest = grid.lengths.iter().max()?;
    (*longest > context).then(|| {
        let message = format!("{model} can read {context} tokens; {longest} is too many.");
        (RunField::Lengths, message)
    })
}
