//! The index of a file of questions: built once, so that any question opens immediately.

use std::fmt;
use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::scan::{RowLocation, RowScanner, ScanError};
use super::{ChoiceLetter, Difficulty, LengthClass, LongBenchQuestion, QuestionFieldError};

/// The most bytes in a row; the longest in the dataset have about 12 million.
pub const LONGEST_ROW: u64 = 64 << 20;
/// How many bytes are read at a time.
const PIECE: u64 = 1 << 20;
/// How many errors are reported; a file of another kind has one in every line.
const FAULTS: usize = 100;

/// A question without its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionCard {
    /// Its number in the set, from 0: the sample's number in a run.
    pub number: u32,
    /// Its id, from the file.
    pub id: String,
    /// The domain as the dataset names it.
    pub domain: String,
    /// The kind of text within the domain.
    pub sub_domain: String,
    /// How hard it was for people and models.
    pub difficulty: Difficulty,
    /// The dataset's length class.
    pub length: LengthClass,
    /// The text of the question.
    pub question: String,
    /// The four options, A to D.
    pub choices: [String; 4],
    /// The right option.
    pub answer: ChoiceLetter,
    /// Number of words in its text, separated by white space.
    pub words: u32,
    /// Number of bytes in its text.
    pub bytes: u32,
    /// Number of known evidence spans.
    pub evidence: u32,
}

/// The index of a file of questions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct QuestionIndex {
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The size of the file.
    pub size_bytes: u64,
    /// Its questions, without their texts, in order.
    pub cards: Vec<QuestionCard>,
    /// The byte range of each question in the file.
    pub rows: Vec<Range<u64>>,
}

/// An error in one row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowError {
    /// The line of the file in which the row begins, from 1.
    pub line: u64,
    /// The field and what is wrong with it.
    pub says: String,
}

/// Why a file cannot be indexed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IndexError {
    /// The file is not a list of rows.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Some rows are not questions; up to a hundred errors are listed.
    #[error("{}", RowErrorList(.0))]
    Rows(Vec<RowError>),
    /// The list has no rows.
    #[error("the file has no question in it, expected one or more")]
    Empty,
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(String),
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
}

struct RowErrorList<'a>(&'a [RowError]);

impl fmt::Display for RowErrorList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.0.iter().enumerate() {
            let before = if n > 0 { "\n" } else { "" };
            write!(f, "{before}line {}: {}", fault.line, fault.says)?;
        }
        if self.0.len() >= FAULTS {
            write!(f, "\nand perhaps more: only the first {FAULTS} are listed")?;
        }
        Ok(())
    }
}

impl QuestionCard {
    /// The card of question `number`.
    pub fn new(number: u32, question: &LongBenchQuestion) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            number,
            id: question.id.clone(),
            domain: question.domain.clone(),
            sub_domain: question.sub_domain.clone(),
            difficulty: question.difficulty,
            length: question.length,
            question: question.question.clone(),
            choices: question.choices.clone(),
            answer: question.answer,
            words: count(words(&question.context)),
            bytes: count(question.context.len()),
            evidence: count(question.evidence.len()),
        }
    }
}

/// Number of words in a text, separated by white space.
///
/// # Example
/// ```
/// assert_eq!(fathom_shared::longbench::index::words("Call me\n Ishmael."), 3);
/// ```
pub fn words(text: &str) -> usize {
    // Byte by byte where possible, as texts have millions of words.
    if !text.is_ascii() {
        return text.split_whitespace().count();
    }
    let mut words = 0;
    let mut within = false;
    for byte in text.bytes() {
        let space = byte.is_ascii_whitespace() || byte == 0x0b;
        words += usize::from(!space && !within);
        within = !space;
    }
    words
}

