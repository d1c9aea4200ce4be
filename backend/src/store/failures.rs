//! Counts why samples of a run failed or had no text.

use std::collections::HashMap;

use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Completion, Failure, FinishReason, Outcome, TextlessAnswer};
use futures_util::TryStreamExt;
use serde::Deserialize;

use super::{Store, StoreError};

/// How many failures are read: the latest ones, as they show what goes wrong now.
const LOOKED_AT: i64 = 500;

/// The most common reason among a run's latest failures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommonFailure {
    /// How many were read.
    pub of: usize,
    /// How many have this reason.
    pub alike: usize,
    /// The latest failure with this reason.
    pub example: Failure,
}

/// Counts of answers without text, which are scored as empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AnswersWithoutText {
    /// Answers that contain only thinking.
    pub thinking: u32,
    /// Of these, answers that reached the length limit.
    pub thinking_cut: u32,
    /// Answers without text and without thinking.
    pub empty: u32,
    /// Of these, answers that reached the length limit.
    pub empty_cut: u32,
    /// The fewest and the most thinking tokens that a server reported for empty answers.
    pub thought: Option<(u32, u32)>,
    /// Answers, with text or without, of which all before the end of a thought without a beginning
    /// was taken for thinking.
    pub end_alone: u32,
}

impl AnswersWithoutText {
    fn add(&mut self, completion: &Completion) {
        self.end_alone += u32::from(completion.thinking_end_alone);
        let cut = u32::from(completion.finish == FinishReason::Length);
        match completion.textless() {
            None => {}
            Some(TextlessAnswer::Thinking) => {
                self.thinking += 1;
                self.thinking_cut += cut;
            }
            Some(TextlessAnswer::Empty) => {
                self.empty += 1;
                self.empty_cut += cut;
                if let Some(Tokens(told)) = completion.usage.and_then(|usage| usage.thinking) {
                    let (least, most) = self.thought.unwrap_or((told, told));
                    self.thought = Some((least.min(told), most.max(told)));
                }
            }
        }
    }
}

/// Fields of a transcript.
#[derive(Deserialize)]
struct FailedTranscript {
    outcome: Outcome,
}

impl Store {
    /// How many of a run's answers have no text, and why as far as is known.
    ///
    /// # Errors
    /// The database fails.
    pub async fn answers_without_text(&self, run: i64) -> Result<AnswersWithoutText, StoreError> {
        let mut texts = sqlx::query_scalar::<_, String>(
            "SELECT transcript_json FROM transcripts NATURAL JOIN rows
             WHERE run = $1 AND state = 2",
        )
        .bind(run)
        .fetch(&self.pool);
        let fault = |e| self.fault("read a run's answers", e);
        let mut found = AnswersWithoutText::default();
        // One by one, because thinking is long.
        while let Some(text) = texts.try_next().await.map_err(fault)? {
            let told = serde_json::from_str::<FailedTranscript>(&text);
            if let Ok(FailedTranscript {
                outcome: Outcome::Completed(completion),
            }) = told
            {
                found.add(&completion);
            }
        }
        Ok(found)
    }

    /// The most common reason among a run's failures; `None` if there are no failures. Sentences
    /// that differ only in their numbers count as one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn failures(&self, run: i64) -> Result<Option<CommonFailure>, StoreError> {
        let texts: Vec<String> = sqlx::query_scalar(
            "SELECT transcript_json FROM transcripts NATURAL JOIN rows
             WHERE run = $1 AND state = 3 ORDER BY seq DESC LIMIT $2",
        )
        .bind(run)
        .bind(LOOKED_AT)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("read a run's failures", e))?;
        let told =
            texts.iter().filter_map(|text| {
                match serde_json::from_str::<FailedTranscript>(text).ok()?.outcome {
                    Outcome::Failed(failure) => Some(failure),
                    Outcome::Completed(_) => None,
                }
            });
        let told: Vec<Failure> = told.collect();
        let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
        for (at, failure) in told.iter().enumerate() {
            let (count, _) = counts.entry(kind(&failure.message)).or_insert((0, at));
            *count += 1;
        }
        // On a tie, the latest.
        let most = counts
            .into_values()
            .max_by_key(|(n, at)| (*n, usize::MAX - at));
        Ok(most.and_then(|(alike, at)| {
            Some(CommonFailure {
                of: told.len(),
                alike,
                example: told.get(at)?.clone(),
            })
        }))
    }
}

/// A sentence without its numbers.
fn kind(sentence: &str) -> String {
    let mut kind = String::with_capacity(sentence.len());
    for c in sentence.chars() {
        match c.is_ascii_digit() {
            true if kind.ends_with('#') => {}
            true => kind.push('#'),
            false => kind.push(c),
        }
    }
    kind
}
