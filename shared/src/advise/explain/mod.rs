//! An advice for readers: text, Markdown, JSON.

mod costs; // renders what the training costs
mod runs; // renders what the next step runs

use std::fmt::Write as _;

use super::advice::Advice;
use super::derived_facts::near;
use super::missing::{MissingEvidence, MissingKind};
use super::reasons::VerdictReason;
use super::rules::RuleOrigin;
use super::sentences::{capital, explain_hold_outs, hundreds, named, short};
use super::step::AdaptationStep;
use super::training::AdaptationCost;
use super::verdict::Verdict;
use crate::tokens::Tokens;

impl Advice {
    /// The verdict in one sentence that can be repeated.
    pub fn verdict(&self) -> String {
        self.sentence.clone()
    }

    /// How certain it is, in one or two plain sentences.
    pub fn sureness(&self) -> String {
        let certainty = &self.certainty;
        if let Some(told) = self.held_back() {
            return format!("{told}{}", self.assumed_samples());
        }
        if self.action == Verdict::Undecided {
            let shares = certainty.shares.iter().filter(|one| one.share >= 0.05);
            let shares: Vec<String> = shares
                .map(|one| {
                    let told = one.verdict.map_or("no verdict", AdaptationStep::name);
                    format!("{told} {}", hundreds(one.share))
                })
                .collect();
            let told = match certainty.shares.first() {
                Some(one) if one.verdict.is_none() && one.share > 0.95 => self.no_rule(),
                _ => format!(
                    "Allowing for sampling error (each draw varies every figure by its sampling error), what was measured leads to: {}.{}",
                    shares.join("; "),
                    match self.next.is_untried_remedy() {
                        true =>
                            " That split is no finding: whether the remedy named as the next step helps was not measured, so each of its outcomes is counted equally often.",
                        false => "",
                    }
                ),
            };
            return format!("{told}{}", self.assumed_samples());
        }
        let mut told = format!(
            "Allowing for sampling error, what was measured leads to this verdict {} (each draw varies every figure by its sampling error).",
            hundreds(certainty.measured)
        );
        let others = certainty.shares.iter().skip(1);
        let others: Vec<String> = others
            .filter(|one| one.share >= 0.05)
            .map(|one| format!("{} {}", named(one.verdict), hundreds(one.share)))
            .collect();
        if !others.is_empty() {
            let _infallible = write!(told, " Otherwise: {}.", others.join("; "));
        }
        let mut changes: Vec<&str> = self.could_change().collect();
        changes.dedup();
        changes.truncate(3);
        if !changes.is_empty() {
            let _infallible = write!(
                told,
                " This covers sampling error only. Still unknown, and able to change it: {}.",
                changes.join("; ")
            );
        }
        told.push_str(&self.assumed_samples());
        told
    }

    /// What a verdict that is held back rests on, which no share of draws can say.
    fn held_back(&self) -> Option<String> {
        let rests = match (self.next.is_check(), self.next.is_of_few()) {
            (true, _) => "a figure that others contradict",
            (_, true) => "too few samples",
            _ => return None,
        };
        let first = self.certainty.shares.first()?.verdict?;
        Some(format!(
            "So far the figures point to this: {}. But that rests on {rests}, so no number of draws says how sure it is.",
            first.name()
        ))
    }

