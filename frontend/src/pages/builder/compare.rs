//! Compares a sample's text before and after a change of its options. Pure.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::protocol::BuildRequest;

/// How much is shown before and of a difference, in characters.
const CONTEXT: usize = 60;
const EXCERPT: usize = 140;

/// Two texts that are not the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TextDifference {
    /// Bytes of the beginning that they share.
    pub(super) start: usize,
    /// Bytes of the end that they share.
    pub(super) end: usize,
    /// Bytes of the first text.
    pub(super) before_bytes: usize,
    /// Bytes of the second.
    pub(super) after_bytes: usize,
    /// What stands before the first difference in both.
    pub(super) context: String,
    /// How the first text goes on.
    pub(super) before: String,
    /// How the second goes on.
    pub(super) after: String,
}

impl TextDifference {
    /// Bytes that are equal at both ends.
    pub(super) fn equal(&self) -> usize {
        self.start + self.end
    }

    /// The shares of the longer text that are equal at its beginning, different, equal at its end.
    pub(super) fn shares(&self) -> [f64; 3] {
        let all = self.before_bytes.max(self.after_bytes).max(1) as f64;
        let (start, end) = (self.start as f64 / all, self.end as f64 / all);
        [start, (1.0 - start - end).max(0.0), end]
    }
}

/// Where `before` and `after` differ; nothing where they do not.
pub(super) fn compare(before: &str, after: &str) -> Option<TextDifference> {
    if before == after {
        return None;
    }
    let (a, b) = (before.as_bytes(), after.as_bytes());
    let mut start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(start) {
        start -= 1;
    }
    let (rest_a, rest_b) = (&a[start..], &b[start..]);
    let pairs = rest_a.iter().rev().zip(rest_b.iter().rev());
    let mut end = pairs.take_while(|(a, b)| a == b).count();
    while !before.is_char_boundary(a.len() - end) || !after.is_char_boundary(b.len() - end) {
        end -= 1;
    }
    Some(TextDifference {
        start,
        end,
        before_bytes: a.len(),
        after_bytes: b.len(),
        context: last(&before[..start], CONTEXT),
        before: first(&before[start..a.len() - end]),
        after: first(&after[start..b.len() - end]),
    })
}

fn last(text: &str, count: usize) -> String {
    let from = text.char_indices().rev().take(count).last();
    text[from.map_or(text.len(), |(at, _)| at)..].to_owned()
}

fn first(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// One field of the form, before and after.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FieldChange {
    /// Its name.
    pub(super) name: String,
    /// What it was.
    pub(super) before: String,
    /// What it is.
    pub(super) after: String,
}

/// A few letters that tell two scripts apart.
fn fingerprint(script: &Option<String>) -> String {
    let mut hash = DefaultHasher::new();
    script.hash(&mut hash);
    format!("{:08x}", hash.finish() as u32)
}

/// The fields that are not the same.
pub(super) fn turned(before: &BuildRequest, after: &BuildRequest) -> Vec<FieldChange> {
    let mut found = Vec::new();
    let mut field = |name: &str, before: String, after: String| {
        if before != after {
            found.push(FieldChange {
                name: name.to_owned(),
                before,
                after,
            });
        }
    };
    let (a, b) = (&before.spec, &after.spec);
    field("task", a.task.clone(), b.task.clone());
    field(
        "length",
        a.max_seq_length.to_string(),
        b.max_seq_length.to_string(),
    );
    field("seed", a.random_seed.to_string(), b.random_seed.to_string());
    field(
        "sample",
        before.sample.to_string(),
        after.sample.to_string(),
    );
    field("profile", a.profile.to_string(), b.profile.to_string());
    field(
        "mode",
        format!("{:?}", before.mode),
        format!("{:?}", after.mode),
    );
    let lines = |script: &Option<String>| match script {
        Some(text) => format!("{} lines", text.lines().count()),
        None => "none".to_owned(),
    };
    if a.script != b.script {
        // Named also where the number of lines is the same.
        let mark = |script| format!("{}, {}", lines(script), fingerprint(script));
        field("script", mark(&a.script), mark(&b.script));
    }
    let names: std::collections::BTreeSet<&String> = a.set.keys().chain(b.set.keys()).collect();
    for name in names {
        let value = |request: &BuildRequest| request.spec.set.get(name).cloned();
        let value = |request| value(request).unwrap_or_else(|| "default".to_owned());
        field(name, value(before), value(after));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::prompt::PromptMode;
    use fathom_shared::task::TaskSpec;
    use fathom_shared::tokens::Tokens;

    #[test]
    fn both_ends_are_found() {
        assert_eq!(compare("same", "same"), None);
        let got = compare("the grass is green. bye", "the grass was blue. bye").unwrap();
        assert_eq!((got.start, got.end), (10, 5));
        assert_eq!(
            (got.before.as_str(), got.after.as_str()),
            ("is green", "was blue")
        );
        assert_eq!(got.context, "the grass ");
        assert_eq!(got.equal(), 15);
        assert!((got.shares().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_was_put_in_is_found_once() {
        let got = compare("aaa", "aaaaa").unwrap();
        assert_eq!((got.start, got.end), (3, 0));
        assert_eq!((got.before.as_str(), got.after.as_str()), ("", "aa"));
        let got = compare("", "x").unwrap();
        assert_eq!((got.start, got.end, got.after.as_str()), (0, 0, "x"));
    }

    #[test]
    fn characters_stay_whole() {
        // ä and ö share their first byte, ä and ¤ their last.
        let got = compare("xäy", "xöy").unwrap();
        assert_eq!((got.start, got.end), (1, 1));
        let got = compare("xäy", "x¤y").unwrap();
        assert_eq!((got.before.as_str(), got.after.as_str()), ("ä", "¤"));
        let long = "é".repeat(400);
        let got = compare(&format!("{long}a"), &format!("{long}b")).unwrap();
        assert_eq!(got.context.chars().count(), CONTEXT);
    }

    #[test]
    fn turned_knobs_are_named() {
        let a_request = |length, hops: &str| {
            let mut spec = TaskSpec::new("vt", Tokens(length), 42);
            if !hops.is_empty() {
                spec.set.insert("num_hops".to_owned(), hops.to_owned());
            }
            BuildRequest {
                spec,
                sample: 0,
                mode: PromptMode::Chat,
            }
        };
        let got = turned(&a_request(1024, ""), &a_request(4096, "2"));
        let got: Vec<_> = got
            .iter()
            .map(|t| (t.name.as_str(), t.before.as_str(), t.after.as_str()))
            .collect();
        assert_eq!(
            got,
            [("length", "1024", "4096"), ("num_hops", "default", "2")]
        );
        assert_eq!(turned(&a_request(1, "2"), &a_request(1, "2")), []);
        let script = |text: &str| BuildRequest {
            spec: TaskSpec::custom(text, Tokens(1024), 42),
            ..a_request(1024, "")
        };
        let got = turned(&script("let a = 1;"), &script("let a = 2;"));
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].name, "script");
        assert_ne!(got[0].before, got[0].after);
    }
}
