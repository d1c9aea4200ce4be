//! Finds sentence ends with Punkt (Kiss and Strunk, Computational Linguistics 32 (2006) 485–525)
//! and NLTK's English parameters; every decision is the same as in NLTK 3.10.4's `sent_tokenize`.
//!
//! RULER hides needles between these sentences. Golden: `punkt.jsonl`.

mod model; // Punkt's English parameters
mod token; // Punkt tokens and their annotations

use std::ops::Range;

use model::PunktModel;
use token::PunktToken;

/// The sentences of `text` as byte ranges, in order. White space between sentences belongs to
/// neither.
///
/// # Example
/// ```
/// use fathom_shared::corpora::punkt::sentences;
/// let text = "Mr. Low went. He did not say why.";
/// let found: Vec<_> = sentences(text).into_iter().map(|range| &text[range]).collect();
/// assert_eq!(found, ["Mr. Low went.", "He did not say why."]);
/// ```
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let model = PunktModel::english();
    let mut slices = Vec::new();
    let mut from = 0;
    for end in ends(text) {
        if !breaks(end.context(text), model) {
            continue;
        }
        slices.push(from..end.at + 1);
        from = end.next.map_or(end.at + 1, |next| next.start);
    }
    slices.push(from..text.trim_end_matches(is_space).len().max(from));
    realign(text, &slices)
}

/// White space as defined by Python's `\s`.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Punctuation that ends a word.
fn is_non_word(c: char) -> bool {
    matches!(
        c,
        ')' | '"'
            | ';'
            | '}'
            | ']'
            | '*'
            | ':'
            | '@'
            | '\''
            | '('
            | '{'
            | '['
            | '?'
            | '!'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{201c}'
            | '\u{201d}'
            | '«'
            | '»'
    )
}

/// A place where a sentence may end.
struct SentenceEnd {
    /// The byte of the `.`, `?` or `!`.
    at: usize,
    /// Where the word before it begins.
    word: usize,
    /// The end of the text that decides: the next word, or punctuation that follows directly.
    until: usize,
    /// The next word, if white space comes first.
    next: Option<Range<usize>>,
}

impl SentenceEnd {
    fn context<'t>(&self, text: &'t str) -> &'t str {
        &text[self.word..self.until]
    }
}

/// The places where a sentence may end; if there are several within one word, the last.
fn ends(text: &str) -> Vec<SentenceEnd> {
    let bytes = text.as_bytes();
    let mut found: Vec<SentenceEnd> = Vec::new();
    // The word and place before this one, as NLTK keeps them: (start of the word, place).
    let mut before: Option<(usize, usize)> = None;
    let mut pending: Option<SentenceEnd> = None;
    for at in (0..bytes.len()).filter(|at| matches!(bytes[*at], b'.' | b'?' | b'!')) {
        let Some((until, next)) = after(text, at + 1) else {
            continue;
        };
        let (last_start, last_at) = before.unwrap_or((0, 0));
        let ascii_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
        // NLTK ignores a space at the very beginning.
        let word = match bytes[last_at..at].iter().rposition(ascii_space) {
            None | Some(0) => last_start,
            Some(space) => last_at + space + 1,
        };
        if let Some(end) = pending.take().filter(|end| end.at <= word) {
            found.push(end);
        }
        pending = Some(SentenceEnd {
            at,
            word,
            until,
            next,
        });
        before = Some((word, at));
    }
    found.extend(pending);
    found
}

/// Checks what follows a possible sentence end: returns where the context ends, and the next word.
fn after(text: &str, from: usize) -> Option<(usize, Option<Range<usize>>)> {
    let rest = &text[from..];
    let first = rest.chars().next()?;
    if is_non_word(first) {
        return Some((from + first.len_utf8(), None));
    }
    let word = from + rest.find(|c| !is_space(c))?;
    if word == from {
        return None;
    }
    let end = text[word..]
        .find(is_space)
        .map_or(text.len(), |at| word + at);
    Some((end, Some(word..end)))
}

/// Whether a sentence ends within `context`.
fn breaks(context: &str, model: &PunktModel) -> bool {
    let mut tokens: Vec<PunktToken<'_>> = context
        .split('\n')
        .flat_map(token::words)
        .map(|word| PunktToken::new(word, model))
        .collect();
    for at in 0..tokens.len().saturating_sub(1) {
        let (left, right) = tokens.split_at_mut(at + 1);
        left[at].judge(&right[0], model);
        if left[at].sentence_break {
            return true;
        }
    }
    false
}

/// Moves closing quotes and brackets from the start of a sentence to the end of the one before.
fn realign(text: &str, slices: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut sentences = Vec::with_capacity(slices.len());
    let mut shift = 0;
    for (i, slice) in slices.iter().enumerate() {
        let start = slice.start + shift;
        shift = 0;
        let closing = slices
            .get(i + 1)
            .and_then(|next| closing(&text[next.clone()]));
        if let Some((mark, taken)) = closing {
            sentences.push(start..slices[i + 1].start + mark);
            shift = taken;
        } else if start < slice.end {
            sentences.push(start..slice.end);
        }
    }
    sentences
}

/// How many bytes of closing punctuation `sentence` begins with, without and with the white space
/// that follows.
fn closing(sentence: &str) -> Option<(usize, usize)> {
    let is_closing = |c| {
        matches!(
            c,
            '"' | '\''
                | ')'
                | ']'
                | '}'
                | '\u{2018}'
                | '\u{2019}'
                | '\u{201c}'
                | '\u{201d}'
                | '«'
                | '»'
        )
    };
    let mut mark = 0;
    for c in sentence.chars().take_while(|c| is_closing(*c)) {
        mark += c.len_utf8();
        let rest = &sentence[mark..];
        let space = rest.len() - rest.trim_start_matches(is_space).len();
        // The shortest run followed by white space, a dash or the end of the line.
        if space > 0 || rest.starts_with("--") || rest.is_empty() {
            return Some((mark, mark + space));
        }
    }
    None
}
