//! Decodes the rows of the tables.

use std::collections::BTreeMap;

use fathom_shared::api::{RowState, RowView, RunPace, RunSpec, RunStatus, RunView, SampleCounts};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, SampleKey, ScoredTranscript};
use fathom_shared::score::Score;
use fathom_shared::transcript::{EngineInfo, FailureKind, TextlessAnswer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{QueuedRun, StoreError};
use crate::errors::{chain, sentence};

/// The columns of [`RunRow`].
pub(super) const RUN: &str =
    "id, order_json, model, engine_json, priority, hold, error, created_ms,
    asked, answered, failed, prompt_tokens, answer_tokens, seq, {leased}";

/// Whether a worker is answering one of a run's samples, 1 or 0.
pub(super) const LEASED: &str = "CASE WHEN EXISTS (SELECT 1 FROM rows WHERE rows.run = runs.id
    AND state = 1 AND lease_until_ms >= {now}) THEN 1 ELSE 0 END AS leased";

/// A row of `runs`.
#[derive(sqlx::FromRow)]
pub(super) struct RunRow {
    id: i64,
    order_json: String,
    model: String,
    engine_json: String,
    priority: i64,
    hold: String,
    error: Option<String>,
    created_ms: i64,
    asked: i64,
    answered: i64,
    failed: i64,
    prompt_tokens: i64,
    answer_tokens: i64,
    pub(super) seq: i64,
    leased: i64,
}

impl RunRow {
    fn run_spec(&self) -> Result<RunSpec, StoreError> {
        read(&self.order_json, || format!("the spec of run {}", self.id))
    }

    fn engine(&self) -> Result<EngineInfo, StoreError> {
        read(&self.engine_json, || {
            format!("the engine of run {}", self.id)
        })
    }

    pub(super) fn id(&self) -> i64 {
        self.id
    }

    pub(super) fn job(&self) -> Result<QueuedRun, StoreError> {
        Ok(QueuedRun {
            id: self.id,
            run_spec: self.run_spec()?,
            priority: i32::try_from(self.priority).unwrap_or_default(),
            engine: self.engine()?,
        })
    }

    /// What can be recovered from an unreadable run spec: its engine and model, and every part of
    /// the grid that can be parsed.
    fn remains(&self) -> RunSpec {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct StoredGrid {
            engine: Value,
            grid: BTreeMap<String, Value>,
        }
        fn part<T: DeserializeOwned + Default>(value: Option<&Value>) -> T {
            value
                .and_then(|value| T::deserialize(value).ok())
                .unwrap_or_default()
        }
        let kept: StoredGrid = serde_json::from_str(&self.order_json).unwrap_or_default();
        RunSpec {
            grid: RunGrid {
                tasks: part(kept.grid.get("tasks")),
                lengths: part(kept.grid.get("lengths")),
                seeds: part(kept.grid.get("seeds")),
                first: part(kept.grid.get("first")),
                count: part(kept.grid.get("count")),
            },
            model: self.model.clone(),
            engine: part(Some(&kept.engine)),
            mode: PromptMode::default(),
            rope: None,
            texts: None,
            kv: None,
        }
    }

    fn status(&self) -> RunStatus {
        let open = self.asked - self.answered - self.failed;
        match self.hold.as_str() {
            "cancelled" => RunStatus::Cancelled,
            _ if open == 0 => RunStatus::Done,
            _ if self.error.is_some() => RunStatus::Failed,
            // Counts as paused at once, even while workers still finish a sample.
            "paused" => RunStatus::Paused,
            _ if self.leased > 0 => RunStatus::Running,
            _ => RunStatus::Queued,
        }
    }

