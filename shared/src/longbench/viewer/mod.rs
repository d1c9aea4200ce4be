//! Shows a text of millions of words in windows, with an outline and a search.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::index::words;
use super::{Embedder, LongBenchQuestion, LongBenchSetting, PromptError, ask, bm25};
use crate::lines::{line_of, wrap};
use crate::tokens::{TokenCounter, Tokens};

/// The most lines in a window.
pub const WINDOW: u32 = 400;
/// The most matches that a search returns.
pub const PLACES: usize = 500;
/// The most parts in an outline.
const PARTS: usize = 400;
/// The number of parts for a text without headings.
const EVEN: usize = 20;
/// The most characters shown of a heading.
const TITLE: usize = 90;

/// The start of a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowStart {
    /// Starts at this line.
    Line(u32),
    /// Centred on the line that contains this byte.
    Byte(u32),
}

/// Lines of a text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TextWindow {
    /// The most characters in a line.
    pub columns: u32,
    /// Number of lines in the text at this width.
    pub lines: u32,
    /// Number of the first returned line.
    pub first: u32,
    /// The line with the requested byte, else the first.
    pub line: u32,
    /// The start of `text`, in bytes of the whole text.
    pub start: u32,
    /// The text of the lines.
    pub text: String,
    /// The start of each line, in bytes of `text`.
    pub starts: Vec<u32>,
}

/// The matches of a search.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchMatches {
    /// Number of matches.
    pub total: u32,
    /// The first matches, at most a few hundred.
    pub places: Vec<SearchMatch>,
}

/// One match.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchMatch {
    /// Its byte range in the text.
    pub bytes: Range<u32>,
    /// The text before it on its line.
    pub before: String,
    /// The matching text.
    pub text: String,
    /// The text after it on its line.
    pub after: String,
}

/// A part of a text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutlinePart {
    /// Its heading, or the range of its words.
    pub title: String,
    /// Its start, in bytes.
    pub at: u32,
    /// Number of words.
    pub words: u32,
}

/// The part of a text that a model sees in a setting.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VisibleContext {
    /// The byte ranges of the text in the prompt, in order; the text between them is left out.
    pub shown: Vec<Range<u32>>,
    /// The chunks that were picked, best first, if the setting picks any.
    pub picked: Vec<RetrievedChunk>,
    /// Tokens in the prompt, without a chat template.
    pub tokens: Tokens,
    /// Tokens before the cut, if it was cut.
    pub before: Option<Tokens>,
}

/// A chunk that was picked for a question.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetrievedChunk {
    /// Its byte range in the text.
    pub bytes: Range<u32>,
    /// Its BM25 score, or the similarity of its embedding.
    pub score: f64,
}

/// A question whose text is being read.
#[derive(Debug)]
pub struct WrappedQuestion {
    question: LongBenchQuestion,
    /// The line starts for the last requested width.
    wrapped: (u32, Vec<usize>),
}

impl WrappedQuestion {
    /// Opens a question.
    pub fn new(question: LongBenchQuestion) -> Self {
        let wrapped = (0, Vec::new());
        Self { question, wrapped }
    }

    /// The question.
    pub fn question(&self) -> &LongBenchQuestion {
        &self.question
    }

    /// Up to `lines` lines of the text (400 at most), wrapped so that none is longer than `columns`
    /// characters.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::longbench::{viewer::{WindowStart, WrappedQuestion}, samples};
    /// let question = samples::question(3).unwrap();
    /// let evidence = question.evidence[0].start as u32;
    /// let mut reading = WrappedQuestion::new(question);
    /// let window = reading.window(80, WindowStart::Byte(evidence), 11);
    /// assert_eq!(window.line, window.first + 5);
    /// assert!(window.lines > 1_000);
    /// ```
    pub fn window(&mut self, columns: u32, from: WindowStart, lines: u32) -> TextWindow {
        let text = &self.question.context;
        if self.wrapped.0 != columns.max(1) {
            let starts = wrap(text, columns.max(1) as usize);
            self.wrapped = (columns.max(1), starts);
        }
        let starts = &self.wrapped.1;
        let lines = lines.clamp(1, WINDOW) as usize;
        let (first, line) = match from {
            WindowStart::Line(line) => {
                let line = (line as usize).min(starts.len() - 1);
                (line, line)
            }
            WindowStart::Byte(byte) => {
                let line = line_of(starts, byte as usize);
                (line.saturating_sub(lines / 2), line)
            }
        };
        let last = (first + lines).min(starts.len());
        let start = starts[first];
        let end = starts.get(last).copied().unwrap_or(text.len());
        TextWindow {
            columns: self.wrapped.0,
            lines: small(starts.len()),
            first: small(first),
            line: small(line),
            start: small(start),
            text: text[start..end].to_owned(),
            starts: starts[first..last]
                .iter()
                .map(|at| small(at - start))
                .collect(),
        }
    }

    /// Finds `words` in the text, ignoring the case of the letters A to Z.
    ///
    /// # Example
    /// ```
    /// # use fathom_shared::longbench::{viewer::WrappedQuestion, samples};
    /// let mut question = samples::question(0).unwrap();
    /// question.context = "The Wind. the wind".to_owned();
    /// let found = WrappedQuestion::new(question).find("the w");
    /// assert_eq!((found.total, found.places[1].bytes.start), (2, 10));
    /// ```
    pub fn find(&self, words: &str) -> SearchMatches {
        let text = self.question.context.as_str();
        let mut found = SearchMatches {
            total: 0,
            places: Vec::new(),
        };
        let bytes = words.as_bytes();
        let Some(first) = bytes.first() else {
            return found;
        };
        let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
        let mut after = 0;
        for at in memchr::memchr2_iter(lower, upper, text.as_bytes()) {
            let end = at + bytes.len();
            let here = text.as_bytes().get(at..end);
            if at < after || !here.is_some_and(|here| here.eq_ignore_ascii_case(bytes)) {
                continue;
            }
            after = end;
            found.total += 1;
            if found.places.len() < PLACES {
                found.places.push(place(text, at..end));
            }
        }
        found
    }

