//! The next step: what to answer or measure first, or else the verdict's own step.

mod decided; // the next step when there is a verdict
mod measure; // next steps that measure what is missing
mod more_samples; // next steps that ask for more samples
mod plans; // plans and prices of next steps
mod position_fix; // next steps that try a position fix or measure more with one
mod undecided; // the next step when there is no verdict

use crate::advise::condition::{Condition, ConditionContext};
use crate::advise::costs::{EvaluationCost, EvaluationPlan};
use crate::advise::feasible_steps::{InfeasibleStep, can};
use crate::advise::held_back::HeldBack;
use crate::advise::missing::{MissingEvidence, MissingKind};
use crate::advise::published_fix_gains::published_gain;
use crate::advise::step::AdaptationStep;
use crate::advise::uncertain_figures::UnsettledFigure;
use crate::advise::untried_fixes::worth_a_fix;
use decided::decided;
pub(super) use decided::extended_for_lookup;
use measure::{measure, told};
use more_samples::{lifts, more_samples};
use position_fix::WITH_A_FIX;
use serde::{Deserialize, Serialize};
use undecided::{settles, undecided, without_verdict};

/// What to do next.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextStep {
    /// What to do, as a sentence without its full stop.
    pub what: String,
    /// Why this first.
    pub why: String,
    /// What it runs, each measurement with its own price; empty if nothing is measured.
    #[serde(default)]
    pub runs: Vec<NextRun>,
}

/// One measurement of a next step.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextRun {
    /// What is measured: `RULER at 4K`.
    pub what: String,
    /// What it runs.
    pub plan: EvaluationPlan,
    /// What that costs; `None` if the model's size is not known.
    pub cost: Option<EvaluationCost>,
}

impl NextStep {
    /// A step that needs no benchmark.
    pub(super) fn free(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            runs: Vec::new(),
        }
    }

    /// What its first measurement runs.
    pub fn plan(&self) -> Option<&EvaluationPlan> {
        self.runs.first().map(|run| &run.plan)
    }

    /// Whether it asks for more samples of what was measured.
    pub(super) fn is_more_samples(&self) -> bool {
        self.what.starts_with(MORE)
    }

    /// Whether it checks a run that others contradict.
    pub(super) fn is_check(&self) -> bool {
        self.what.starts_with(CHECK)
    }

    /// Whether it asks for more samples because the verdict rests on too few.
    pub(super) fn is_of_few(&self) -> bool {
        self.is_more_samples() && self.why.starts_with(RESTS)
    }

    /// Whether more samples would not settle it.
    pub(super) fn is_close(&self) -> bool {
        self.what.starts_with(CLOSE)
    }

    /// Whether it measures a remedy that the figures lead to and nobody measured.
    pub(super) fn is_untried_remedy(&self) -> bool {
        self.why.starts_with(UNTRIED)
    }

    /// Whether it tries a position fix.
    pub(super) fn tries_a_fix(&self) -> bool {
        self.what.starts_with(WITH_A_FIX)
    }

    /// Whether it measures something else because more samples would not settle it.
    pub(super) fn is_instead(&self) -> bool {
        self.why.starts_with(INSTEAD)
    }
}

/// The beginning of a step if more samples would not settle it.
const CLOSE: &str = "Decide by cost: ";
/// The reason to measure a remedy that the figures lead to.
const UNTRIED: &str =
    "the other figures lead to it, and whether it helps this model was never measured";
/// The beginning of the reason if something that was not measured may decide instead.
const INSTEAD: &str = "what was measured is too close to the limits for more samples to tell";
/// The beginning of a step that asks for more samples.
const MORE: &str = "Measure more samples of ";
/// The beginning of a step that checks a run.
const CHECK: &str = "Check the prompt and the scoring of ";
/// The beginning of the reason if a verdict rests on too few samples.
const RESTS: &str = "the figures point to a verdict, but it rests on ";

/// What is known when the next step is chosen.
pub(super) struct NextStepContext<'a> {
    pub at: &'a ConditionContext<'a>,
    /// The verdict.
    pub step: Option<AdaptationStep>,
    /// Whether the draws split between verdicts.
    pub split: bool,
    /// Why the verdict is held back.
    pub held: Option<&'a HeldBack>,
    /// Whether the verdict holds in too few draws to act on.
    pub unsure: bool,
    /// The remedy that the figures lead to, if nobody measured it.
    pub untried: Option<MissingKind>,
    pub missing: &'a [MissingEvidence],
    pub unsettled: &'a [UnsettledFigure],
    /// The verdicts that draws lead to, the most frequent first.
    pub verdicts: &'a [Option<AdaptationStep>],
    /// What the evidence prefers to the verdict and cannot be done.
    pub limited: &'a [InfeasibleStep],
}

