//! Estimates a run at the pace of earlier answers in the database and at the endpoint's price.

use fathom_shared::api::RunSpec;
use fathom_shared::run::{RunEstimate, RunNeeds};

use super::Jobs;
use crate::store::StoreError;

impl Jobs {
    /// Tokens of a run, its time at the pace of earlier answers of the same model and engine, its
    /// cost, and what it `needs`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn estimate(
        &self,
        spec: &RunSpec,
        needs: RunNeeds,
    ) -> Result<RunEstimate, StoreError> {
        let engine = spec.engine.to_string();
        let pace = self.store.history(&engine, &spec.model).await?;
        let estimate = spec.grid.estimate(pace, needs);
        let cost = self.cost(&spec.engine, estimate.prompt_tokens, estimate.answer_tokens);
        Ok(RunEstimate { cost, ..estimate })
    }
}
