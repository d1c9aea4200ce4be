//! RULER's two metrics: references are searched in the answer as lower-case substrings.

/// Cleans an answer before scoring, as RULER does: control characters become line breaks, and the
/// ends are trimmed.
///
/// Source: `postprocess_pred` of NVIDIA/RULER c3f5e3b. Golden: `ruler/metrics.jsonl`.
pub fn clean(text: &str) -> String {
    // Python's `strip` also takes the separators U+001C to U+001F, which `trim` leaves.
    let python_space = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    let trimmed = text.trim_matches(python_space);
    let lines: String = trimmed
        .chars()
        .map(|c| if c <= '\u{1f}' { '\n' } else { c })
        .collect();
    lines.trim_matches(python_space).to_owned()
}

/// For each reference, whether the cleaned answer contains it, ignoring case.
pub fn found(text: &str, references: &[String]) -> Vec<bool> {
    let text = clean(text).to_lowercase();
    references
        .iter()
        .map(|reference| text.contains(&reference.to_lowercase()))
        .collect()
}

/// `string_match_all`: the share of references found; 0 if there are none.
///
/// # Formula
/// `hits / references`
pub fn all(found: &[bool]) -> f64 {
    if found.is_empty() {
        return 0.0;
    }
    let hits = found.iter().filter(|hit| **hit).count();
    hits as f64 / found.len() as f64
}

/// `string_match_part`: 1 if any reference is found, else 0.
///
/// # Formula
/// `max over references of hit`
pub fn part(found: &[bool]) -> f64 {
    f64::from(u8::from(found.contains(&true)))
}
