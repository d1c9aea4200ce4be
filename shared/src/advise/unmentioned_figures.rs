//! Figures for real questions that no reason mentions, so that no figure is silently ignored.

use std::fmt::Write as _;

use super::advice::Advice;
use super::evidence::Evidence;

impl Advice {
    /// Fills in the figures of LongBench v2, of own hold-outs and of short texts that no reason, warning
    /// or objection names.
    pub(super) fn tell_untold(&mut self, evidence: &Evidence) {
        let others = self.contradictions.iter().chain(&self.warnings);
        let told = others.map(|one| &one.reason).chain(&self.reasons);
        let told: Vec<&str> = told
            .flat_map(|one| &one.measured)
            .map(|one| one.what.as_str())
            .collect();
        let lines = evidence.figures().into_iter().filter_map(|(what, one)| {
            let plain = what.split(" (").next().unwrap_or(&what);
            let of_ruler = what.starts_with("RULER") || what.starts_with("found at");
            let known = told.contains(&what.as_str()) || told.iter().any(|one| same(one, plain));
            if of_ruler || known {
                return None;
            }
            let interval = one.ends().map_or_else(
                || "no interval given".to_owned(),
                |(low, high)| format!("95% interval {low:.1} to {high:.1}"),
            );
            let assumed = match is_assumed(evidence, &what) {
                true => " assumed, all there are",
                false => "",
            };
            let n = one
                .n
                .map_or_else(|| "n not given".to_owned(), |n| format!("n = {n}{assumed}"));
            Some(format!("{what}: {:.1} ({interval}, {n})", one.value))
        });
        self.untold = lines.collect();
    }

    pub(super) fn write_untold(&self, out: &mut String) -> std::fmt::Result {
        if !self.untold.is_empty() {
            writeln!(out, "\n## Also measured\n")?;
        }
        for line in &self.untold {
            writeln!(out, "- {line}")?;
        }
        Ok(())
    }
}

/// Whether a figure of LongBench v2 was given without a number of samples.
fn is_assumed(evidence: &Evidence, what: &str) -> bool {
    let mut asked = evidence.longbench.iter();
    asked.any(|one| one.n.is_none() && one.what() == what)
}

/// Whether a reason's name of a typed-in figure belongs to this field.
fn same(told: &str, field: &str) -> bool {
    let names = [
        ("human", "people"),
        ("production", "own hold-outs"),
        ("short_context", "short texts now"),
        ("before.retrieval", "RULER's single needle before"),
        ("before.hard", "RULER's harder tasks before"),
        ("before.longbench", "LongBench v2 before"),
        ("before.short_context", "short texts before"),
    ];
    names
        .iter()
        .any(|(one, name)| *one == field && told.starts_with(name))
}
