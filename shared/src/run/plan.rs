//! How much a grid asks, told before anything is made.

use super::RunGrid;
use crate::engine::PreflightPlan;

impl RunGrid {
    /// How many prompts there are, and how long they are at most.
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
            // A grid that was checked has no spec without this.
            let answer = spec.tokens_to_generate().unwrap_or_default().0;
            let length = spec.max_seq_length.0;
            plan.prompt_tokens += count * u64::from(length.saturating_sub(answer));
            plan.answer_tokens += count * u64::from(answer);
            plan.longest = plan.longest.max(length);
        }
        plan
    }
}
