//! The rules that fired, with their figures.

use serde::{Deserialize, Serialize};

use super::condition::{ConditionContext, MeasuredValue, gain};
use super::evidence::LongBenchMode;
use super::feasible_steps::can;
use super::rules::{Rule, RuleOrigin, RuleTable, tables};
use super::step::AdaptationStep;

/// A rule that fired and speaks for the verdict.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictReason {
    /// `table.id`.
    pub rule: String,
    /// Whose rule it is.
    pub origin: RuleOrigin,
    /// The section it comes from.
    pub section: String,
    /// The situation in words.
    pub says: String,
    /// The figures that made it fire.
    pub figures: Vec<String>,
    /// The figures of the evidence behind them, with n, interval and source.
    #[serde(default)]
    pub measured: Vec<MeasuredValue>,
    /// Whether it decided, or only favours the verdict.
    pub decides: bool,
    /// The share of draws in which it holds.
    #[serde(default)]
    pub share: f64,
}

/// A rule that fired and speaks for something else, or warns.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contradiction {
    /// The rule.
    #[serde(flatten)]
    pub reason: VerdictReason,
    /// What it decides for; empty if it only speaks against something.
    pub instead: Vec<AdaptationStep>,
    /// Whether it speaks against the verdict.
    #[serde(default)]
    pub against: bool,
}

impl Contradiction {
    /// What it calls for instead.
    pub fn would(&self) -> String {
        let instead: Vec<&str> = self.instead.iter().map(|step| step.name()).collect();
        match instead.is_empty() {
            true => String::new(),
            false => format!(" It calls for: {}.", instead.join(", or ")),
        }
    }
}

/// The most reasons that are given: readers do not read more.
pub(super) const MOST: usize = 5;

/// The rules that fired, by what they say about the verdict.
#[derive(Default)]
pub(super) struct ReasonGroups {
    pub reasons: Vec<VerdictReason>,
    pub contradictions: Vec<Contradiction>,
    pub warnings: Vec<Contradiction>,
}

/// Below this share of the draws, a rule is not stated as a fact. Chosen.
pub(super) const SURE: f64 = 0.8;
/// Whether a share reaches a limit, both as they are shown: in whole draws of 100.
pub(super) fn reaches(share: f64, limit: f64) -> bool {
    libm::round(share * 100.0) >= libm::round(limit * 100.0)
}

/// Below this share, it is not given as a reason. Chosen.
const HALF: f64 = 0.5;
/// Fewer samples than this are too few to be sure. Chosen.
const FEW: u32 = 10;

/// Sorts the rules that fired: warnings, and at most five reasons, each with figures that were not
/// shown before it. Without a verdict the reasons are what the evidence suggests so far. `holds` are
/// the shares of the draws in which rules fire, by their index among all rules.
pub(super) fn told(
    fired: &[(&'static RuleTable, &'static Rule)],
    step: Option<AdaptationStep>,
    at: &ConditionContext<'_>,
    holds: &[f64],
) -> ReasonGroups {
    let reason = |table: &RuleTable, rule: &Rule, decides: bool| {
        let all = tables().iter();
        let mut all = all.flat_map(|one| one.rules.iter().map(move |rule| (&one.name, &rule.id)));
        let place = all.position(|one| one == (&table.name, &rule.id));
        let share = place.and_then(|place| holds.get(place)).copied();
        reason(table, rule, decides, at, share.unwrap_or(1.0))
    };
    let mut told = ReasonGroups::default();
    // Without a verdict, rules that only speak against something come last.
    let mut last = Vec::new();
    for (table, rule) in fired {
        let against = step.is_some_and(|step| rule.contradicts(step));
        let asks: Vec<AdaptationStep> = rule.then.iter().chain(&rule.favours).copied().collect();
        let possible: Vec<AdaptationStep> =
            asks.iter().copied().filter(|one| can(*one, at)).collect();
        // A rule that calls for nothing that can be done is no objection, unless it speaks against the
        // verdict itself; nor is one a finding that only favours such a step.
        let idle = !asks.is_empty() && possible.is_empty();
        let objects = step.is_some_and(|step| rule.against.contains(&step));
        if idle && !rule.warns && !objects && (step.is_some() || rule.then.is_empty()) {
            continue;
        }
        let other = |decides| Contradiction {
            reason: reason(table, rule, decides),
            instead: possible.clone(),
            against,
        };
        // A rule that decides is a reason, and not a warning as well.
        let decides = step.is_some_and(|step| rule.then.contains(&step));
        if rule.warns && !decides {
            told.warnings.push(other(false));
            continue;
        }
        let Some(step) = step else {
            match asks.is_empty() {
                true => last.push(reason(table, rule, false)),
                false => told.reasons.push(reason(table, rule, false)),
            }
            continue;
        };
        if against || (!rule.supports(step) && !rule.favours.is_empty()) {
            told.contradictions.push(other(false));
        } else if rule.supports(step) {
            told.reasons.push(reason(table, rule, decides));
        }
    }
    told.reasons.append(&mut last);
    let mut seen = ShownFigures::default();
    // A warning is shown even if its figures were shown before.
    for one in &mut told.warnings {
        seen.new_of(&mut one.reason);
    }
    // A rule that holds in fewer than half of the draws is no reason, unless no rule that decides holds
    // in more: then the most frequent of these is given.
    let likely = |one: &VerdictReason| one.share >= HALF;
    let decides = told.reasons.iter().any(|one| one.decides && likely(one));
    let most = told.reasons.iter().filter(|one| one.decides && !decides);
    let most = most.max_by(|a, b| a.share.total_cmp(&b.share));
    let most = most.map(|one| one.rule.clone());
    told.reasons
        .retain(|one| likely(one) || most.as_ref() == Some(&one.rule));
    told.reasons.sort_by_key(|one| !one.decides);
    let mut first = true;
    told.reasons.retain_mut(|one| {
        let new = seen.new_of(one);
        (std::mem::take(&mut first) && one.decides) || new
    });
    told.reasons.truncate(MOST);
    // Contradictions without a figure of their own are left out.
    told.contradictions
        .retain_mut(|one| seen.new_of(&mut one.reason));
    told.contradictions.truncate(MOST);
    told
}

