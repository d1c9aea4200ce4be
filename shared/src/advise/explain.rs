//! An advice for readers: text, Markdown, JSON.

use std::fmt::Write as _;

use super::advice::{Action, Advice};
use super::costs::hardware;
use super::reasons::{Contradiction, Reason};
use super::rules::{Origin, Step};
use crate::numbers::count;

impl Action {
    /// What to do, as the end of "the advice is to".
    pub fn sentence(self) -> String {
        match self {
            Self::NotEnough => "measure more: the evidence allows no verdict".to_owned(),
            Self::Keep => "keep the model as it is".to_owned(),
            Self::ReasonLonger => "let it reason longer at inference".to_owned(),
            Self::Extend { method, factor } => {
                format!(
                    "extend the window by {} with a factor of {factor:.1}",
                    method.name()
                )
            }
            Self::ContinuePretraining {
                reason_longer: false,
            } => "continue pretraining on long documents".to_owned(),
            Self::ContinuePretraining {
                reason_longer: true,
            } => "continue pretraining on long documents and let it reason longer".to_owned(),
            Self::Retrain => "retrain, or take another base model".to_owned(),
        }
    }
}

impl Advice {
    /// The verdict in one sentence, with how sure it is.
    pub fn verdict(&self) -> String {
        let name = if self.name.is_empty() {
            "this model"
        } else {
            &self.name
        };
        let action = self.action.sentence();
        match self.action {
            Action::NotEnough => format!("For {name} the advice is to {action}."),
            _ => format!(
                "For {name} the advice is to {action} (certainty {:.0}% with what is missing, {:.0}% on what was measured alone; {} draws).",
                self.certainty.share * 100.0,
                self.certainty.measured * 100.0,
                self.certainty.draws
            ),
        }
    }

