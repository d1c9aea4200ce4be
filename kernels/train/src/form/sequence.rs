//! Text with answers, as tokens that know whether they belong to one.

use fathom_kernels::model::tokenizer::Tokenizer;

/// A piece of a sequence's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TextPart<'t> {
    /// What is read.
    Given(&'t str),
    /// What is to be answered. A space before it is its own part, so that the first token of an
    /// answer is the first that needs knowledge.
    Answer(&'t str),
}

/// The tokens of a sequence, and which of them are answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct TrainingSequence {
    pub(crate) ids: Vec<u32>,
    answers: Vec<bool>,
    /// Where answers begin.
    pub(crate) starts: Vec<usize>,
}

impl TrainingSequence {
    /// Whether token `at` is part of an answer.
    pub(crate) fn answer(&self, at: usize) -> bool {
        self.answers.get(at).copied().unwrap_or_default()
    }
}

/// Builds a sequence up to a number of tokens.
#[derive(Debug)]
pub(crate) struct SequenceBuilder<'a> {
    /// Without one, four bytes are counted as a token.
    tokenizer: Option<&'a Tokenizer>,
    most: usize,
    sequence: TrainingSequence,
    text: String,
    tokens: usize,
}

impl<'a> SequenceBuilder<'a> {
    /// For at most `most` tokens.
    pub(crate) fn new(tokenizer: &'a Tokenizer, most: usize) -> Self {
        Self {
            tokenizer: Some(tokenizer),
            most,
            sequence: TrainingSequence::default(),
            text: String::new(),
            tokens: 0,
        }
    }

    /// For its text alone, while there is no tokenizer.
    pub(crate) fn of_bytes(most: usize) -> SequenceBuilder<'static> {
        SequenceBuilder {
            tokenizer: None,
            most,
            sequence: TrainingSequence::default(),
            text: String::new(),
            tokens: 0,
        }
    }

    /// How many tokens a piece takes.
    pub(crate) fn count(&self, text: &str) -> usize {
        match self.tokenizer {
            Some(tokenizer) => tokenizer.count(text),
            None => text.len().div_ceil(4),
        }
    }

    /// Tokens that are left, with one kept for the end.
    pub(crate) fn left(&self) -> usize {
        self.most.saturating_sub(self.tokens + 1)
    }

    /// The most tokens of the whole sequence.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Appends a piece, whether it fits or not: what is too long is cut at the end.
    pub(crate) fn push(&mut self, part: TextPart<'_>) {
        let (TextPart::Given(text) | TextPart::Answer(text)) = part;
        let answer = matches!(part, TextPart::Answer(_));
        match self.tokenizer {
            Some(tokenizer) => {
                let ids = tokenizer.encode(text);
                if answer {
                    self.sequence.starts.push(self.sequence.ids.len());
                }
                self.tokens += ids.len();
                self.sequence.answers.extend(ids.iter().map(|_| answer));
                self.sequence.ids.extend(ids);
            }
            None => {
                self.tokens += self.count(text);
                self.text.push_str(text);
            }
        }
    }

    /// The sequence with `end` behind it, which belongs to the last answer.
    pub(crate) fn finish(self, end: u32) -> TrainingSequence {
        let mut sequence = self.sequence;
        sequence
            .answers
            .push(sequence.answers.last().copied().unwrap_or_default());
        sequence.ids.push(end);
        sequence.ids.truncate(self.most);
        sequence.answers.truncate(self.most);
        sequence.starts.retain(|start| *start < self.most);
        sequence
    }

    /// The text of a builder without a tokenizer.
    pub(crate) fn text(self) -> String {
        self.text
    }
}
