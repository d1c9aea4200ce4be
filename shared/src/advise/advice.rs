//! From evidence to a verdict and its reasons.

use serde::{Deserialize, Serialize};

use super::bill::{self, Item};
use super::completions::{self, Missing};
use super::condition::Context;
use super::costs::{self, AdaptationCost};
use super::evidence::{Evidence, Tolerance, Workload};
use super::next::{self, Next};
use super::reasons::{Contradiction, Reason, told};
use super::rules::{PathRow, Rule, Step, Table, burdens, paths, tables};
use super::sensitivity::{self, Flip};
use super::{Thresholds, draws};
use crate::tokens::Tokens;

/// The verdict.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Action {
    /// The evidence allows none.
    NotEnough,
    /// Keep the model as it is.
    Keep,
    /// Let it think before it answers.
    ReasonLonger,
    /// Rescale its positions.
    Extend {
        /// How.
        method: Extension,
        /// Target over window.
        factor: f64,
    },
    /// Continue its pretraining on long documents.
    ContinuePretraining {
        /// And let it think before it answers.
        reason_longer: bool,
    },
    /// Train anew, or take another base model.
    Retrain,
}

/// How positions are rescaled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Extension {
    /// Position interpolation: all frequencies by one factor.
    PositionInterpolation,
    /// YaRN: by frequency, with a warmer attention.
    Yarn,
    /// LongRoPE: factors searched for, in steps.
    LongRope,
}

/// How sure a verdict is.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certainty {
    /// The share of draws with the same verdict, with every missing figure drawn as bad or as
    /// good as it can be; never above `measured`. 0 where there is no verdict.
    pub share: f64,
    /// The share of draws with the same verdict where what is missing stays unknown.
    pub measured: f64,
    /// Draws of each kind.
    pub draws: u32,
}

/// What to do, why, and what would change it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Advice {
    /// The model.
    pub name: String,
    /// The verdict.
    pub action: Action,
    /// How sure.
    pub certainty: Certainty,
    /// The rules that fired for it, the deciding ones first.
    pub reasons: Vec<Reason>,
    /// The rules that fired for something else.
    pub contradictions: Vec<Contradiction>,
    /// The rules that say, whatever the verdict is, that the evidence is not what it seems.
    #[serde(default)]
    pub warnings: Vec<Contradiction>,
    /// What is not known, with what it would change, cheapest to find out first.
    pub missing: Vec<Missing>,
    /// The next cheapest experiment.
    pub next: Next,
    /// The nearest change of one figure that changes the verdict.
    pub flip: Option<Flip>,
    /// The longest length that RULER shows to be read well.
    pub holds_to: Option<Tokens>,
    /// The path's row of the article; nothing where no weights change.
    pub path: Option<PathRow>,
    /// The path's cost.
    pub cost: Option<AdaptationCost>,
    /// What the next steps cost on the chosen hardware; empty where the model's size is not known.
    #[serde(default)]
    pub bill: Vec<Item>,
    /// What has to be done and validated, in order.
    pub plan: Vec<String>,
    /// Where the figures come from.
    pub sources: Vec<String>,
}

/// What the rules say, without reasons in words.
pub(super) struct Judgement {
    pub step: Option<Step>,
    pub fired: Vec<(&'static Table, &'static Rule)>,
}

/// The step of the rule with the lowest rank that fires; where several share the rank, the
/// cheapest of their preferred steps, as the article's order has it.
pub(super) fn judge(at: &Context<'_>) -> Judgement {
    let rules = tables()
        .iter()
        .flat_map(|table| table.rules.iter().map(move |rule| (table, rule)));
    let fired: Vec<_> = rules.filter(|(_, rule)| rule.fires(at)).collect();
    let deciding = fired
        .iter()
        .filter_map(|(_, rule)| Some((rule.rank, *rule.then.first()?)));
    let step = deciding.min().map(|(_, step)| step);
    Judgement { step, fired }
}

/// The verdict alone.
pub(super) fn verdict(evidence: &Evidence, thresholds: &Thresholds) -> Option<Step> {
    judge(&Context::new(evidence, thresholds)).step
}

