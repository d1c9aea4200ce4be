//! Scripts that were typed in this browser, the latest first, so that none is lost by leaving the
//! page, by another task or by an example.

use super::kept_files::{note, set_note};

const KEY: &str = "fathom.scripts";
/// So many are kept.
const MOST: usize = 5;

/// The scripts, the latest first.
pub(crate) fn all() -> Vec<String> {
    note(KEY).unwrap_or_default()
}

/// Keeps what `before` was edited into.
pub(crate) fn keep(before: &str, now: &str) {
    // A full or forbidden store keeps the older ones, and the address still has this one.
    let _kept = set_note(KEY, &with_edit(all(), before, now));
}

/// An edit of the latest draft replaces it; that of any other script is a new one.
fn with_edit(mut drafts: Vec<String>, before: &str, now: &str) -> Vec<String> {
    if drafts.first().is_some_and(|first| first == before) {
        drafts.remove(0);
    }
    drafts.retain(|draft| draft != now);
    if !now.trim().is_empty() {
        drafts.insert(0, now.to_owned());
    }
    drafts.truncate(MOST);
    drafts
}

/// The title that a script gives itself, else how long it is.
pub(crate) fn title(script: &str) -> String {
    let after = script
        .split_once("title:")
        .map(|(_, after)| after.trim_start());
    let quoted = after.and_then(|after| after.strip_prefix('"')?.split('"').next());
    match quoted.filter(|title| !title.trim().is_empty()) {
        Some(title) => title.to_owned(),
        None => format!("{} characters", script.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_that_is_edited_replaces_no_draft() {
        let mut drafts = Vec::new();
        for (before, now) in [
            ("example", "mine"),
            ("mine", "mine 2"),
            ("other", "other 2"),
        ] {
            drafts = with_edit(drafts, before, now);
        }
        assert_eq!(drafts, ["other 2", "mine 2"]);
        drafts = with_edit(drafts, "mine 2", "mine 3");
        assert_eq!(drafts, ["mine 3", "other 2", "mine 2"]);
        assert_eq!(
            with_edit(drafts.clone(), "mine 3", " "),
            ["other 2", "mine 2"]
        );
        for number in 0..9 {
            drafts = with_edit(drafts, "x", &number.to_string());
        }
        assert_eq!(drafts, ["8", "7", "6", "5", "4"]);
    }

    #[test]
    fn a_draft_is_called_by_its_title() {
        assert_eq!(
            title("fn about() { #{ title: \"One number\" } }"),
            "One number"
        );
        assert_eq!(title("let x = 1;"), "10 characters");
    }
}
