//! The rules that fired, with their figures.

use serde::{Deserialize, Serialize};

use super::condition::{Context, Measured};
use super::rules::{Origin, Rule, Step, Table};

/// A rule that fired and speaks for the verdict.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reason {
    /// `table.id`.
    pub rule: String,
    /// Whose rule.
    pub origin: Origin,
    /// The section it comes from.
    pub section: String,
    /// The situation in words.
    pub says: String,
    /// The figures that made it fire.
    pub figures: Vec<String>,
    /// The figures of the evidence behind them, with n, interval and source.
    #[serde(default)]
    pub measured: Vec<Measured>,
    /// Whether it decided, or only leans this way.
    pub decides: bool,
}

/// A rule that fired and speaks for something else, or warns.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contradiction {
    /// The rule.
    #[serde(flatten)]
    pub reason: Reason,
    /// What it decides for; empty where it only speaks against something.
    pub instead: Vec<Step>,
    /// Whether it speaks against the verdict.
    #[serde(default)]
    pub against: bool,
}

/// Most reasons that are told: more are not read.
pub(super) const MOST: usize = 5;

/// What fired, by what it says of the verdict.
#[derive(Default)]
pub(super) struct Told {
    pub reasons: Vec<Reason>,
    pub contradictions: Vec<Contradiction>,
    pub warnings: Vec<Contradiction>,
}

/// Sorts what fired: at most five reasons, each with figures that none before it had. Without a
/// verdict the reasons are what the evidence leans to.
pub(super) fn told(
    fired: &[(&'static Table, &'static Rule)],
    step: Option<Step>,
    at: &Context<'_>,
) -> Told {
    let mut told = Told::default();
    for (table, rule) in fired {
        let against = step.is_some_and(|step| rule.contradicts(step));
        let other = |decides| Contradiction {
            reason: reason(table, rule, decides, at),
            instead: rule.then.iter().chain(&rule.favours).copied().collect(),
            against,
        };
        if rule.warns {
            told.warnings.push(other(false));
            if rule.then.is_empty() {
                continue;
            }
        }
        let Some(step) = step else {
            told.reasons.push(reason(table, rule, false, at));
            continue;
        };
        if against || (!rule.supports(step) && !rule.favours.is_empty()) {
            if !rule.warns {
                told.contradictions.push(other(false));
            }
        } else if rule.supports(step) {
            let decides = rule.then.contains(&step);
            told.reasons.push(reason(table, rule, decides, at));
        }
    }
    once(&mut told.reasons);
    let mut against: Vec<Reason> = told
        .contradictions
        .iter()
        .map(|one| one.reason.clone())
        .collect();
    once(&mut against);
    told.contradictions.retain_mut(|one| {
        let kept = against.iter().find(|kept| kept.rule == one.reason.rule);
        kept.inspect(|kept| one.reason.clone_from(kept)).is_some()
    });
    told
}

/// Keeps the first five, and of each the figures that were not told before it; a reason whose
/// figures were all told, and that does not decide, says nothing new.
fn once(reasons: &mut Vec<Reason>) {
    reasons.sort_by_key(|one| !one.decides);
    let mut figures: Vec<String> = Vec::new();
    let mut measured: Vec<String> = Vec::new();
    let mut first = true;
    reasons.retain_mut(|one| {
        let had = !one.figures.is_empty();
        one.figures.retain(|figure| !figures.contains(figure));
        one.measured
            .retain(|figure| !measured.contains(&figure.what));
        figures.extend(one.figures.iter().cloned());
        measured.extend(one.measured.iter().map(|figure| figure.what.clone()));
        let kept = first || !had || !one.figures.is_empty();
        first = false;
        kept
    });
    reasons.truncate(MOST);
}

fn reason(table: &Table, rule: &Rule, decides: bool, at: &Context<'_>) -> Reason {
    let mut figures: Vec<String> = Vec::new();
    let mut measured: Vec<Measured> = Vec::new();
    for condition in &rule.when {
        for one in condition.told(at) {
            if !figures.contains(&one) {
                figures.push(one);
            }
        }
        for one in condition.measured(at) {
            if !measured.contains(&one) {
                measured.push(one);
            }
        }
    }
    Reason {
        rule: format!("{}.{}", table.name, rule.id),
        origin: table.origin,
        section: table.section.clone(),
        says: rule.says.clone(),
        figures,
        measured,
        decides,
    }
}
