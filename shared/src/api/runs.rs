//! Runs in the API: what is requested, where they stand, what happens.

use serde::{Deserialize, Serialize};

use crate::engine::{EngineKind, KvFormat, RopeParameters};
use crate::prompt::{Prompt, PromptMode};
use crate::run::{Money, RunGrid, SampleKey, ScoredTranscript};
use crate::stats::Summary;
use crate::task::{Sample, TaskSpec};
use crate::tokens::Tokens;
use crate::transcript::{EngineInfo, FailureKind, Outcome, TextlessAnswer};

/// The run spec: everything that the answers depend on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunSpec {
    /// Tasks, lengths, seeds and samples.
    pub grid: RunGrid,
    /// The model's id.
    pub model: String,
    /// Who runs it.
    #[serde(default)]
    pub engine: EngineKind,
    /// How a sample is presented to the model.
    #[serde(default)]
    pub mode: PromptMode,
    /// Custom positions, if they are not the model's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rope: Option<RopeParameters>,
    /// SHA-256 over the texts that samples are made of
    /// ([`Corpora::sha256`](crate::corpora::Corpora::sha256)); filled in by whoever accepts the spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texts: Option<String>,
    /// The KV cache format, if it is not the engine's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv: Option<KvFormat>,
}

/// `POST /api/runs`: a run spec and its priority.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// What to run.
    #[serde(rename = "order")]
    pub run_spec: RunSpec,
    /// Runs of a higher priority go first; among equals, the oldest.
    #[serde(default)]
    pub priority: i32,
}

/// `POST /api/runs/{id}/priority`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PriorityChange {
    /// The new priority.
    pub priority: i32,
}

/// The status of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Nobody works on it.
    Queued,
    /// A worker is answering one of its samples.
    Running,
    /// No further sample is started until someone resumes it.
    Paused,
    /// Every sample has its answer or failure.
    Done,
    /// Someone stopped it; what was answered is kept.
    Cancelled,
    /// It could not go on: see [`RunView::error`].
    Failed,
}

impl RunStatus {
    /// Whether nothing more will happen until someone asks for it.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }

    /// The word, as on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// Samples by state: asked = answered + failed + open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleCounts {
    /// Samples ordered.
    pub asked: u32,
    /// Samples with a completion.
    pub answered: u32,
    /// Samples with a failure.
    pub failed: u32,
}

impl SampleCounts {
    /// Samples that have neither yet.
    pub fn open(self) -> u32 {
        self.asked
            .saturating_sub(self.answered)
            .saturating_sub(self.failed)
    }
}

/// How fast a run progresses, judged by its latest answers.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunPace {
    /// Tokens read and written per second, all workers together.
    pub tokens_per_s: Option<f64>,
    /// Milliseconds until the last sample, at this pace.
    pub left_ms: Option<f64>,
    /// What the answers so far cost, if the engine has a price.
    pub cost: Option<Money>,
}

/// A run as the server knows it, without its rows: `GET /api/runs`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunView {
    /// Its id.
    pub id: i64,
    /// What was ordered.
    #[serde(rename = "order")]
    pub run_spec: RunSpec,
    /// Which goes first.
    pub priority: i32,
    /// Where it stands.
    pub status: RunStatus,
    /// Why it failed or waits; for a run with failures and no answer, the most common reason.
    pub error: Option<String>,
    /// Who answers; the device is empty until a worker had it.
    pub engine: EngineInfo,
    /// When it was ordered, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
    /// How far it is.
    pub counts: SampleCounts,
    /// Prompt tokens read for the answers so far.
    pub prompt_tokens: u64,
    /// Tokens written so far.
    pub answer_tokens: u64,
    /// How fast it goes on.
    pub pace: RunPace,
    /// Increases with everything that happens to the run; also the id of its events.
    pub seq: i64,
}

/// A run with a summary of each cell: `GET /api/runs/{id}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunDetail {
    /// The run.
    pub run: RunView,
    /// Its cells by their number.
    pub cells: Vec<CellView>,
}

/// One cell of a run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CellView {
    /// The task.
    pub task: String,
    /// Prompt and answer together.
    pub length: Tokens,
    /// The seed.
    pub seed: u32,
    /// A summary of its answers so far.
    pub summary: Summary,
}

