//! Why samples of a run failed or came to nothing, counted.

use std::collections::HashMap;

use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Completion, Failure, FinishReason, Outcome, TextlessAnswer};
use futures_util::TryStreamExt;
use serde::Deserialize;

use super::{Store, StoreError};

/// Failures that are looked at: the latest. What is commonest among these is what happens now.
const LOOKED_AT: i64 = 500;

/// The reason that most of a run's latest failures have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommonFailure {
    /// How many were looked at.
    pub of: usize,
    /// How many have this reason.
    pub alike: usize,
    /// The latest of these.
    pub example: Failure,
}

/// Answers that have no text, which are scored as empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AnswersWithoutText {
    /// Those that are thinking and nothing else.
    pub thinking: u32,
    /// Of these, those whose room was full.
    pub thinking_cut: u32,
    /// Those without thinking too.
    pub empty: u32,
    /// Of these, those whose room was full.
    pub empty_cut: u32,
    /// The fewest and the most tokens of thinking that a server tells of empty ones.
    pub thought: Option<(u32, u32)>,
}

impl AnswersWithoutText {
    fn add(&mut self, completion: &Completion) {
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

/// Of a transcript.
#[derive(Deserialize)]
struct FailedTranscript {
    outcome: Outcome,
}

impl Store {
    /// How many of a run's answers have no text, and what is told of why.
    ///
    /// # Errors
    /// A failing database.
    pub async fn answers_without_text(&self, run: i64) -> Result<AnswersWithoutText, StoreError> {
        let mut texts = sqlx::query_scalar::<_, String>(
            "SELECT transcript_json FROM transcripts NATURAL JOIN rows
             WHERE run = $1 AND state = 2",
        )
        .bind(run)
        .fetch(&self.pool);
        let fault = |e| self.fault("read a run's answers", e);
        let mut found = AnswersWithoutText::default();
        // One by one: thinking is long.
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

    /// The commonest reason among a run's failures; nothing where there are none. Sentences that
    /// differ only in their numbers count as one.
    ///
    /// # Errors
    /// A failing database.
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
        // Of equals the one that came last.
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