    pub(super) fn view(mut self) -> RunView {
        let (run_spec, engine) = match (self.run_spec(), self.engine()) {
            (Ok(run_spec), Ok(engine)) => (run_spec, engine),
            (run_spec, engine) => {
                let why = run_spec.as_ref().err().or(engine.as_ref().err());
                let why = why.map(unreadable);
                // The run's own error comes first: it may be older than the reason.
                self.error = self.error.take().or(why);
                let run_spec = run_spec.unwrap_or_else(|_| self.remains());
                (run_spec, engine.unwrap_or_default())
            }
        };
        RunView {
            id: self.id,
            run_spec,
            priority: i32::try_from(self.priority).unwrap_or_default(),
            status: self.status(),
            engine,
            created_ms: self.created_ms,
            counts: SampleCounts {
                asked: small(self.asked),
                answered: small(self.answered),
                failed: small(self.failed),
            },
            prompt_tokens: u64::try_from(self.prompt_tokens).unwrap_or_default(),
            answer_tokens: u64::try_from(self.answer_tokens).unwrap_or_default(),
            pace: RunPace::default(),
            seq: self.seq,
            error: self.error,
        }
    }
}

/// Why an unreadable run does not continue.
pub(super) fn unreadable(error: &StoreError) -> String {
    format!(
        "{}; the version of fathom that wrote it can continue it",
        sentence(&chain(error))
    )
}

/// A text that both databases accept: PostgreSQL does not allow the character 0.
pub(super) fn plain(text: &str) -> String {
    text.replace('\0', "")
}

/// The columns of [`SampleRow`].
pub(super) const ROW: &str =
    "cell, sample, state, attempts, score, failure, textless, end_alone, source, seq";

/// A row of `rows`.
#[derive(sqlx::FromRow)]
pub(super) struct SampleRow {
    cell: i64,
    sample: i64,
    state: i64,
    attempts: i64,
    score: Option<f64>,
    failure: Option<String>,
    textless: Option<String>,
    end_alone: i64,
    source: Option<String>,
    pub(super) seq: i64,
}

impl SampleRow {
    pub(super) fn place(&self) -> SampleKey {
        place(self.cell, self.sample)
    }

    pub(super) fn view(&self) -> RowView {
        // A kind from another version still counts as a failure.
        let kind = |text: &String| failure(text).unwrap_or(FailureKind::Engine);
        let failure = self.failure.as_ref().map(kind);
        let textless = self.textless.as_deref().and_then(|word| {
            let mut all = TextlessAnswer::ALL.into_iter();
            all.find(|one| one.as_str() == word)
        });
        RowView {
            place: self.place(),
            state: match self.state {
                0 => RowState::Open,
                1 => RowState::Leased,
                2 => RowState::Answered,
                _ => RowState::Failed,
            },
            score: self.score,
            failure,
            textless,
            end_alone: self.end_alone > 0,
            source: self.source.clone(),
            attempts: small(self.attempts),
        }
    }
}

/// Transcript and score as they were stored.
pub(super) fn scored(
    transcript: &str,
    score: Option<&str>,
) -> Result<ScoredTranscript, StoreError> {
    Ok(ScoredTranscript {
        transcript: read(transcript, || "a transcript".to_owned())?,
        score: score.map(self::score).transpose()?,
    })
}

/// A score as it was stored.
pub(super) fn score(text: &str) -> Result<Score, StoreError> {
    read(text, || "a score".to_owned())
}

pub(super) fn place(cell: i64, sample: i64) -> SampleKey {
    SampleKey {
        cell: small(cell),
        sample: small(sample),
    }
}

/// Converts counts and numbers that our own statements keep within these bounds.
pub(super) fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

fn failure(kind: &str) -> Result<FailureKind, serde_json::Error> {
    serde_json::from_value(Value::String(kind.to_owned()))
}

pub(super) fn failure_name(kind: FailureKind) -> Option<String> {
    let value = serde_json::to_value(kind).ok()?;
    value.as_str().map(str::to_owned)
}

fn read<T: DeserializeOwned>(text: &str, what: impl Fn() -> String) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Unreadable {
        what: what(),
        source,
    })
}

/// The JSON of one of our own types.
pub(super) fn json<T: Serialize>(value: &T, what: &str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Unreadable {
        what: what.to_owned(),
        source,
    })
}