    /// As JSON, indented.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// As Markdown: verdict, why, what would change it, plan, costs, sources.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _infallible = self.write(&mut out);
        out
    }

    /// As plain text: the same without Markdown's marks.
    pub fn text(&self) -> String {
        let lines = self.markdown();
        let plain = lines.lines().map(|line| {
            let line = line.trim_start_matches('#');
            let line = line.replacen("- [ ]", "-", 1).replace("**", "");
            // What is said of a line of a list stays below it.
            match line.trim_start().starts_with('-') {
                true => line.replace('`', ""),
                false => line.trim().replace('`', ""),
            }
        });
        let mut text = plain.collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# Advice\n\n**{}**\n", self.verdict())?;
        if let Some(length) = self.holds_to.filter(|_| self.path.is_some()) {
            writeln!(
                out,
                "RULER shows it to read well up to {length:#} tokens; texts cut to that, or passages found first, need none of what follows.\n"
            )?;
        }
        if !self.warnings.is_empty() {
            writeln!(out, "## Warnings\n")?;
            for one in &self.warnings {
                let against = if one.against {
                    " It speaks against this verdict."
                } else {
                    ""
                };
                write_reason(out, &one.reason, against)?;
            }
            writeln!(out)?;
        }
        writeln!(out, "## Why\n")?;
        if self.reasons.is_empty() {
            writeln!(
                out,
                "No rule that decides fired: what they ask for was not measured."
            )?;
        }
        for reason in &self.reasons {
            write_reason(out, reason, "")?;
        }
        if !self.contradictions.is_empty() {
            writeln!(out, "\n## What speaks against it\n")?;
        }
        for one in &self.contradictions {
            write_reason(out, &one.reason, &one.would())?;
        }
        self.write_changes(out)?;
        writeln!(out, "\n## Plan\n")?;
        for line in &self.plan {
            writeln!(out, "- [ ] {line}")?;
        }
        self.write_costs(out)?;
        if !self.bill.is_empty() {
            writeln!(out, "\n## Computing\n")?;
        }
        for item in &self.bill {
            let money = item
                .money
                .map_or_else(String::new, |money| format!(", {money:.2} at your price"));
            writeln!(
                out,
                "- {}: {:.2e} operations, {} of one {}{money}.",
                item.what,
                item.flops,
                hours(item.hours),
                item.hardware
            )?;
        }
        if !self.sources.is_empty() {
            writeln!(out, "\n## Sources\n")?;
        }
        for source in &self.sources {
            writeln!(out, "- {source}")?;
        }
        Ok(())
    }

    fn write_changes(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n## What would change it\n")?;
        if let Some(flip) = &self.flip {
            writeln!(
                out,
                "- Nearest: {} from {:.1} to {:.1} makes it \"{}\".",
                flip.what,
                flip.from,
                flip.to,
                named(flip.verdict)
            )?;
        }
        if self.flip.is_none() {
            writeln!(out, "- No change of one figure alone.")?;
        }
        for missing in &self.missing {
            let outcomes: Vec<String> = missing
                .outcomes
                .iter()
                .map(|one| {
                    let possible: Vec<&str> = one.possible.iter().map(|step| step.name()).collect();
                    format!(
                        "{}: {} (possible: {})",
                        one.given,
                        named(one.verdict),
                        possible.join(", ")
                    )
                })
                .collect();
            writeln!(
                out,
                "- Not known: {}. {}.",
                missing.what,
                outcomes.join("; ")
            )?;
        }
        writeln!(out, "\nNext: {}; {}.", self.next.what, self.next.why)?;
        if let Some(plan) = &self.next.plan {
            let prompts =
                u64::from(plan.tasks) * u64::from(plan.samples) * plan.lengths.len() as u64;
            let lengths: Vec<String> = plan.lengths.iter().map(|at| format!("{at:#}")).collect();
            writeln!(
                out,
                "It takes {} prompts of {} tokens.",
                count(prompts),
                lengths.join(" and ")
            )?;
        }
        if let Some(cost) = &self.next.cost {
            let hours = hardware()
                .iter()
                .map(|one| format!("{} {}", one.name, hours(cost.hours(one))));
            let hours: Vec<String> = hours.collect();
            writeln!(
                out,
                "{:.2e} operations of reading, {:.2e} of answering: {}.",
                cost.prefill_flops,
                cost.decode_flops,
                hours.join(", ")
            )?;
        }
        Ok(())
    }

    fn write_costs(&self, out: &mut String) -> std::fmt::Result {
        let (Some(path), Some(cost)) = (&self.path, &self.cost) else {
            return Ok(());
        };
        writeln!(out, "\n## Cost\n")?;
        writeln!(
            out,
            "- GPU-hours: {} (about {:.0}; the article's internal estimate, for orders of magnitude).",
            path.gpu_hours, cost.gpu_hours
        )?;
        writeln!(
            out,
            "- Tokens: {:.1e}, as {}.",
            cost.tokens, cost.tokens_source
        )?;
        if let (Some(flops), Some(hours)) = (cost.training_flops, cost.h100_hours) {
            writeln!(
                out,
                "- Training: 6 N D = {flops:.2e} operations, {hours:.0} hours of one H100 at the assumed utilisation."
            )?;
        }
        if cost.within_budget == Some(false) {
            writeln!(out, "- The budget does not hold it.")?;
        }
        writeln!(
            out,
            "- Data: {}. Effort: {}. Danger for short texts: {}.",
            path.scarcity, path.effort, path.short_context_risk
        )?;
        writeln!(out, "- Risk: {}.", path.risk)
    }
}

impl Contradiction {
    fn would(&self) -> String {
        let instead: Vec<&str> = self.instead.iter().map(|step| step.name()).collect();
        match instead.is_empty() {
            true => String::new(),
            false => format!(" It would: {}.", instead.join(", or ")),
        }
    }
}

fn hours(hours: f64) -> String {
    match hours {
        hours if hours < 1.0 => format!("{:.0} min", (hours * 60.0).ceil()),
        hours if hours < 100.0 => format!("{hours:.1} h"),
        hours => format!("{hours:.0} h"),
    }
}

fn named(step: Option<Step>) -> &'static str {
    step.map_or("not enough evidence", Step::name)
}

fn write_reason(out: &mut String, reason: &Reason, more: &str) -> std::fmt::Result {
    let from = match reason.origin {
        Origin::Article => format!("article, \"{}\"", reason.section),
        Origin::Field => reason.section.clone(),
    };
    let figures = match reason.figures.is_empty() {
        true => String::new(),
        false => format!(" {}.", reason.figures.join("; ")),
    };
    writeln!(
        out,
        "- {}{figures}{more} (`{}`; {from})",
        reason.says, reason.rule
    )?;
    for one in &reason.measured {
        writeln!(out, "  - {one}")?;
    }
    Ok(())
}