/// What comes before a training.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum First {
    /// A position fix.
    Fix,
    /// Other base models.
    Candidates,
    /// A measurement that could make it unnecessary.
    Measure(MissingKind),
}

/// What comes before the training of a verdict. A position fix also comes before an extension of a
/// model that one was published to help, and before thinking first or passages where no error is
/// acceptable, as both leave what is lost in the whole text; `None` for any other verdict.
pub(super) fn first(
    step: Option<AdaptationStep>,
    at: &ConditionContext<'_>,
    missing: &[MissingEvidence],
) -> Option<First> {
    let step = step?;
    let trains = matches!(
        step,
        AdaptationStep::ContinuePretraining
            | AdaptationStep::ContinueAndReason
            | AdaptationStep::Retrain
    );
    let fix_first = match step {
        AdaptationStep::Extend => published_gain(at).is_some(),
        AdaptationStep::ReasonLonger | AdaptationStep::Retrieve => {
            Condition::NoErrors.holds(at) == Some(true) && can(AdaptationStep::FixPositions, at)
        }
        _ => trains,
    };
    if fix_first && worth_a_fix(at) {
        return Some(First::Fix);
    }
    if !trains {
        return None;
    }
    let worth = missing.iter().find(|one| {
        let cheaper = |other: Option<AdaptationStep>| other.is_some_and(|other| other < step);
        !one.told && one.outcomes.iter().any(|outcome| cheaper(outcome.verdict))
    });
    match worth {
        Some(first) => Some(First::Measure(first.gap)),
        None => (step == AdaptationStep::Retrain).then_some(First::Candidates),
    }
}

/// In this order: what lifts a verdict that is held back; what the work is, if that is not known; more
/// samples, if the figures' intervals allow several verdicts or leave the verdict uncertain; the
/// measurement that the article asks for before a training; what else could change the verdict; the
/// verdict's own step.
pub(super) fn next(known: &NextStepContext<'_>) -> NextStep {
    if let Some(held) = known.held {
        return lifts(held, known);
    }
    let basic =
        |one: &&MissingEvidence| matches!(one.gap, MissingKind::Workload | MissingKind::Target);
    let measured = !known.at.evidence.is_unmeasured();
    if let Some(first) = known.missing.iter().find(basic)
        && known.step.is_none()
    {
        return told(first);
    }
    // The own hold-outs show that something has to change; what it costs comes afterwards.
    if known.step.is_none() && Condition::OwnFallsShort.holds(known.at) == Some(true) {
        return undecided(known);
    }
    // Saying it costs nothing, and costs depend on it.
    let size = known.missing.iter().find(|one| {
        let verdicts = || one.outcomes.iter().map(|outcome| outcome.verdict);
        one.gap == MissingKind::Size
            && measured
            && !verdicts().all(|other| AdaptationStep::same(other, known.step))
    });
    if let Some(size) = size {
        return told(size);
    }
    let untried = known.missing.iter();
    let mut untried = untried.filter(|one| Some(one.gap) == known.untried);
    if let Some(first) = untried.next() {
        let open = match first.told {
            true => "without it, nothing shows whether your hold-out score is good or bad",
            false if first.gap == MissingKind::Direct => {
                "RULER holds up, but it shows only that the text is read, not that questions about it are answered well enough to keep the model"
            }
            false => UNTRIED,
        };
        return NextStep {
            why: open.to_owned(),
            ..measure(first, known)
        };
    }
    if known.step.is_none() && without_verdict(known) {
        return undecided(known);
    }
    // If most draws lead nowhere, no price decides between the few that lead somewhere.
    let nowhere = known.verdicts.first() == Some(&None);
    if known.split
        && let Some(next) = more_samples(known).filter(|next| !(nowhere && next.is_close()))
    {
        return match next.is_close() {
            true => settles(known).unwrap_or(next),
            false => next,
        };
    }
    if known.unsure
        && let Some(next) = more_samples(known).filter(NextStep::is_more_samples)
    {
        return next;
    }
    let mends = known.step == Some(AdaptationStep::MendShort);
    if known.step.is_none() || !(measured || mends) {
        return undecided(known);
    }
    decided(known)
}
