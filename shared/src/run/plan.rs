//! Counts the prompts and tokens of a grid, before any sample is made.

use super::RunGrid;
use crate::engine::PreflightPlan;

impl RunGrid {
    /// How many prompts there are, and their maximum length.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{run::RunGrid, task::TaskSpec, tokens::Tokens};
    /// let plan = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 42), 0, 10).plan();
    /// assert_eq!((plan.prompts, plan.longest), (10, 4096));
    /// assert_eq!(plan.prompt_tokens + plan.answer_tokens, 40_960);
    /// ```
    pub fn plan(&self) -> PreflightPlan {
        let count = u64::from(self.count);
        let mut plan = PreflightPlan {
            prompts: u64::from(self.asked()),
            ..PreflightPlan::default()
        };
        for spec in self.cells() {
            // A valid spec always has this value.
            let answer = spec.tokens_to_generate().unwrap_or_default().0;
            let length = spec.max_seq_length.0;
            plan.prompt_tokens += count * u64::from(length.saturating_sub(answer));
            plan.answer_tokens += count * u64::from(answer);
            plan.longest = plan.longest.max(length);
        }
        plan
    }
}
