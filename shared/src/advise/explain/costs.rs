//! What the training costs, in Markdown.

use std::fmt::Write as _;

use crate::advise::advice::Advice;
use crate::advise::cost_items::TRAINING;
use crate::advise::sentences::{short, span, two_digits};
use crate::advise::training::BudgetFit;

impl Advice {
    pub(super) fn write_costs(&self, out: &mut String) -> std::fmt::Result {
        if self.cost.is_some() || self.memory.is_some() || self.bill.iter().any(|item| !item.next) {
            writeln!(out, "\n## Cost\n")?;
        }
        if let (Some(path), Some(cost)) = (&self.path, &self.cost) {
            writeln!(out, "- Training: {}{}.", cost.says(), self.training_money())?;
            writeln!(
                out,
                "- Based on: {} tokens, in texts of {} tokens or more ({}).",
                span(cost.tokens, |one| format!("{one:.1e}")),
                short(cost.length),
                cost.tokens_source
            )?;
            if let (Some(weights), Some(attention)) = (cost.weight_flops, cost.attention_flops) {
                let flops = |range| span(range, |one| format!("{one:.1e}"));
                writeln!(
                    out,
                    "- Operations: {} for the weights (6 N D), {} for attention at that length (6 L W T D), at 14% to 35% of the hardware's peak, the range of four public runs.",
                    flops(weights),
                    flops(attention)
                )?;
            }
            writeln!(
                out,
                "- The article says \"{}\" of GPU-hours, an internal estimate of its authors. {}",
                path.gpu_hours, cost.beside_the_article
            )?;
            if !cost.memory.is_empty() {
                writeln!(out, "- {}", cost.memory)?;
            }
            match cost.budget {
                Some(BudgetFit::Holds) => writeln!(out, "- The budget covers it.")?,
                Some(BudgetFit::Perhaps) => writeln!(
                    out,
                    "- The budget covers the low estimate, not the high one."
                )?,
                Some(BudgetFit::About) => {
                    writeln!(out, "- The budget is about the low estimate.")?;
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
        // The next step and the training have lines of their own.
        let others = self.bill.iter();
        for item in others.filter(|item| !item.next && item.what != TRAINING) {
            writeln!(out, "- {}", item.says())?;
        }
        Ok(())
    }

    /// The price of the training, to follow its hours; empty without a price.
    fn training_money(&self) -> String {
        let training = self.bill.iter().find(|item| item.what == TRAINING);
        let money = training.and_then(|item| item.money);
        money.map_or_else(String::new, |money| {
            format!(", {} at your price", span(money, two_digits))
        })
    }
}
