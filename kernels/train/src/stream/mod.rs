//! Training sequences: the batch of a step is a pure function of the stage's seed and the step, so
//! that a run goes on where it was, and so that no sequence is kept on disk.

#[cfg(test)]
mod tests;

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::corpora::Corpora;
use fathom_shared::task::{GenerateError, GeneratorContext};
use fathom_shared::tokens::TokenCounter;

use crate::form::{SequenceBuilder, TrainingSequence};
use crate::random::Random;
use crate::stage::{BatchSettings, MixEntry, TrainingStage};
use crate::vocabulary::{VocabularyError, end_of};

/// A batch of sequences of one length.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TrainingBatch {
    /// Tokens of each sequence.
    pub length: usize,
    /// The tokens, sequence by sequence.
    pub ids: Vec<u32>,
    /// The token that follows each of them.
    pub targets: Vec<u32>,
    /// The weight of each target in the loss.
    pub weights: Vec<f32>,
    /// Whether each target is part of an answer.
    pub answers: Vec<bool>,
    /// Whether each target is the first token of an answer.
    pub starts: Vec<bool>,
}

/// The sequences of one stage under one tokenizer.
pub struct TrainingStream<'a> {
    settings: &'a BatchSettings,
    seed: u64,
    steps: u64,
    tokenizer: &'a Tokenizer,
    counter: TokenCounter<'a>,
    corpora: Corpora,
    end: u32,
}

impl std::fmt::Debug for TrainingStream<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrainingStream")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Mixed into the seed of sequences that are only for evaluation.
const EVALUATION: u64 = 0x6576_616c;
/// Mixed into the seed of sequences that the tokenizer is trained on.
const VOCABULARY: u64 = 0x766f_6361;

impl<'a> TrainingStream<'a> {
    /// The stream of `stage`, in tokens of `tokenizer`.
    ///
    /// # Errors
    /// The tokenizer has no end of text.
    pub fn new(
        stage: &'a TrainingStage,
        tokenizer: &'a Tokenizer,
    ) -> Result<Self, VocabularyError> {
        let counter = TokenCounter::new(
            &stage.name,
            |text| tokenizer.count(text),
            |text| tokenizer.starts(text),
        );
        Ok(Self {
            settings: &stage.data,
            seed: stage.seed,
            steps: stage.steps(),
            tokenizer,
            counter: match tokenizer.cuts_words() {
                Some(whole) => counter.in_parts(whole),
                None => counter,
            },
            corpora: Corpora::bundled(),
            end: end_of(tokenizer)?,
        })
    }

    /// The batch of `step`, from 0.
    ///
    /// # Errors
    /// A sample of a task cannot be made.
    pub fn batch(&self, step: u64) -> Result<TrainingBatch, GenerateError> {
        let mut random = Random::of(&[self.seed, step]);
        let length = self.length(step, &mut random);
        let entries: Vec<&MixEntry> = self.settings.mix.iter().collect();
        let share = |entry: &&MixEntry| match entry.serves(length) {
            true => entry.share,
            false => 0.0,
        };
        let mut batch = TrainingBatch {
            length,
            ..TrainingBatch::default()
        };
        for row in 0..self.settings.tokens / length {
            let entry = entries[random.weighted(entries.iter().map(share))];
            let seed = [self.seed, step, row as u64];
            let sequence = self.sequence(entry, length, &seed)?;
            batch.push(&sequence, self.settings, self.end);
        }
        Ok(batch)
    }

    /// `count` fresh sequences of an entry of the mix, which no step's batch holds but by chance.
    ///
    /// # Errors
    /// As [`batch`](Self::batch).
    pub(crate) fn evaluation(
        &self,
        entry: &MixEntry,
        length: usize,
        sequences: std::ops::Range<usize>,
    ) -> Result<TrainingBatch, GenerateError> {
        let mut batch = TrainingBatch {
            length,
            ..TrainingBatch::default()
        };
        for row in sequences {
            let seed = [self.seed, EVALUATION, row as u64];
            let sequence = self.sequence(entry, length, &seed)?;
            batch.push(&sequence, self.settings, self.end);
        }
        Ok(batch)
    }

