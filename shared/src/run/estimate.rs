//! What a run will take, estimated before it starts: the server and the page both show this.

use serde::{Deserialize, Serialize};

use super::RunGrid;
use crate::engine::PreflightPlan;
use crate::tokens::Tokens;

/// `POST /api/runs/estimate`: what a run will take.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunEstimate {
    /// Samples in all.
    pub samples: u32,
    /// Prompt tokens in all, at most.
    pub prompt_tokens: u64,
    /// Answer tokens in all, at most.
    pub answer_tokens: u64,
    /// Bytes of memory that the longest prompt needs, where a model of this machine answers.
    pub memory_bytes: Option<u64>,
    /// Bytes that are free.
    pub free_bytes: Option<u64>,
    /// How long it takes at the pace of earlier answers by the same model and engine.
    pub ms: Option<f64>,
    /// Over how many earlier answers that pace was taken.
    pub pace_n: u32,
    /// What it costs, where the engine has a price.
    pub cost: Option<Money>,
    /// Tokens of the model's window left beside the longest samples, if these are few: a chat
    /// template adds tokens of its own, and samples that then do not fit fail.
    pub room: Option<Tokens>,
}

/// An amount of money.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Money {
    /// How much.
    pub amount: f64,
    /// The currency's code by ISO 4217, e.g. `USD`.
    pub currency: String,
}

/// What earlier answers of the same model and engine took.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct AnswerPace {
    /// How many answers were counted.
    pub answers: u32,
    /// Tokens of their prompts and of the answers.
    pub tokens: f64,
    /// Milliseconds that the engine worked on them.
    pub ms: f64,
}

impl AnswerPace {
    /// Milliseconds per token; `None` before the first answer.
    pub fn ms_per_token(self) -> Option<f64> {
        (self.tokens > 0.0).then(|| self.ms / self.tokens)
    }
}

impl std::iter::Sum for AnswerPace {
    fn sum<I: Iterator<Item = Self>>(paces: I) -> Self {
        paces.fold(Self::default(), |all, one| Self {
            answers: all.answers + one.answers,
            tokens: all.tokens + one.tokens,
            ms: all.ms + one.ms,
        })
    }
}

/// What a run needs of the engine that answers it, as found when its spec was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RunNeeds {
    /// Bytes of memory for its longest prompt, where candle answers.
    pub memory_bytes: Option<u64>,
    /// Bytes that are free, where memory is needed and the system tells.
    pub free_bytes: Option<u64>,
    /// Tokens of the window beside the longest samples, where a chat template may not fit.
    pub room: Option<Tokens>,
}

impl RunGrid {
    /// Estimates a run of this grid: its tokens, its time at the `pace` of earlier answers, and
    /// what it `needs`. The cost is left out, because only the server knows prices.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::run::{AnswerPace, RunGrid, RunNeeds};
    /// use fathom_shared::{task::TaskSpec, tokens::Tokens};
    /// let grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 42), 0, 10);
    /// let pace = AnswerPace { answers: 3, tokens: 1000.0, ms: 500.0 };
    /// let estimate = grid.estimate(pace, RunNeeds::default());
    /// assert_eq!(estimate.ms, Some(20_480.0)); // 40,960 tokens at half a millisecond
    /// assert_eq!((estimate.samples, estimate.pace_n), (10, 3));
    /// ```
    pub fn estimate(&self, pace: AnswerPace, needs: RunNeeds) -> RunEstimate {
        let PreflightPlan {
            prompt_tokens,
            answer_tokens,
            ..
        } = self.plan();
        let tokens = (prompt_tokens + answer_tokens) as f64;
        RunEstimate {
            samples: self.asked(),
            prompt_tokens,
            answer_tokens,
            memory_bytes: needs.memory_bytes,
            free_bytes: needs.free_bytes,
            ms: pace.ms_per_token().map(|ms| ms * tokens),
            pace_n: pace.answers,
            cost: None,
            room: needs.room,
        }
    }
}
