//! What the training costs, in Markdown.

use std::fmt::Write as _;

use crate::advise::Advice;
use crate::advise::costs::BudgetFit;
use crate::advise::sentences::span;

impl Advice {
    pub(super) fn write_costs(&self, out: &mut String) -> std::fmt::Result {
        if self.cost.is_some() || self.memory.is_some() || self.bill.iter().any(|item| !item.next) {
            writeln!(out, "\n## Cost\n")?;
        }
        if let (Some(path), Some(cost)) = (&self.path, &self.cost) {
            writeln!(out, "- Training: {}.", cost.says())?;
            writeln!(
                out,
                "- Made of: {} tokens, in texts of {:#} tokens and more ({}).",
                span(cost.tokens, |one| format!("{one:.1e}")),
                cost.length,
                cost.tokens_source
            )?;
            if let (Some(weights), Some(attention)) = (cost.weight_flops, cost.attention_flops) {
                let flops = |range| span(range, |one| format!("{one:.1e}"));
                writeln!(
                    out,
                    "- Operations: {} for the weights (6 N D), {} for attention at that length (6 L W T D), at 14% to 35% of the hardware's peak, as four public runs reached.",
                    flops(weights),
                    flops(attention)
                )?;
            }
            writeln!(
                out,
                "- The article says \"{}\" of GPU-hours, an internal estimate of its authors. {}",
                path.gpu_hours, cost.beside_the_article
            )?;
            match cost.budget {
                Some(BudgetFit::Holds) => writeln!(out, "- The budget holds it.")?,
                Some(BudgetFit::Perhaps) => writeln!(
                    out,
                    "- The budget covers the low estimate, not the high one."
                )?,
                Some(BudgetFit::About) => {
                    writeln!(out, "- The budget is about the least that it may cost.")?
                }
                Some(BudgetFit::TooSmall) => writeln!(out, "- The budget does not cover it.")?,
                None => {}
            }
            writeln!(
                out,
                "- Data: {}. Effort: {}. Risk for short contexts: {}.",
                path.scarcity, path.effort, path.short_context_risk
            )?;
            writeln!(out, "- Risk: {}.", path.risk)?;
        }
        if let Some(memory) = &self.memory {
            writeln!(out, "- {}", memory.says())?;
        }
        // What the next step takes is told with it.
        for item in self.bill.iter().filter(|item| !item.next) {
            writeln!(out, "- {}", item.says())?;
        }
        Ok(())
    }
}