impl QuestionIndex {
    /// Reads a file of `size` bytes with `read`, which returns the bytes of a range; one row at a
    /// time is in memory. `watch` is told how many bytes were read, and returns whether to
    /// continue.
    ///
    /// # Errors
    /// [`IndexError`]. Any error refuses the whole file, because a set with missing questions would
    /// be a different benchmark.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::longbench::index::QuestionIndex;
    /// let file = br#"[{"_id": "1", "answer": "E"}]"#;
    /// let read = |range: std::ops::Range<u64>| {
    ///     Ok(file[range.start as usize..range.end as usize].to_vec())
    /// };
    /// let error = QuestionIndex::read(file.len() as u64, read, |_| true).unwrap_err();
    /// let text = error.to_string();
    /// assert!(text.contains("line 1: field `answer`: got \"E\", expected A, B, C or D"), "{text}");
    /// ```
    pub fn read(
        size: u64,
        mut read: impl FnMut(Range<u64>) -> Result<Vec<u8>, String>,
        mut watch: impl FnMut(u64) -> bool,
    ) -> Result<Self, IndexError> {
        let (mut scanner, mut hasher) = (RowScanner::default(), Sha256::new());
        let mut filling = IndexBuilder::default();
        let (mut at, mut rows) = (0, Vec::new());
        while at < size {
            let end = size.min(at + PIECE);
            let piece = read(at..end).map_err(IndexError::Read)?;
            hasher.update(&piece);
            scanner.feed(&piece, &mut rows)?;
            drop(piece);
            for row in rows.drain(..) {
                filling.take(row, &mut read)?;
            }
            at = end;
            if !watch(at) {
                return Err(IndexError::Stopped);
            }
            if filling.faults.len() >= FAULTS {
                return Err(IndexError::Rows(filling.faults));
            }
        }
        scanner.finish(&mut rows)?;
        for row in rows {
            filling.take(row, &mut read)?;
        }
        if !filling.faults.is_empty() {
            return Err(IndexError::Rows(filling.faults));
        }
        if filling.cards.is_empty() {
            return Err(IndexError::Empty);
        }
        Ok(Self {
            sha256: hex::encode(hasher.finalize()),
            size_bytes: size,
            cards: filling.cards,
            rows: filling.rows,
        })
    }
}

/// Reads one row.
///
/// # Errors
/// All errors in the row.
pub fn parse(row: &[u8]) -> Result<LongBenchQuestion, Vec<String>> {
    let strict = serde_json::from_slice(row).or_else(|error| {
        // A lone surrogate, as Python writes it, is no reason to refuse a file.
        let mended = crate::json::parse(row);
        mended.map_err(|_| error)
    });
    let value = strict.map_err(|error| {
        // The line within the row would confuse users, who look at lines of the file.
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        let got = std::str::from_utf8(row).map_or_else(
            |error| format!("bad UTF-8 after {} bytes of the row", error.valid_up_to()),
            |_| format!("{what}, {} bytes into the row", error.column()),
        );
        vec![format!("the row is not JSON: {got}")]
    })?;
    LongBenchQuestion::check(value)
        .map_err(|faults| faults.iter().map(QuestionFieldError::to_string).collect())
}

#[derive(Default)]
struct IndexBuilder {
    cards: Vec<QuestionCard>,
    rows: Vec<Range<u64>>,
    /// The ids so far, with their lines.
    ids: FxHashMap<String, u64>,
    faults: Vec<RowError>,
}