/// Advises. Deterministic, and defined for any evidence; [`Evidence::check`] tells whether its
/// figures can be.
///
/// # Example
/// ```
/// use fathom_shared::advise::{Action, Evidence, Thresholds, advise};
/// let advice = advise(&Evidence::default(), &Thresholds::default());
/// assert_eq!(advice.action, Action::NotEnough);
/// assert!(!advice.missing.is_empty());
/// ```
pub fn advise(evidence: &Evidence, thresholds: &Thresholds) -> Advice {
    let at = Context::new(evidence, thresholds);
    let Judgement { step, mut fired } = judge(&at);
    fired.sort_by_key(|(_, rule)| (rule.then.is_empty(), rule.rank));
    let told = told(&fired, step, &at);
    let action = action(step, &at);
    let missing = completions::missing(evidence, thresholds, step);
    let next = next::next(evidence, step, &missing);
    let cost = step.and_then(|step| costs::adaptation(step, evidence, thresholds));
    Advice {
        name: evidence.name.clone(),
        action,
        certainty: draws::certainty(evidence, thresholds, step),
        reasons: told.reasons,
        contradictions: told.contradictions,
        warnings: told.warnings,
        bill: bill::bill(evidence, &next, cost.as_ref()),
        next,
        missing,
        flip: sensitivity::nearest_flip(evidence, thresholds, step),
        holds_to: at.facts.holds_to(thresholds.acceptable),
        path: path(step),
        cost,
        plan: plan(step, action, evidence),
        sources: evidence.told_by(),
    }
}

fn path(step: Option<Step>) -> Option<PathRow> {
    let path = step?.path()?;
    paths().iter().find(|row| row.step == path).cloned()
}

fn action(step: Option<Step>, at: &Context<'_>) -> Action {
    let Some(step) = step else {
        return Action::NotEnough;
    };
    match step {
        Step::Keep => Action::Keep,
        Step::ReasonLonger => Action::ReasonLonger,
        Step::Extend => extend(at),
        Step::ContinuePretraining => Action::ContinuePretraining {
            reason_longer: false,
        },
        Step::ContinueAndReason => Action::ContinuePretraining {
            reason_longer: true,
        },
        Step::Retrain => Action::Retrain,
    }
}

/// By the ratio of target and window: the simplest method whose reach was shown.
fn extend(at: &Context<'_>) -> Action {
    let target = at.facts.target.map_or(1.0, |target| f64::from(target.0));
    let window = at.facts.window.map_or(target, |window| f64::from(window.0));
    let factor = (target / window.max(1.0)).max(1.0);
    let method = match factor {
        factor if factor <= at.thresholds.pi_factor * 1.1 => Extension::PositionInterpolation,
        factor if factor <= at.thresholds.yarn_factor * 1.1 => Extension::Yarn,
        _ => Extension::LongRope,
    };
    Action::Extend { method, factor }
}

impl Extension {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PositionInterpolation => "position interpolation",
            Self::Yarn => "YaRN",
            Self::LongRope => "LongRoPE",
        }
    }
}

fn plan(step: Option<Step>, action: Action, evidence: &Evidence) -> Vec<String> {
    let Some(step) = step else {
        return vec!["Measure what is missing first, in the order given.".to_owned()];
    };
    let mut plan = Vec::new();
    if step.path().is_some() {
        plan.push("Keep RULER's figures at the target lengths, LongBench v2 and short-text scores of today as the baseline.".to_owned());
    }
    match action {
        Action::NotEnough => {}
        Action::Keep => plan.push("Use it as it is; measure again with every new version.".to_owned()),
        Action::ReasonLonger => plan.extend(["Let it think first, on the questions of the own task mix; compare with direct answers sample by sample.".to_owned(), "Validate: LongBench v2 and own hold-outs, as it is then used.".to_owned()]),
        Action::Extend { method, factor } => {
            plan.push(format!("Extend by {} with a factor of {factor:.1} and a short fine-tune.", method.name()));
            plan.push("Do not go without the fine-tune: scaling alone finds easy needles, loses harder ones, and static scaling costs quality on short texts (field).".to_owned());
        }
        Action::ContinuePretraining { reason_longer } => {
            plan.push("Gather long documents (books, code, the domain's own), mixed with high-quality short data; train beyond the target length; evaluate after instruction tuning (field: ProLong).".to_owned());
            if reason_longer {
                plan.push("Let it think first meanwhile, and after it.".to_owned());
            }
        }
        Action::Retrain => plan.push("Weigh another base model first; else train anew with other positions or attention.".to_owned()),
    }
    let strict = evidence.workload == Some(Workload::SafetyCritical)
        || evidence
            .tolerance
            .is_some_and(|one| one != Tolerance::SomeMisses);
    let mut add = |what: &String| {
        let line = format!("Validate: {what}.");
        if !plan.contains(&line) {
            plan.push(line);
        }
    };
    for burden in burdens() {
        let of_path = burden.step.is_some() && burden.step == step.path();
        let of_domain = burden.id == "domain" && evidence.workload == Some(Workload::DomainShifted);
        let sign_off = burden.id == "sign_off" && strict;
        if of_path || of_domain || sign_off {
            burden.validate.iter().for_each(&mut add);
        }
    }
    if step == Step::Extend && evidence.workload != Some(Workload::DocumentLookup) {
        add(&"RULER's multi-hop tracing and aggregation, not needles alone".to_owned());
    }
    if step.path().is_some() {
        plan.push(
            "Follow all of them at every checkpoint; a loss is told by a test, not by eye."
                .to_owned(),
        );
    }
    plan
}
