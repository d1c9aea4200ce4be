//! The next step: what to tell or to measure first, else the verdict's own.

mod decided; //      the next step of a verdict
mod measure; //      the next step that fills in what is missing
mod more_samples; // more samples, where the figures are too uncertain for a verdict
mod plans; //        what a next step runs, and its price
mod undecided; //    the next step where there is no verdict

use crate::advise::condition::{Condition, ConditionContext};
use crate::advise::costs::{EvaluationCost, EvaluationPlan};
use crate::advise::missing::{MissingEvidence, MissingKind};
use crate::advise::rules::AdaptationStep;
use crate::advise::unsettled::UnsettledFigure;
use crate::task::RulerCategory;
use decided::decided;
use measure::told;
use more_samples::more_samples;
use serde::{Deserialize, Serialize};
use undecided::{undecided, without_verdict};

/// What to do next.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextStep {
    /// What to do, a sentence without its full stop.
    pub what: String,
    /// Why this first.
    pub why: String,
    /// What it runs, each measurement with a price of its own; empty where nothing is measured.
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
    /// What that costs; nothing where the model's size is not known.
    pub cost: Option<EvaluationCost>,
}

impl NextStep {
    /// A step that measures nothing on benchmarks.
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

    /// Whether more samples would not tell.
    pub(super) fn is_close(&self) -> bool {
        self.what.starts_with(CLOSE)
    }
}

/// How a step begins where more samples would not tell.
const CLOSE: &str = "Decide by cost: ";
/// How a step begins that asks for more samples.
const MORE: &str = "Measure more samples of ";

/// What is known when the next step is chosen.
pub(super) struct NextStepContext<'a> {
    pub at: &'a ConditionContext<'a>,
    /// The verdict that is told.
    pub step: Option<AdaptationStep>,
    /// Whether the draws split between verdicts.
    pub split: bool,
    /// Whether the verdict that is told holds in too few draws to act on.
    pub unsure: bool,
    pub missing: &'a [MissingEvidence],
    pub unsettled: &'a [UnsettledFigure],
    /// Whether something that was asked for is out of reach.
    pub limited: bool,
}

/// What comes before a training that the verdict names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum First {
    /// A position fix.
    Fix,
    /// Other base models.
    Candidates,
    /// A measurement that could spare it.
    Measure(MissingKind),
}

/// What comes before the training of a verdict; nothing for any other verdict.
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
    if !trains {
        return None;
    }
    if worth_a_fix(at) {
        return Some(First::Fix);
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

/// Whether a position fix could bring something back and was not tried: something of RULER falls
/// short at the target, and is not known to be as low in short texts.
pub(super) fn worth_a_fix(at: &ConditionContext<'_>) -> bool {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let low = [
        Condition::HardFails,
        Condition::RetrievalFails,
        Condition::RulerFails,
    ];
    let with_length = || {
        let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
        let low = RulerCategory::ALL.into_iter().filter(|category| {
            let good = at.thresholds.good(*category);
            last.of(*category).is_some_and(|value| value < good)
        });
        let mut low = low
            .filter(|one| *one != RulerCategory::QuestionAnswering)
            .peekable();
        low.peek()?;
        Some(low.any(|category| {
            let pair = first.of(category).zip(last.of(category));
            pair.is_none_or(|(first, last)| first - last >= at.thresholds.drop)
        }))
    };
    holds(Condition::FixUntried)
        && Condition::LostWithLength.holds(at) != Some(false)
        && (at.facts.shorter().is_none() || with_length() != Some(false))
        && low.into_iter().any(holds)
}

/// In this order: what the work is, where that is not said; more samples, where the figures' own
/// intervals hold several verdicts, or leave the one that is told unsure; the measurement that the article asks for before a training;
/// what else could move the verdict; the verdict's own step.
pub(super) fn next(known: &NextStepContext<'_>) -> NextStep {
    let basic =
        |one: &&MissingEvidence| matches!(one.gap, MissingKind::Workload | MissingKind::Target);
    let measured = !known.at.evidence.is_unmeasured();
    if let Some(first) = known.missing.iter().find(basic)
        && known.step.is_none()
    {
        return told(first);
    }
    // Free to say, and costs depend on it.
    let size = known.missing.iter().find(|one| {
        let verdicts = || one.outcomes.iter().map(|outcome| outcome.verdict);
        one.gap == MissingKind::Size
            && measured
            && !verdicts().all(|other| AdaptationStep::same(other, known.step))
    });
    if let Some(size) = size {
        return told(size);
    }
    if known.step.is_none() && without_verdict(known) {
        return undecided(known);
    }
    if known.split
        && let Some(next) = more_samples(known)
    {
        return next;
    }
    if known.unsure
        && let Some(next) = more_samples(known).filter(NextStep::is_more_samples)
    {
        return next;
    }
    if known.step.is_none() || !measured {
        return undecided(known);
    }
    decided(known)
}