impl IndexBuilder {
    fn take(
        &mut self,
        row: RowLocation,
        read: &mut impl FnMut(Range<u64>) -> Result<Vec<u8>, String>,
    ) -> Result<(), IndexError> {
        let RowLocation { bytes, line } = row;
        let fault = |says| RowError { line, says };
        let long = bytes.end - bytes.start;
        if long > LONGEST_ROW {
            self.faults.push(fault(format!(
                "the row has {long} bytes, expected at most {LONGEST_ROW}"
            )));
            return Ok(());
        }
        let question = {
            let text = read(bytes.clone()).map_err(IndexError::Read)?;
            parse(&text)
        };
        let question = match question {
            Ok(question) => question,
            Err(says) => {
                self.faults.extend(says.into_iter().map(fault));
                return Ok(());
            }
        };
        if let Some(first) = self.ids.insert(question.id.clone(), line) {
            let id = &question.id;
            self.faults.push(fault(format!(
                "field `_id`: got {id:?}, which line {first} has already, expected another"
            )));
            return Ok(());
        }
        let number = u32::try_from(self.cards.len()).unwrap_or(u32::MAX);
        self.cards.push(QuestionCard::new(number, &question));
        self.rows.push(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn index(file: &[u8]) -> Result<QuestionIndex, IndexError> {
        let read = |range: Range<u64>| {
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            Ok(file[range].to_vec())
        };
        QuestionIndex::read(file.len() as u64, read, |_| true)
    }

    fn row(id: &str) -> serde_json::Value {
        serde_json::json!({
            "_id": id, "domain": "d", "sub_domain": "s", "difficulty": "hard", "length": "short",
            "question": "Who?", "choice_A": "a", "choice_B": "b", "choice_C": "c", "choice_D": "d",
            "answer": "C", "context": "It was\n\"Ada\"."
        })
    }

    #[test]
    fn rows_can_be_read_again_from_their_places() {
        let questions: Vec<_> = [0, 1, 8].map(|n| samples::question(n).unwrap()).into();
        let rows: Vec<_> = questions.iter().map(LongBenchQuestion::row).collect();
        let array = serde_json::to_string_pretty(&rows).unwrap();
        let lines: String = rows
            .iter()
            .map(|row| serde_json::to_string(row).unwrap() + "\n")
            .collect();
        for file in [array, lines] {
            let index = index(file.as_bytes()).unwrap();
            assert_eq!(index.size_bytes, file.len() as u64);
            assert_eq!(index.sha256, hex::encode(Sha256::digest(&file)));
            for ((card, place), question) in index.cards.iter().zip(&index.rows).zip(&questions) {
                let from = usize::try_from(place.start).unwrap();
                let bytes = &file.as_bytes()[from..usize::try_from(place.end).unwrap()];
                assert_eq!(parse(bytes).as_ref(), Ok(question));
                assert_eq!(card, &QuestionCard::new(card.number, question));
                assert_eq!(
                    card.words as usize,
                    question.context.split_whitespace().count()
                );
            }
        }
    }

    #[test]
    fn every_fault_is_told_with_its_line_and_field() {
        let says = |file: &[u8]| index(file).unwrap_err().to_string();
        let mut wrong = row("b");
        wrong["length"] = "huge".into();
        wrong["choice_C"] = 3.into();
        let mut missing = row("c");
        missing.as_object_mut().unwrap().remove("answer");
        let mut extra = row("d");
        extra["evidence"] = serde_json::json!([[0, 999]]);
        let rows = [row("a"), wrong, missing, extra, row("a")];
        let lines: Vec<_> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(
            says(lines.join("\n").as_bytes()),
            "line 2: field `length`: got \"huge\", expected short, medium or long\n\
             line 2: field `choice_C`: got 3, expected a text\n\
             line 3: field `answer`: got nothing, expected A, B, C or D\n\
             line 4: field `evidence`: got [0, 999] in a context of 13 bytes, expected a list of [start, end], bytes of the context, in order\n\
             line 5: field `_id`: got \"a\", which line 1 has already, expected another"
        );
        let mut bytes = row("a").to_string().into_bytes();
        let at = bytes.windows(3).position(|three| three == b"Ada").unwrap();
        bytes[at] = 0xff;
        assert_eq!(
            says(&bytes),
            format!("line 1: the row is not JSON: bad UTF-8 after {at} bytes of the row")
        );
        assert_eq!(
            says(b"{\"_id\": }\n"),
            "line 1: the row is not JSON: expected value, 9 bytes into the row"
        );
        assert_eq!(says(b"[]"), IndexError::Empty.to_string());
        let many = "{}\n".repeat(200);
        assert!(says(many.as_bytes()).ends_with("only the first 100 are listed"));
    }

    #[test]
    fn a_row_too_long_is_refused_without_reading_it() {
        // A file of 200 MB that is generated while it is read.
        let size = 200_000_000;
        let head = b"{\"_id\": \"a\", \"context\": \"";
        let mut longest = 0;
        let read = |range: Range<u64>| {
            longest = longest.max(range.end - range.start);
            let byte = |at: u64| {
                let head = usize::try_from(at).ok().and_then(|at| head.get(at));
                head.copied().unwrap_or(b'x')
            };
            Ok(range.map(byte).collect())
        };
        let error = QuestionIndex::read(size, read, |_| true).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("line 1: the row has {size} bytes, expected at most {LONGEST_ROW}")
        );
        assert_eq!(longest, PIECE);
    }

    #[test]
    fn reading_can_be_stopped() {
        let file = row("a").to_string();
        let read = |_| Ok(file.clone().into_bytes());
        let stopped = QuestionIndex::read(file.len() as u64, read, |_| false);
        assert_eq!(stopped, Err(IndexError::Stopped));
    }
}