    /// Names the figures whose number of samples is assumed.
    fn assumed_samples(&self) -> String {
        let Some(assumed) = &self.assumed else {
            return String::new();
        };
        let shown: Vec<&str> = assumed.figures.iter().map(String::as_str).take(3).collect();
        let more = match assumed.figures.len() - shown.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            " No n was given, so n = {} is assumed for {}{more}.",
            assumed.n,
            shown.join("; ")
        )
    }

    /// The sentence if no rule decides: which verdicts the missing evidence may lead to.
    fn no_rule(&self) -> String {
        let outcomes = self.missing.iter().flat_map(|one| &one.outcomes);
        let mut steps: Vec<AdaptationStep> = outcomes.filter_map(|one| one.verdict).collect();
        steps.sort_unstable();
        steps.dedup();
        let steps: Vec<&str> = steps.into_iter().map(AdaptationStep::name).collect();
        match steps.is_empty() {
            true => "What was measured does not decide it.".to_owned(),
            false => format!(
                "What was measured does not decide it. Depending on what is still unknown, the verdict may become: {}.",
                steps.join("; ")
            ),
        }
    }

    /// Missing evidence that leads to another verdict by itself.
    fn could_change(&self) -> impl Iterator<Item = &str> {
        let step = self.certainty.shares.first().and_then(|one| one.verdict);
        let moves = self.missing.iter().filter(move |one| {
            let mut others = one.outcomes.iter().map(|outcome| outcome.verdict);
            others.any(|other| other.is_some() && !AdaptationStep::same(other, step))
        });
        // One run answers for all of RULER's categories.
        moves.map(|one| match one.gap {
            MissingKind::Ruler(_) => "RULER by category at the target",
            _ => one.what.as_str(),
        })
    }

    /// Explains hold-outs in the part that first names them, in the order in which they are read.
    pub(super) fn explain_hold_outs(&mut self) {
        let missing = self.missing.iter_mut().map(|one| &mut one.what);
        let reasons = self.reasons.iter_mut().map(|one| &mut one.says);
        let first = [&mut self.sentence, &mut self.next.what, &mut self.next.why];
        for part in first.into_iter().chain(missing).chain(reasons) {
            let told = explain_hold_outs(part);
            if told != *part {
                *part = told;
                return;
            }
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
        explain_hold_outs(&out)
    }

    /// As plain text: the same without Markdown's marks.
    pub fn text(&self) -> String {
        let lines = self.markdown();
        let plain = lines.lines().map(|line| {
            let line = line.trim_start_matches('#');
            let line = line.replacen("- [ ]", "-", 1).replace("**", "");
            // Nested lines of a list stay indented.
            match line.trim_start().starts_with('-') {
                true => line.replace('`', ""),
                false => line.trim().replace('`', ""),
            }
        });
        let mut text = plain.collect::<Vec<_>>().join("\n");
        text.push('\n');
        text
    }

    /// Which length is read well, where the window ends, and whether the hardware can run the model at all.
    pub fn window_sentences(&self) -> Vec<String> {
        let mut told = self.clashes.clone();
        told.extend(
            self.cost
                .as_ref()
                .and_then(AdaptationCost::beside_the_budget),
        );
        if let Some(memory) = self.memory.as_ref().filter(|memory| memory.lacks()) {
            told.push(memory.says());
        }
        if let Some(end) = &self.window_end {
            told.push(end.says());
        }
        let changes = !matches!(self.action, Verdict::Keep | Verdict::Undecided);
        let shorter = |length: &Tokens| {
            let target = self.target;
            target.is_none_or(|target| *length < target && !near(*length, target))
        };
        if let Some(length) = self.holds_to.filter(shorter).filter(|_| changes) {
            told.push(format!(
                "At {} tokens the model reads well on RULER: texts that can be cut to that length need none of what follows.",
                short(length)
            ));
        }
        told.extend(self.unmeasured_sentence());
        told
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "# Advice\n\n**{}**\n\n{}\n",
            self.verdict(),
            self.sureness()
        )?;
        writeln!(out, "Next: {}. Why: {}.\n", self.next.what, self.next.why)?;
        for told in self.window_sentences() {
            writeln!(out, "{told}\n")?;
        }
        if !self.out_of_reach.is_empty() {
            writeln!(out, "## Out of reach\n")?;
            for one in &self.out_of_reach {
                writeln!(out, "- {}: {}", capital(one.step.name()), one.why.join(" "))?;
            }
            writeln!(out)?;
        }
        if !self.warnings.is_empty() {
            writeln!(out, "## Warnings\n")?;
            for one in &self.warnings {
                let against = match one.against {
                    true => " This speaks against the verdict.",
                    false => "",
                };
                write_reason(out, &one.reason, against)?;
            }
            writeln!(out)?;
        }
        let why = match self.action {
            Verdict::Undecided => "## What the evidence says so far\n",
            _ => "## Why\n",
        };
        writeln!(out, "{why}")?;
        if self.reasons.is_empty() {
            writeln!(out, "{}", self.no_reason())?;
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
        self.write_untold(out)?;
        self.write_changes(out)?;
        writeln!(out, "\n## Plan\n")?;
        for line in &self.plan {
            writeln!(out, "- [ ] {line}")?;
        }
        self.write_costs(out)?;
        self.write_options(out)?;
        if !self.sources.is_empty() {
            writeln!(out, "\n## Sources\n")?;
        }
        for source in &self.sources {
            writeln!(out, "- {source}")?;
        }
        Ok(())
    }

    /// What each option costs, in Markdown.
    fn write_options(&self, out: &mut String) -> std::fmt::Result {
        if self.options.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## What each option costs\n")?;
        for option in &self.options {
            writeln!(out, "- {}", option.says())?;
        }
        Ok(())
    }

    /// Text for when there is no reason.
    pub fn no_reason(&self) -> &'static str {
        match self.out_of_reach.is_empty() {
            true => "Nothing that was measured supports one verdict.",
            false => {
                "What the figures call for is out of reach, as listed above; the verdict is the best of what can be done."
            }
        }
    }

    /// The nearest change, in one sentence.
    pub fn nearest(&self) -> String {
        match &self.flip {
            Some(flip) => format!(
                "Nearest: if {} were {:.1} instead of {:.1}, the verdict would be: {}.",
                flip.what,
                flip.to,
                flip.from,
                named(flip.verdict)
            ),
            None => {
                "Whatever any one of the figures were, the verdict would be the same.".to_owned()
            }
        }
    }

    fn write_changes(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n## What would change it\n")?;
        if self.action != Verdict::Undecided {
            writeln!(out, "- {}", self.nearest())?;
        }
        for one in &self.unsettled {
            writeln!(out, "- Uncertain: {}", one.says())?;
        }
        let together = |one: &&MissingEvidence| one.only_together();
        for missing in self.missing.iter().filter(|one| !together(one)) {
            writeln!(out, "- Not known: {}", missing.says())?;
        }
        let together = self.missing.iter().filter(together);
        let together: Vec<&str> = together.map(|one| one.what.as_str()).collect();
        if !together.is_empty() {
            writeln!(
                out,
                "- Not known, and none of them changes the verdict by itself, but two of them together may: {}.",
                together.join("; ")
            )?;
        }
        self.write_runs(out)
    }
}

fn write_reason(out: &mut String, reason: &VerdictReason, more: &str) -> std::fmt::Result {
    let from = match reason.origin {
        RuleOrigin::Article => format!("article, \"{}\"", reason.section),
        RuleOrigin::Field => reason.section.clone(),
    };
    let figures: Vec<&str> = reason.beside().collect();
    let figures = match figures.is_empty() {
        true => String::new(),
        false => format!(" {}.", capital(&figures.join("; "))),
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