    /// The parts that the text itself marks: headings, documents, chapters, files. If there are
    /// fewer than two, parts with equal numbers of words.
    pub fn outline(&self) -> Vec<OutlinePart> {
        let text = self.question.context.as_str();
        let mut heads: Vec<(usize, String)> = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if let Some(title) = heading(line) {
                heads.push((at, title.chars().take(TITLE).collect()));
            }
            at += line.len();
        }
        if heads.len() < 2 {
            heads = evenly(text);
        } else if heads[0].0 > 0 {
            heads.insert(0, (0, "The beginning".to_owned()));
        }
        // If there are too many, the first of each group stands for the group.
        let group = heads.len().div_ceil(PARTS);
        let heads: Vec<_> = heads.into_iter().step_by(group.max(1)).collect();
        let ends = heads.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
        let parts = heads.iter().zip(ends);
        parts
            .map(|((at, title), end)| OutlinePart {
                title: title.clone(),
                at: small(*at),
                words: small(words(&text[*at..end])),
            })
            .collect()
    }

    /// The part of the text that a model sees in `setting`, if its prompt may have `most` tokens
    /// counted by `counter`; `embed` as in [`ask`].
    ///
    /// # Errors
    /// As for [`ask`].
    pub fn seen(
        &self,
        setting: LongBenchSetting,
        most: Tokens,
        counter: &TokenCounter<'_>,
        embed: Option<&dyn Embedder>,
    ) -> Result<VisibleContext, PromptError> {
        let asked = ask(&self.question, setting, most, counter, embed)?;
        let range = |bytes: &Range<usize>| small(bytes.start)..small(bytes.end);
        let shown = asked.shown.iter();
        let mut picked: Vec<RetrievedChunk> = asked
            .picked
            .iter()
            .map(|bm25::RankedChunk { bytes, score, .. }| RetrievedChunk {
                bytes: range(bytes),
                score: *score,
            })
            .collect();
        picked.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(VisibleContext {
            shown: shown
                .map(|part| range(&(part.context..part.context + part.input.len())))
                .collect(),
            picked,
            tokens: counter.count(&asked.input),
            before: asked.cut.map(|cut| cut.before),
        })
    }
}

/// Texts are far shorter than 4 GB: a row of a file must not be longer than 64 MB.
fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A match with the text around it on its line.
fn place(text: &str, bytes: Range<usize>) -> SearchMatch {
    const AROUND: usize = 40;
    let end = {
        // A match cannot begin or end within a character: both texts are UTF-8.
        let mut end = bytes.end;
        while !text.is_char_boundary(end) {
            end += 1;
        }
        end
    };
    let line = text[..bytes.start].rfind('\n').map_or(0, |at| at + 1);
    let before: Vec<char> = text[line..bytes.start].chars().rev().take(AROUND).collect();
    let after = text[end..].chars().take_while(|c| *c != '\n').take(AROUND);
    SearchMatch {
        bytes: small(bytes.start)..small(end),
        before: before.into_iter().rev().collect(),
        text: text[bytes.start..end].to_owned(),
        after: after.collect(),
    }
}

/// The heading on this line, if it is one.
fn heading(line: &str) -> Option<&str> {
    const LONGEST: usize = 160;
    const BEGIN: [&str; 10] = [
        "Document ",
        "Chapter ",
        "CHAPTER ",
        "Passage ",
        "Article ",
        "Section ",
        "File: ",
        "file: ",
        "<document",
        "Session ",
    ];
    let line = line.trim();
    if line.is_empty() || line.len() > LONGEST {
        return None;
    }
    let marked = line.trim_start_matches('#');
    let depth = line.len() - marked.len();
    if (1..=4).contains(&depth) && marked.starts_with(' ') {
        return Some(marked.trim());
    }
    for fence in ["=====", "-----"] {
        let inner = line.trim_start_matches(&fence[..1]);
        let inner = inner.trim_end_matches(&fence[..1]).trim();
        if line.starts_with(fence) && !inner.is_empty() {
            return Some(inner);
        }
    }
    let begins = |word: &&str| {
        let rest = line.strip_prefix(*word)?;
        let numbered = rest.chars().next()?.is_ascii_alphanumeric() && rest.len() < 100;
        // A sentence that begins like this is not a heading.
        (word.ends_with(": ") || word.starts_with('<') || (numbered && !rest.contains(". ")))
            .then_some(line)
    };
    BEGIN.iter().find_map(begins)
}

/// Places with equal numbers of words between them.
fn evenly(text: &str) -> Vec<(usize, String)> {
    let total = words(text);
    let each = total.div_ceil(EVEN).max(1);
    let mut heads = Vec::new();
    let (mut word, mut within) = (0, false);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            within = false;
        } else if !within {
            within = true;
            if word % each == 0 {
                let title = format!("Words {} to {}", word + 1, (word + each).min(total));
                heads.push((at, title));
            }
            word += 1;
        }
    }
    heads
}

#[cfg(test)]
mod tests;
