//! What the next step runs, each measurement with its own price, in Markdown; and what measuring
//! further lengths would show.

use std::fmt::Write as _;

use crate::advise::advice::Advice;
use crate::advise::cost_items::CostItem;
use crate::advise::costs::hardware;
use crate::advise::next::NextRun;
use crate::advise::sentences::{hours, short, span};
use crate::numbers::count;

impl Advice {
    pub(super) fn write_runs(&self, out: &mut String) -> std::fmt::Result {
        if self.next.runs.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## What the next step takes\n")?;
        let mut prices = self.bill.iter().filter(|item| item.next);
        for run in &self.next.runs {
            writeln!(out, "- {}", told(run, prices.next()))?;
        }
        Ok(())
    }

    /// Names the lengths that were not measured, what to run there, and what it would show.
    pub(super) fn unmeasured_sentence(&self) -> Option<String> {
        let lengths: Vec<String> = self.unmeasured.iter().map(|one| short(*one)).collect();
        if lengths.is_empty() {
            return None;
        }
        let lengths = lengths.join(", ");
        if !self.only_length {
            return Some(format!(
                "Nothing was measured at {lengths}, so it is not known where the loss begins."
            ));
        }
        let target = self
            .target
            .map_or_else(String::new, |one| format!(" at {}", short(one)));
        let mut told = format!(
            "Nothing was measured at {lengths}. Run the same tasks there, 100 samples each: what is equally low there is not lost with length, and neither a longer window nor a position fix restores it; what is good there is lost on the way to the target."
        );
        let name = |all: &[String]| all.join(", ");
        let parts = [(&self.reached, "good enough"), (&self.short_of, "too low")];
        let parts = parts.into_iter().filter(|(all, _)| !all.is_empty());
        let parts: Vec<String> = parts
            .map(|(all, what)| format!("{what} on {}", name(all)))
            .collect();
        if !parts.is_empty() {
            let _infallible = write!(
                told,
                " Already known from RULER{target}: {}.",
                parts.join("; ")
            );
        }
        Some(told)
    }
}

/// `RULER at 4K: 1,300 prompts of 4K tokens; 8.9e16 operations for prefill, 1.1e15 for decoding:
/// H100 5 min`.
fn told(run: &NextRun, price: Option<&CostItem>) -> String {
    let lengths: Vec<String> = run.plan.lengths.iter().map(|at| short(*at)).collect();
    let mut told = format!(
        "{}: {} prompts of {} tokens",
        run.what,
        count(run.plan.prompts()),
        lengths.join(" and ")
    );
    if let Some(cost) = &run.cost {
        let hours = hardware()
            .iter()
            .map(|one| format!("{} {}", one.name, hours(cost.hours(one))));
        let hours: Vec<String> = hours.collect();
        let _infallible = write!(
            told,
            "; {:.2e} operations for prefill, {:.2e} for decoding: {}",
            cost.prefill_flops,
            cost.decode_flops,
            hours.join(", ")
        );
    }
    if let Some((item, money)) = price.and_then(|item| Some((item, item.money?))) {
        let money = span(money, |one| format!("{one:.2}"));
        let _infallible = write!(told, "; {money} at your price on {}", item.hardware);
    }
    told.push('.');
    told
}
