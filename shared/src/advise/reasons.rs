//! The rules that fired, with their figures.

use serde::{Deserialize, Serialize};

use super::condition::{ConditionContext, MeasuredValue, gain};
use super::evidence::LongBenchMode;
use super::feasible::can;
use super::rules::{AdaptationStep, Rule, RuleOrigin, RuleTable};

/// A rule that fired and speaks for the verdict.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerdictReason {
    /// `table.id`.
    pub rule: String,
    /// Whose rule.
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
    /// Whether it decided, or only leans this way.
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
    /// What it decides for; empty where it only speaks against something.
    pub instead: Vec<AdaptationStep>,
    /// Whether it speaks against the verdict.
    #[serde(default)]
    pub against: bool,
}

/// Most reasons that are told: more are not read.
pub(super) const MOST: usize = 5;

/// What fired, by what it says of the verdict.
#[derive(Default)]
pub(super) struct ReasonGroups {
    pub reasons: Vec<VerdictReason>,
    pub contradictions: Vec<Contradiction>,
    pub warnings: Vec<Contradiction>,
}

/// Below this share of the draws a rule is not told as a fact. Chosen.
pub(super) const SURE: f64 = 0.8;
/// Below this share it is not told as a reason. Chosen.
const HALF: f64 = 0.5;
/// Fewer samples than these show nothing. Chosen.
const FEW: u32 = 10;

/// Sorts what fired: at most five reasons, each with figures that nothing before it had, warnings
/// first. Without a verdict the reasons are what the evidence leans to. `holds` are the shares of
/// the draws in which rules fire, by their place among all of them.
pub(super) fn told(
    fired: &[(&'static RuleTable, &'static Rule)],
    step: Option<AdaptationStep>,
    at: &ConditionContext<'_>,
    holds: &[f64],
) -> ReasonGroups {
    let reason = |table: &RuleTable, rule: &Rule, decides: bool| {
        let all = super::rules::tables().iter();
        let mut all = all.flat_map(|one| one.rules.iter().map(move |rule| (&one.name, &rule.id)));
        let place = all.position(|one| one == (&table.name, &rule.id));
        let share = place.and_then(|place| holds.get(place)).copied();
        reason(table, rule, decides, at, share.unwrap_or(1.0))
    };
    let mut told = ReasonGroups::default();
    for (table, rule) in fired {
        let against = step.is_some_and(|step| rule.contradicts(step));
        let asks: Vec<AdaptationStep> = rule.then.iter().chain(&rule.favours).copied().collect();
        let possible: Vec<AdaptationStep> =
            asks.iter().copied().filter(|one| can(*one, at)).collect();
        // What asks for nothing that can be done is no objection, unless it speaks against the
        // verdict itself; nor is what only leans to such a thing a finding.
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
        // What decides is a reason; said once, and not as a warning too.
        let decides = step.is_some_and(|step| rule.then.contains(&step));
        if rule.warns && !decides {
            told.warnings.push(other(false));
            continue;
        }
        let Some(step) = step else {
            told.reasons.push(reason(table, rule, false));
            continue;
        };
        if against || (!rule.supports(step) && !rule.favours.is_empty()) {
            told.contradictions.push(other(false));
        } else if rule.supports(step) {
            told.reasons.push(reason(table, rule, decides));
        }
    }
    let mut seen = ShownFigures::default();
    // A warning is told whether its figures were told or not.
    for one in &mut told.warnings {
        seen.new_of(&mut one.reason);
    }
    // What holds in fewer than half of the draws is no reason, unless nothing else decides.
    let likely = |one: &VerdictReason| one.share >= HALF;
    let decides = told.reasons.iter().any(|one| one.decides && likely(one));
    told.reasons
        .retain(|one| likely(one) || (one.decides && !decides));
    told.reasons.sort_by_key(|one| !one.decides);
    let mut first = true;
    told.reasons.retain_mut(|one| {
        let new = seen.new_of(one);
        (std::mem::take(&mut first) && one.decides) || new
    });
    told.reasons.truncate(MOST);
    // What leans without a figure is told only where nothing else is.
    told.contradictions
        .retain_mut(|one| seen.new_of(&mut one.reason));
    told.contradictions.truncate(MOST);
    told
}

/// The figures that were told.
#[derive(Default)]
struct ShownFigures {
    figures: Vec<String>,
    measured: Vec<String>,
}

impl ShownFigures {
    /// Takes from a reason what was told before it; whether something is left.
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
    VerdictReason {
        rule: format!("{}.{}", table.name, rule.id),
        origin: table.origin,
        section: table.section.clone(),
        says: format!(
            "{}{}",
            rule.says.replace(AS_MANY, passages(at)),
            doubt(share, &measured)
        ),
        figures,
        measured,
        decides,
        share,
    }
}

/// Stands in a rule's sentence for how answers with retrieved passages compare.
const AS_MANY: &str = "{as_many}";

/// How many questions are answered with retrieved passages, against those with the whole text.
fn passages(at: &ConditionContext<'_>) -> &'static str {
    match gain(at, LongBenchMode::Rag, LongBenchMode::Direct) {
        Some(gain) if gain.low > 0.0 => "more questions are answered than",
        Some(_) => "about as many questions are answered as",
        None => "at least as many questions are answered as",
    }
}

impl VerdictReason {
    /// Its figures that the list of what was measured does not hold already: differences and what
    /// follows from several figures.
    pub fn beside(&self) -> impl Iterator<Item = &str> {
        let figures = self.figures.iter().map(String::as_str);
        figures.filter(|figure| !self.restates(figure))
    }

    /// Whether every value in a figure's words stands in the list.
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

/// What is said where samples are too few for a fact.
fn doubt(share: f64, measured: &[MeasuredValue]) -> String {
    let fewest = measured.iter().filter_map(|one| one.n).min();
    if let Some(fewest) = fewest.filter(|n| *n < FEW) {
        let samples = if fewest == 1 {
            "sample says"
        } else {
            "samples say"
        };
        return format!(" But {fewest} {samples} nothing sure.");
    }
    match share < SURE {
        true => format!(" Not sure: it holds in {:.0} of 100 draws.", share * 100.0),
        false => String::new(),
    }
}
