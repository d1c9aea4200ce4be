//! The cost of each possible verdict, if the evidence does not decide between them.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::benchmarks::ruler_tasks;
use super::condition::ConditionContext;
use super::costs::{CostRange, EvaluationPlan, hardware, named};
use super::derived_facts::factor;
use super::draws::VerdictShare;
use super::evidence::Evidence;
use super::sentences::{capital, hours, short, span, two_digits};
use super::step::AdaptationStep;
use super::thresholds::Thresholds;
use super::training;
use crate::numbers::count;
use crate::tokens::Tokens;

/// Verdicts with a smaller share of the draws than this are not offered as options.
const OPTION: f64 = 0.05;
/// The most options that are priced.
const MOST: usize = 3;
/// Tokens of an answer, and with a chain of thought before it.
const ANSWER: u32 = 128;
const THOUGHT: u32 = 1_152;
/// Samples of each of RULER's tasks.
const SAMPLES: u32 = 100;
/// Retrieved passages: 16 of 512 tokens.
const PASSAGES: Tokens = Tokens(8_192);
/// The number of models that are measured to find another one.
const CANDIDATES: u32 = 3;

/// The cost of one verdict, once and per question.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OptionCost {
    /// The verdict.
    pub step: AdaptationStep,
    /// The one-off work, in words; empty if there is none.
    pub once: String,
    /// One-off hours of one device; `None` if the model's size is not known.
    pub hours: Option<CostRange>,
    /// Hours times the price of an hour; `None` without a price.
    pub money: Option<CostRange>,
    /// The hardware.
    pub hardware: String,
    /// Tokens read per question.
    pub reads: Tokens,
    /// Tokens written per question.
    pub writes: u32,
    /// Hours of one device per question; `None` if the model's size is not known.
    pub question_hours: Option<f64>,
}

/// The verdicts that the draws lead to, most frequent first, each with its cost.
pub(super) fn options(
    shares: &[VerdictShare],
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Vec<OptionCost> {
    let likely = shares.iter().filter(|one| one.share >= OPTION);
    let steps = likely.filter_map(|one| one.verdict).take(MOST);
    steps
        .filter_map(|step| option(step, evidence, thresholds))
        .collect()
}

fn option(
    step: AdaptationStep,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Option<OptionCost> {
    let chosen = evidence.hardware.as_deref().and_then(named);
    let on = chosen.or(hardware().first())?;
    let target = evidence.target().unwrap_or(Tokens(32_768));
    let run = |tasks, samples, length, checkpoints, answer_tokens| {
        let plan = EvaluationPlan {
            tasks,
            lengths: vec![length],
            samples,
            checkpoints,
            answer_tokens,
        };
        let cost = evidence.model.as_ref().map(|model| plan.cost(model));
        cost.map(|cost| cost.hours(on))
    };
    let one = |value: f64| CostRange {
        low: value,
        high: value,
    };
    let prompts = || format!("{} prompts", count((ruler_tasks() * SAMPLES).into()));
    let (once, hours) = match step {
        AdaptationStep::Extend
        | AdaptationStep::ContinuePretraining
        | AdaptationStep::ContinueAndReason
        | AdaptationStep::Retrain => {
            let at = ConditionContext::new(evidence, thresholds);
            let cost = training::adaptation(step, evidence, thresholds, factor(&at.facts))?;
            (format!("training, {}", cost.says()), Some(cost.planned()))
        }
        AdaptationStep::FixPositions => (
            format!("{} of RULER with the fix, and no training", prompts()),
            run(ruler_tasks(), SAMPLES, target, 1, ANSWER).map(one),
        ),
        AdaptationStep::SwitchModel => (
            format!(
                "{} of RULER on each of {CANDIDATES} other models, priced at this model's size",
                prompts()
            ),
            run(ruler_tasks(), SAMPLES, target, CANDIDATES, ANSWER).map(one),
        ),
        AdaptationStep::MendShort => (
            "repeating the end of the last training, or going back to the previous version"
                .to_owned(),
            None,
        ),
        AdaptationStep::Keep | AdaptationStep::ReasonLonger | AdaptationStep::Retrieve => {
            (String::new(), None)
        }
    };
    let reads = match step {
        AdaptationStep::Retrieve => target.min(PASSAGES),
        _ => target,
    };
    let writes = match step {
        AdaptationStep::ReasonLonger | AdaptationStep::ContinueAndReason => THOUGHT,
        _ => ANSWER,
    };
    let money = hours.zip(evidence.price_per_hour);
    Some(OptionCost {
        step,
        once,
        hours,
        money: money.map(|(hours, price)| CostRange {
            low: hours.low * price,
            high: hours.high * price,
        }),
        hardware: on.name.clone(),
        reads,
        writes,
        question_hours: run(1, 1, reads, 1, writes),
    })
}

impl OptionCost {
    /// In words.
    pub fn says(&self) -> String {
        let mut told = format!("{}. Once: ", capital(self.step.name()));
        if self.once.is_empty() {
            told.push_str("nothing");
        } else {
            let _infallible = write!(told, "{}", self.once);
            if let Some(range) = self.hours.filter(|_| self.step.path().is_none()) {
                let _infallible = write!(told, ", {} of one {}", span(range, hours), self.hardware);
            }
        }
        if let Some(money) = self.money {
            let _infallible = write!(told, ", {} at your price", span(money, two_digits));
        }
        let _infallible = write!(
            told,
            ". Per question: {} tokens read and {} written",
            short(self.reads),
            count(self.writes.into())
        );
        if let Some(each) = self.question_hours {
            let _infallible = write!(told, ", {:.1} s of one {}", each * 3_600.0, self.hardware);
        }
        told.push('.');
        told
    }

    /// The same in a few words: `continue pretraining: 1,200 to 19,000 GPU-hours once, then 128K
    /// tokens read per question`.
    pub(super) fn short(&self) -> String {
        let name = self.step.name();
        match (&self.hours, self.once.is_empty()) {
            (Some(range), _) => format!(
                "{name}: {} GPU-hours once, then {} tokens read per question",
                span(*range, two_digits),
                short(self.reads)
            ),
            (None, true) => format!(
                "{name}: nothing once, {} tokens read and {} written per question",
                short(self.reads),
                count(self.writes.into())
            ),
            (None, false) => format!("{name}: {}, once", self.once),
        }
    }
}
