//! Which names can stand at the caret. Pure.

use fathom_shared::task::custom::{SCRIPT_NAMES, ScriptName};

use super::syntax::{SyntaxKind, pieces};

/// Fewer letters are the beginning of too many names.
const LEAST: usize = 3;

/// The names that a word before the caret may become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NameCompletion {
    /// Where the word begins, in bytes.
    from: usize,
    /// Where the caret stands, in bytes.
    caret: usize,
    /// The line of the caret, from 0.
    pub(super) line: usize,
    /// Characters before the word in its line.
    pub(super) column: usize,
    /// The names, the registry's order.
    pub(super) names: Vec<&'static ScriptName>,
}

impl NameCompletion {
    /// The names for a caret at `units` UTF-16 code units, as browsers count; nothing within a
    /// comment or a quoted text.
    pub(super) fn at(text: &str, units: u32) -> Option<Self> {
        let caret = bytes(text, units);
        let before = &text[..caret];
        let is_part = |c: char| c == '_' || c == '.' || c.is_ascii_alphanumeric();
        let from = before.rfind(|c| !is_part(c)).map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
        let word = &before[from..];
        let last = pieces(before).last().map(|(kind, _)| *kind);
        if word.len() < LEAST || matches!(last, Some(SyntaxKind::Comment | SyntaxKind::Text)) {
            return None;
        }
        let fits = |name: &&ScriptName| name.stem().starts_with(word) && name.stem() != word;
        let names: Vec<_> = SCRIPT_NAMES.iter().filter(fits).collect();
        let line = before.rsplit('\n').next().unwrap_or_default();
        (!names.is_empty()).then(|| Self {
            from,
            caret,
            line: before.matches('\n').count(),
            column: line.chars().count() - word.len(),
            names,
        })
    }

    /// The text with the name in place of the word, and where the caret stands then.
    pub(super) fn put(&self, text: &str, name: &ScriptName) -> (String, u32) {
        put(text, self.from, self.caret, name)
    }
}

/// The text with a name at a caret at `units`, and where the caret stands then.
pub(super) fn insert(text: &str, units: u32, name: &ScriptName) -> (String, u32) {
    match NameCompletion::at(text, units).filter(|found| found.names.contains(&name)) {
        Some(found) => found.put(text, name),
        None => {
            let caret = bytes(text, units);
            put(text, caret, caret, name)
        }
    }
}

fn put(text: &str, from: usize, to: usize, name: &ScriptName) -> (String, u32) {
    // What takes no parameters is whole.
    let code = match name.code.ends_with("()") {
        true => name.code,
        false => name.stem(),
    };
    let before = [&text[..from], code].concat();
    let units = before.encode_utf16().count();
    (
        before + &text[to..],
        u32::try_from(units).unwrap_or(u32::MAX),
    )
}

/// The byte at which `units` UTF-16 code units end.
fn bytes(text: &str, units: u32) -> usize {
    let mut seen = 0;
    let place = text.char_indices().find(|(_, c)| {
        let here = seen >= units;
        seen += c.len_utf16() as u32;
        here
    });
    place.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        let units = text.encode_utf16().count() as u32;
        let found = NameCompletion::at(text, units);
        let names = found.map_or_else(Vec::new, |found| found.names);
        names.into_iter().map(|name| name.code).collect()
    }

    #[test]
    fn a_word_becomes_the_names_that_begin_with_it() {
        assert_eq!(
            found("let x = ctx.ran"),
            ["ctx.random()", "ctx.random_int(low, high)"]
        );
        assert_eq!(found("    que"), ["question"]);
        assert!(found("ctx.").len() > 15);
        for none in [
            "",
            "in",
            "ctx.nothing",
            "question",
            "// ctx.ra",
            "\"ctx.ra",
            "`ctx.ra",
        ] {
            assert_eq!(found(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn a_name_takes_the_place_of_its_word() {
        let text = "// ä𝄞\nlet x = ctx.uu;";
        let units = text.encode_utf16().count() as u32 - 1;
        let found = NameCompletion::at(text, units).unwrap();
        assert_eq!((found.line, found.column), (1, 8));
        let (put, caret) = found.put(text, found.names[0]);
        assert_eq!(put, "// ä𝄞\nlet x = ctx.uuid();");
        assert_eq!(caret, units + 4);
        let pick = SCRIPT_NAMES
            .iter()
            .find(|name| name.code.starts_with("ctx.pick"));
        let (put, caret) = insert("let x = ;", 8, pick.unwrap());
        assert_eq!((put.as_str(), caret), ("let x = ctx.pick(;", 17));
        let (put, _) = insert("let x = ctx.pi;", 14, pick.unwrap());
        assert_eq!(put, "let x = ctx.pick(;");
    }
}