/// The state of a sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// Nobody has asked it yet.
    Open,
    /// A worker is answering it.
    Leased,
    /// It has its completion.
    Answered,
    /// It has its failure.
    Failed,
}

/// A sample of a run without its texts: `GET /api/runs/{id}/rows`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowView {
    /// Which sample.
    #[serde(flatten)]
    pub place: SampleKey,
    /// Where it stands.
    pub state: RowState,
    /// Its score, a fraction; a failure has none.
    pub score: Option<f64>,
    /// What kind of failure it is.
    pub failure: Option<FailureKind>,
    /// Why an answer has no text to score, where it has none; not known of answers that earlier
    /// versions stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub textless: Option<TextlessAnswer>,
    /// Whether all before the end of a thought without a beginning was taken for thinking, and may
    /// have been the answer; not known of answers that earlier versions stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end_alone: bool,
    /// Samples with the same word here share a source text and are not independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many times it was started.
    pub attempts: u32,
}

impl RowView {
    /// A row that nobody has worked on yet.
    pub fn open(place: SampleKey) -> Self {
        Self {
            place,
            state: RowState::Open,
            score: None,
            failure: None,
            textless: None,
            end_alone: false,
            source: None,
            attempts: 0,
        }
    }

    /// A row that has its answer or its failure.
    pub fn stored(place: SampleKey, row: &ScoredTranscript, attempts: u32) -> Self {
        let (failure, textless, end_alone) = match &row.transcript.outcome {
            Outcome::Completed(done) => (None, done.textless(), done.thinking_end_alone),
            Outcome::Failed(failure) => (Some(failure.kind), None, false),
        };
        Self {
            place,
            state: match failure {
                None => RowState::Answered,
                Some(_) => RowState::Failed,
            },
            score: row.score.as_ref().map(|score| score.value),
            failure,
            textless,
            end_alone,
            source: row.score.as_ref().and_then(|score| score.source.clone()),
            attempts,
        }
    }
}

/// A sample of a run with everything: `GET /api/runs/{id}/rows/{cell}/{sample}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowDetail {
    /// Which one and where it stands.
    pub row: RowView,
    /// What it was made of.
    pub spec: TaskSpec,
    /// What was answered; absent while it is open.
    pub scored: Option<ScoredTranscript>,
    /// The sample and its prompt, made again from the spec.
    pub made: Option<(Sample, Prompt)>,
    /// Why they could not be remade, or differ from those that were asked.
    pub unmade: Option<String>,
}

/// `GET /api/runs/{id}/events`: server-sent events. Those with an id are stored: a client that
/// reconnects with `Last-Event-ID` (or `?after=`) gets what happened since; the others are
/// transient.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum RunEvent {
    /// Where the run stands. Comes first and with every change; has an id, unless all that changed
    /// is whether a worker is at it.
    Run {
        /// The run.
        run: Box<RunView>,
    },
    /// Samples that got their answer or failure, and are stored.
    Rows {
        /// At most some hundred.
        rows: Vec<RowView>,
    },
    /// The samples being answered right now, as far as this process knows them.
    Current {
        /// Each with the text so far.
        current: Vec<CurrentSample>,
    },
    /// The engine reads a prompt.
    Prefill {
        /// The sample.
        place: SampleKey,
        /// Tokens read.
        done: Tokens,
        /// Tokens in all.
        total: Tokens,
    },
    /// The engine wrote something.
    Token {
        /// The sample.
        place: SampleKey,
        /// The new text.
        text: String,
    },
}

/// A sample being answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurrentSample {
    /// Which one.
    pub place: SampleKey,
    /// Prompt tokens read.
    pub done: Tokens,
    /// Prompt tokens in all; 0 while not known.
    pub total: Tokens,
    /// The text so far.
    pub text: String,
}

impl CurrentSample {
    /// A sample that was just taken up.
    pub fn at(place: SampleKey) -> Self {
        Self {
            place,
            done: Tokens(0),
            total: Tokens(0),
            text: String::new(),
        }
    }
}