/// The figures that were shown.
#[derive(Default)]
struct ShownFigures {
    figures: Vec<String>,
    measured: Vec<String>,
}

impl ShownFigures {
    /// Removes from a reason the figures already shown; returns whether any are left.
    fn new_of(&mut self, one: &mut VerdictReason) -> bool {
        one.figures.retain(|figure| !self.figures.contains(figure));
        let told = &self.measured;
        one.measured.retain(|figure| !told.contains(&figure.what));
        self.figures.extend(one.figures.iter().cloned());
        let measured = one.measured.iter().map(|figure| figure.what.clone());
        self.measured.extend(measured);
        !one.figures.is_empty()
    }
}

fn reason(
    table: &RuleTable,
    rule: &Rule,
    decides: bool,
    at: &ConditionContext<'_>,
    share: f64,
) -> VerdictReason {
    let mut figures: Vec<String> = Vec::new();
    let mut measured: Vec<MeasuredValue> = Vec::new();
    for condition in &rule.when {
        for one in condition.figures().told(at) {
            if !figures.contains(&one) {
                figures.push(one);
            }
        }
        for one in condition.figures().measured(at) {
            if !measured.contains(&one) {
                measured.push(one);
            }
        }
    }
    VerdictReason {
        rule: format!("{}.{}", table.name, rule.id),
        origin: table.origin,
        section: table.section.clone(),
        says: format!(
            "{}{}",
            rule.says
                .replace(AS_MANY, passages(at))
                .replace("at the target", &at.facts.where_measured()),
            doubt(share, &measured)
        ),
        figures,
        measured,
        decides,
        share,
    }
}

/// The place in a rule's sentence for how answers with retrieved passages compare.
const AS_MANY: &str = "{as_many}";

/// Compares answers with retrieved passages to answers on the whole text.
fn passages(at: &ConditionContext<'_>) -> &'static str {
    match gain(at, LongBenchMode::Rag, LongBenchMode::Direct) {
        Some(gain) if gain.low > 0.0 => "more questions are answered correctly than",
        Some(_) => "about as many questions are answered correctly as",
        None => "at least as many questions are answered correctly as",
    }
}

impl VerdictReason {
    /// Its figures that are not in the list of measured figures: differences, and what follows from
    /// several figures.
    pub fn beside(&self) -> impl Iterator<Item = &str> {
        let figures = self.figures.iter().map(String::as_str);
        figures.filter(|figure| !self.restates(figure))
    }

    /// Whether every value in a figure's words is in the list.
    fn restates(&self, figure: &str) -> bool {
        let parts = figure.split(|one: char| !(one.is_ascii_digit() || one == '.' || one == ','));
        let parts = parts.map(|part| part.trim_matches(['.', ',']));
        let mut values = parts.filter(|part| part.contains('.')).peekable();
        let listed = |value: &str| {
            let stands = |one: &MeasuredValue| {
                format!("{:.1}", one.value) == value || one.limit.contains(value)
            };
            self.measured.iter().any(stands)
        };
        values.peek().is_some() && values.all(listed)
    }
}

/// What is added if there are too few samples, or too few draws, for a fact.
fn doubt(share: f64, measured: &[MeasuredValue]) -> String {
    let fewest = measured.iter().filter_map(|one| one.n).min();
    if let Some(fewest) = fewest.filter(|n| *n < FEW) {
        let samples = if fewest == 1 {
            "sample is"
        } else {
            "samples are"
        };
        return format!(" But {fewest} {samples} too few to be sure.");
    }
    match !reaches(share, SURE) {
        true => format!(
            " Not certain: this holds in {:.0} of 100 draws.",
            share * 100.0
        ),
        false => String::new(),
    }
}
