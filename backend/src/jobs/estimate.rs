//! What a run will take, told before it starts.

use fathom_shared::api::{RunEstimate, RunSpec};
use fathom_shared::engine::PreflightPlan;
use fathom_shared::run::RunGrid;

use super::Jobs;
use crate::store::StoreError;

impl Jobs {
    /// Tokens of an order, and its time at the pace of earlier answers of the same model and
    /// engine.
    ///
    /// # Errors
    /// A failing database.
    pub async fn estimate(&self, order: &RunSpec) -> Result<RunEstimate, StoreError> {
        let PreflightPlan {
            prompt_tokens,
            answer_tokens,
            ..
        } = plan(&order.grid);
        let engine = order.engine.to_string();
        let (pace_n, tokens, ms) = self.store.history(&engine, &order.model).await?;
        let per_token = (tokens > 0).then(|| ms as f64 / tokens as f64);
        Ok(RunEstimate {
            samples: order.grid.asked(),
            prompt_tokens,
            answer_tokens,
            memory_bytes: None,
            free_bytes: None,
            ms: per_token.map(|ms| ms * (prompt_tokens + answer_tokens) as f64),
            pace_n,
            cost: self.cost(&order.engine, prompt_tokens, answer_tokens),
            room: None,
        })
    }
}

/// How many prompts a grid asks, and how long they are at most.
pub(super) fn plan(grid: &RunGrid) -> PreflightPlan {
    let count = u64::from(grid.count);
    let mut plan = PreflightPlan {
        prompts: u64::from(grid.asked()),
        ..PreflightPlan::default()
    };
    for spec in grid.cells() {
        // An order that was checked has no spec without this.
        let answer = spec.tokens_to_generate().unwrap_or_default().0;
        let length = spec.max_seq_length.0;
        plan.prompt_tokens += count * u64::from(length.saturating_sub(answer));
        plan.answer_tokens += count * u64::from(answer);
        plan.longest = plan.longest.max(length);
    }
    plan
}
