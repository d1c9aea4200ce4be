//! Accuracy on fresh sequences: what a stage's pass marks are held against.

use candle_core::{D, Result as CandleResult, Tensor};
use fathom_shared::task::GenerateError;
use serde::{Deserialize, Serialize};

use crate::network::Decoder;
use crate::stage::{EvaluationTarget, TrainingStage};
use crate::stream::{TrainingBatch, TrainingStream};

/// Tokens that are read at once.
const TOKENS: usize = 8192;

/// How a decoder answers fresh sequences of one kind.
///
/// Each answer is read with the right tokens before it. An answer all of whose tokens are then the
/// likeliest is what greedy decoding would write.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EvaluationScore {
    /// The entry of the mix.
    pub name: String,
    /// Tokens of a sequence.
    pub length: usize,
    /// How many answers there were.
    pub answers: usize,
    /// The share whose first token was the likeliest: the others may be continuation.
    pub first: f64,
    /// The share all of whose tokens were.
    pub exact: f64,
    /// The share of exact answers that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<f64>,
}

impl EvaluationScore {
    /// Whether it reaches its mark; without one it does.
    pub fn passes(&self) -> bool {
        self.pass.is_none_or(|pass| self.exact >= pass)
    }
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// A sequence cannot be made.
    #[error("a sequence for the evaluation of `{name}` cannot be made")]
    Sequence {
        /// The entry of the mix.
        name: String,
        /// Why.
        source: GenerateError,
    },
    /// What candle says.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

/// Measures everything that the stage asks for.
///
/// # Errors
/// [`EvaluationError`].
pub fn evaluate(
    decoder: &Decoder,
    stage: &TrainingStage,
    stream: &TrainingStream<'_>,
) -> Result<Vec<EvaluationScore>, EvaluationError> {
    let each = stage.evaluate.iter();
    each.map(|target| score(decoder, stage, stream, target))
        .collect()
}

fn score(
    decoder: &Decoder,
    stage: &TrainingStage,
    stream: &TrainingStream<'_>,
    target: &EvaluationTarget,
) -> Result<EvaluationScore, EvaluationError> {
    let EvaluationTarget {
        name,
        length,
        sequences,
        pass,
    } = target;
    let mut counts = AnswerCounts::default();
    let at_once = (TOKENS / length).max(1);
    let entries = stage.data.mix.iter().filter(|entry| entry.name == *name);
    for entry in entries {
        for first in (0..*sequences).step_by(at_once) {
            let last = (first + at_once).min(*sequences);
            let batch = stream.evaluation(entry, *length, first..last);
            let batch = batch.map_err(|source| EvaluationError::Sequence {
                name: name.clone(),
                source,
            })?;
            counts.add(&batch, &likeliest(decoder, &batch)?);
        }
    }
    let share = |count: usize| count as f64 / counts.answers.max(1) as f64;
    Ok(EvaluationScore {
        name: name.clone(),
        length: *length,
        answers: counts.answers,
        first: share(counts.first),
        exact: share(counts.exact),
        pass: *pass,
    })
}

#[derive(Default)]
struct AnswerCounts {
    answers: usize,
    first: usize,
    exact: usize,
}

impl AnswerCounts {
    /// Adds the answers of a batch; `hits` says of each answer token whether it was the likeliest.
    fn add(&mut self, batch: &TrainingBatch, hits: &[bool]) {
        let mut at = 0;
        while at < batch.targets.len() {
            if !batch.starts[at] {
                at += 1;
                continue;
            }
            let within = |next: usize| {
                let row_goes_on = next / batch.length == at / batch.length;
                next < batch.targets.len()
                    && row_goes_on
                    && batch.answers[next]
                    && !batch.starts[next]
            };
            let mut end = at + 1;
            while within(end) {
                end += 1;
            }
            self.answers += 1;
            self.first += usize::from(hits[at]);
            self.exact += usize::from(hits[at..end].iter().all(|hit| *hit));
            at = end;
        }
    }
}

/// Whether each target is the likeliest token; only those of answers are looked at.
fn likeliest(decoder: &Decoder, batch: &TrainingBatch) -> CandleResult<Vec<bool>> {
    let hidden = decoder.hidden(&batch.ids, batch.length)?.detach();
    let places: Vec<u32> = (0_u32..)
        .zip(&batch.answers)
        .filter_map(|(at, answer)| answer.then_some(at))
        .collect();
    let mut hits = vec![false; batch.targets.len()];
    if places.is_empty() {
        return Ok(hits);
    }
    let asked = Tensor::from_slice(&places, places.len(), decoder.device())?;
    let logits = hidden
        .index_select(&asked, 0)?
        .matmul(&decoder.head().t()?)?;
    let found = logits.argmax(D::Minus1)?.to_vec1::<u32>()?;
    for (place, found) in places.iter().zip(found) {
        let at = *place as usize;
        hits[at] = batch.targets[at] == found;
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_once_and_as_a_whole() {
        // Two rows; the second answer of the first row goes to its end.
        let batch = TrainingBatch {
            length: 5,
            targets: vec![0; 10],
            answers: [0, 1, 1, 1, 1, 1, 1, 0, 0, 1].map(|x| x == 1).to_vec(),
            starts: [0, 1, 0, 1, 0, 1, 0, 0, 0, 1].map(|x| x == 1).to_vec(),
            ..TrainingBatch::default()
        };
        let hits = [0, 1, 1, 1, 0, 0, 1, 0, 0, 1].map(|x| x == 1);
        let mut counts = AnswerCounts::default();
        counts.add(&batch, &hits);
        assert_eq!((counts.answers, counts.first, counts.exact), (4, 3, 2));
    }
}
