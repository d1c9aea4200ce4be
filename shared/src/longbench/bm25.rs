//! Cuts a text into chunks and ranks them by their relevance to a question.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

/// The most words in a chunk: about the 512 tokens of the paper's chunks.
const PIECE: usize = 400;
/// How quickly repeated words stop counting, and how much a chunk's length matters.
const K1: f64 = 1.5;
const B: f64 = 0.75;

/// A chunk of a text with its score for a question.
#[derive(Clone, PartialEq, Debug)]
pub struct RankedChunk {
    /// Its number in the text, from 0.
    pub number: usize,
    /// Bytes of the text.
    pub bytes: Range<usize>,
    /// Its BM25 score, which is 0 if it contains no word of the question; or the similarity of its
    /// embedding.
    pub score: f64,
}

/// The `top` chunks most relevant to `query`, in the order of the text. On a tie, the earlier chunk
/// wins.
///
/// Chunks have at most 400 words and end at the last line or sentence in their second half, if
/// there is one. A word is a run of letters and digits, in lower case; an ideograph is a word of
/// its own.
///
/// # Formula
/// `Σ idf(w) · f·(k₁ + 1) / (f + k₁·(1 − b + b·n/n̄))` over the distinct words of the query, with
/// `f` occurrences of `w` in a chunk of `n` words, `n̄` the mean of `n`, `k₁ = 1.5`, `b = 0.75` and
/// `idf(w) = ln(1 + (N − d + 0.5)/(d + 0.5))`, where `d` of `N` chunks contain `w`.
/// Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3.
///
/// # Example
/// ```
/// use fathom_shared::longbench::bm25;
/// let text = format!("{}The harbour of Vell froze.\n{}", "rain\n".repeat(900), "wind\n".repeat(900));
/// let best = bm25::best(&text, "When did the harbour freeze?", 1);
/// assert!(text[best[0].bytes.clone()].contains("harbour"));
/// ```
pub fn best(text: &str, query: &str, top: usize) -> Vec<RankedChunk> {
    let mut wanted: FxHashMap<String, usize> = FxHashMap::default();
    for word in WordRanges::new(query) {
        let number = wanted.len();
        wanted.entry(query[word].to_lowercase()).or_insert(number);
    }
    let counted = count(text, &wanted);
    let mut pieces = score(&counted, wanted.len());
    // The sort is stable, so that on a tie the earlier chunk comes first.
    pieces.sort_by(|a, b| b.score.total_cmp(&a.score));
    pieces.truncate(top);
    pieces.sort_by_key(|piece| piece.number);
    pieces
}

/// The chunks of a text, in order, as byte ranges.
pub(super) fn pieces(text: &str) -> Vec<Range<usize>> {
    let counted = count(text, &FxHashMap::default());
    counted.into_iter().map(|piece| piece.bytes).collect()
}

/// A chunk before it is scored.
struct ChunkWords {
    bytes: Range<usize>,
    words: usize,
    /// The query's words that it contains, with repetitions.
    found: Vec<usize>,
}

