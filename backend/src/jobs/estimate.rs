//! What a run will take, told before it starts.

use fathom_shared::api::{RunEstimate, RunSpec};
use fathom_shared::engine::PreflightPlan;

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
        } = order.grid.plan();
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