    fn sequence(
        &self,
        entry: &MixEntry,
        length: usize,
        seed: &[u64],
    ) -> Result<TrainingSequence, GenerateError> {
        let mut random = Random::of(seed);
        // One more than is read, so that each has one that follows.
        let mut builder = SequenceBuilder::new(self.tokenizer, length + 1);
        let context = GeneratorContext {
            counter: &self.counter,
            corpora: &self.corpora,
        };
        entry.form.fill(&mut random, context, &mut builder)?;
        Ok(builder.finish(self.end))
    }

    /// The length of the sequences of a step: one of those allowed so far.
    fn length(&self, step: u64, random: &mut Random) -> usize {
        let lengths = &self.settings.lengths;
        let progress = step as f64 / self.steps.max(1) as f64;
        let allowed = match self.settings.all_lengths_from {
            from if progress < from => 1 + (progress / from * (lengths.len() - 1) as f64) as usize,
            _ => lengths.len(),
        };
        lengths[random.below(allowed)]
    }
}

/// The texts that the tokenizer of `stage` is trained on: sequences of its own mix, of all lengths.
/// While there is no tokenizer, lengths are counted in bytes, four to a token.
///
/// # Errors
/// A sample of a task cannot be made.
pub(crate) fn vocabulary_texts(stage: &TrainingStage) -> Result<Vec<String>, GenerateError> {
    let counter = TokenCounter::new(
        "bytes",
        |text| text.len().div_ceil(4),
        |text| (0..text.len()).step_by(4).collect(),
    );
    let corpora = Corpora::bundled();
    let context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    let longest = stage.data.lengths.last().copied().unwrap_or_default();
    let mix: Vec<&MixEntry> = stage
        .data
        .mix
        .iter()
        .filter(|e| e.serves(longest))
        .collect();
    let shares = || mix.iter().map(|entry| entry.share);
    let texts = (0..stage.vocabulary.sequences).map(|number| {
        let mut random = Random::of(&[stage.seed, VOCABULARY, number as u64]);
        let entry = mix[random.weighted(shares())];
        let mut builder = SequenceBuilder::of_bytes(longest);
        entry.form.fill(&mut random, context, &mut builder)?;
        Ok(builder.text())
    });
    texts.collect()
}

impl TrainingBatch {
    /// Its sequences as text: each token's text ends in `·`, and answers stand in brackets. The first
    /// token of a sequence, which nothing predicts, is left out.
    pub fn texts(&self, tokenizer: &Tokenizer) -> Vec<String> {
        let rows = self.targets.len() / self.length.max(1);
        (0..rows).map(|row| self.text(tokenizer, row)).collect()
    }

    fn text(&self, tokenizer: &Tokenizer, row: usize) -> String {
        let mut text = String::new();
        let range = row * self.length..(row + 1) * self.length;
        for at in range.clone() {
            if self.starts[at] {
                text.push('[');
            }
            // What only fills the row does not count.
            if self.weights[at] > 0.0 {
                text.push_str(&tokenizer.decode(&self.targets[at..=at]));
                text.push('·');
            }
            let next = at + 1;
            let goes_on = next < range.end && self.answers[next] && !self.starts[next];
            if self.answers[at] && !goes_on {
                text.push(']');
            }
        }
        text
    }

    fn push(&mut self, sequence: &TrainingSequence, settings: &BatchSettings, end: u32) {
        for at in 0..self.length {
            let token = |at: usize| sequence.ids.get(at).copied();
            self.ids.push(token(at).unwrap_or(end));
            let target = token(at + 1);
            self.targets.push(target.unwrap_or(end));
            let answer = sequence.answer(at + 1);
            self.answers.push(answer);
            self.starts.push(sequence.starts.contains(&(at + 1)));
            self.weights.push(match (target, answer) {
                (None, _) => 0.0,
                (_, true) => settings.answer_weight,
                (_, false) => settings.rest_weight,
            });
        }
    }
}