fn count(text: &str, wanted: &FxHashMap<String, usize>) -> Vec<ChunkWords> {
    // Most words differ from the wanted ones in length already.
    let lengths: FxHashSet<usize> = wanted.keys().map(String::len).collect();
    let mut lower = String::new();
    let mut find = |word: &str| {
        if word.is_ascii() && !lengths.contains(&word.len()) {
            return None;
        }
        lower.clear();
        lower.extend(word.chars().flat_map(char::to_lowercase));
        wanted.get(lower.as_str()).copied()
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut words: Vec<(Range<usize>, Option<usize>)> = Vec::with_capacity(PIECE);
    let mut all = WordRanges::new(text).peekable();
    while let Some(word) = all.next() {
        let found = find(&text[word.clone()]);
        words.push((word, found));
        if words.len() < PIECE && all.peek().is_some() {
            continue;
        }
        let kept = if all.peek().is_some() {
            ending(text, &words)
        } else {
            words.len()
        };
        let end = words.get(kept).map_or_else(
            || all.peek().map_or(text.len(), |next| next.start),
            |next| next.0.start,
        );
        let found = words.drain(..kept).filter_map(|(_, found)| found).collect();
        pieces.push(ChunkWords {
            bytes: start..end,
            words: kept,
            found,
        });
        start = end;
    }
    // Words after the last cut, at the end of the text.
    if !words.is_empty() {
        let found: Vec<usize> = words.iter().filter_map(|(_, found)| *found).collect();
        pieces.push(ChunkWords {
            bytes: start..text.len(),
            words: words.len(),
            found,
        });
    }
    pieces
}

/// How many of the words belong to the chunk: up to the last end of a line, or else of a sentence,
/// in its second half.
fn ending(text: &str, words: &[(Range<usize>, Option<usize>)]) -> usize {
    let between = |at: usize| &text[words[at - 1].0.end..words[at].0.start];
    let last = |ends: fn(&str) -> bool| {
        (words.len() / 2..words.len())
            .rev()
            .find(|at| ends(between(*at)))
    };
    last(|between| between.contains('\n'))
        .or_else(|| last(|between| between.contains(". ") || between.contains('。')))
        .unwrap_or(words.len())
}

fn score(counted: &[ChunkWords], wanted: usize) -> Vec<RankedChunk> {
    let n = counted.len() as f64;
    let words: usize = counted.iter().map(|piece| piece.words).sum();
    let mean = words as f64 / n.max(1.0);
    let times: Vec<Vec<f64>> = counted
        .iter()
        .map(|piece| {
            let mut times = vec![0.0; wanted];
            piece.found.iter().for_each(|word| times[*word] += 1.0);
            times
        })
        .collect();
    let idf: Vec<f64> = (0..wanted)
        .map(|word| {
            let d = times.iter().filter(|times| times[word] > 0.0).count() as f64;
            (1.0 + (n - d + 0.5) / (d + 0.5)).ln()
        })
        .collect();
    let pieces = counted.iter().zip(&times).enumerate();
    pieces
        .map(|(number, (piece, times))| {
            let long = K1 * (1.0 - B + B * piece.words as f64 / mean);
            let score = times
                .iter()
                .zip(&idf)
                .map(|(f, idf)| idf * f * (K1 + 1.0) / (f + long));
            RankedChunk {
                number,
                bytes: piece.bytes.clone(),
                score: score.sum(),
            }
        })
        .collect()
}

/// The words of a text, as byte ranges.
pub(super) struct WordRanges<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> WordRanges<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

/// Whether a character is an ideograph: Chinese, Japanese and Korean words are not separated by
/// spaces.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

impl Iterator for WordRanges<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut start = None;
        while let Some(byte) = bytes.get(self.at) {
            let (width, letter, alone) = if byte.is_ascii() {
                (1, byte.is_ascii_alphanumeric(), false)
            } else {
                let c = self.text[self.at..].chars().next()?;
                (c.len_utf8(), c.is_alphanumeric(), is_ideograph(c))
            };
            match start {
                None if alone => {
                    self.at += width;
                    return Some(self.at - width..self.at);
                }
                None if letter => start = Some(self.at),
                Some(start) if !letter || alone => return Some(start..self.at),
                _ => {}
            }
            self.at += width;
        }
        start.map(|start| start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scores_are_those_of_the_formula() {
        // Three chunks by construction: 400 words each, no lines.
        let piece = |word: &str, times: usize| {
            let mut words = vec!["x"; 400];
            words[..times].fill(word);
            words.join(" ")
        };
        let text = [piece("fish", 2), piece("bird", 1), piece("fish", 1)].join(" ");
        let best = best(&text, "Fish! fish?", 3);
        let idf = (1.0_f64 + (3.0 - 2.0 + 0.5) / (2.0 + 0.5)).ln();
        let want = [2.0, 0.0, 1.0].map(|f: f64| idf * f * 2.5 / (f + 1.5));
        for (piece, want) in best.iter().zip(want) {
            assert!((piece.score - want).abs() < 1e-12, "{piece:?} {want}");
        }
        assert_eq!(best.len(), 3);
    }

    #[test]
    fn pieces_end_with_a_line_or_a_sentence() {
        let line = format!("{} end.\n", "word ".repeat(149));
        let text = line.repeat(6);
        let pieces = best(&text, "word", 9);
        assert_eq!(pieces.len(), 3);
        assert!(
            pieces
                .iter()
                .all(|piece| text[piece.bytes.clone()] == line.repeat(2))
        );
        let sentence = format!("{}end. ", "word ".repeat(149));
        let text = sentence.repeat(4);
        assert_eq!(
            text[best(&text, "word", 9)[0].bytes.clone()],
            sentence.repeat(2)
        );
    }

    proptest! {
        #[test]
        fn pieces_cover_the_text(text in "([a-zé中]{1,3}[ .\n]{1,2}){0,900}") {
            let pieces = best(&text, "a", usize::MAX);
            let mut end = 0;
            for piece in &pieces {
                prop_assert_eq!(piece.bytes.start, end);
                end = piece.bytes.end;
                let words = WordRanges::new(&text[piece.bytes.clone()]).count();
                prop_assert!((1..=PIECE).contains(&words), "{} words", words);
            }
            if WordRanges::new(&text).next().is_some() {
                prop_assert_eq!(end, text.len());
            }
        }
    }
}
