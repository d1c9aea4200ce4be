//! What each of the verdicts costs between which the evidence does not decide.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::advice::{Advice, Verdict};
use super::costs::{self, CostRange, EvaluationPlan, hardware, named, two_digits};
use super::draws::VerdictShare;
use super::evidence::Evidence;
use super::facts::factor;
use super::rules::AdaptationStep;
use super::sentences::{capital, hours, span};
use super::{Thresholds, condition::ConditionContext};
use crate::numbers::count;
use crate::tokens::Tokens;

/// Verdicts of fewer draws than this part are no option.
const OPTION: f64 = 0.05;
/// Options that are priced at most.
const MOST: usize = 3;
/// Tokens of an answer, and with a chain of thought before it.
const ANSWER: u32 = 128;
const THOUGHT: u32 = 1_152;
/// Retrieved passages: 16 of 512 tokens.
const PASSAGES: Tokens = Tokens(8_192);
/// Models that are measured where another is looked for.
const CANDIDATES: u32 = 3;

/// What one verdict costs, once and at every question.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OptionCost {
    /// The verdict.
    pub step: AdaptationStep,
    /// What is done once, in words; empty for nothing.
    pub once: String,
    /// Hours of one piece of the hardware, once; nothing where the model's size is not known.
    pub hours: Option<CostRange>,
    /// Hours times the price of one; nothing without a price.
    pub money: Option<CostRange>,
    /// The hardware.
    pub hardware: String,
    /// Tokens read at every question.
    pub reads: Tokens,
    /// Tokens written at every question.
    pub writes: u32,
    /// Hours of one piece of the hardware at every question; nothing where the model's size is not
    /// known.
    pub question_hours: Option<f64>,
}

/// The verdicts that the draws lead to, most often first, each with what it takes.
fn options(
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
    let (once, hours) = match step {
        AdaptationStep::Extend
        | AdaptationStep::ContinuePretraining
        | AdaptationStep::ContinueAndReason
        | AdaptationStep::Retrain => {
            let at = ConditionContext::new(evidence, thresholds);
            let cost = costs::adaptation(step, evidence, thresholds, factor(&at.facts))?;
            (format!("training, {}", cost.says()), Some(cost.planned()))
        }
        AdaptationStep::FixPositions => (
            "1,300 prompts of RULER with the fix, and no training".to_owned(),
            run(13, 100, target, 1, ANSWER).map(one),
        ),
        AdaptationStep::SwitchModel => (
            format!(
                "1,300 prompts of RULER on each of {CANDIDATES} other models, reckoned at this one's size"
            ),
            run(13, 100, target, CANDIDATES, ANSWER).map(one),
        ),
        AdaptationStep::MendShort => (
            "the end of the last training again, or going back to the version before".to_owned(),
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
        let mut told = format!("{}: ", capital(self.step.name()));
        if self.once.is_empty() {
            told.push_str("nothing once");
        } else {
            let _infallible = write!(told, "once {}", self.once);
            if let Some(range) = self.hours.filter(|_| self.step.path().is_none()) {
                let _infallible = write!(told, ", {} of one {}", span(range, hours), self.hardware);
            }
        }
        if let Some(money) = self.money {
            let _infallible = write!(told, ", {} at your price", span(money, two_digits));
        }
        let _infallible = write!(
            told,
            "; at every question {:#} tokens read and {} written",
            self.reads,
            count(self.writes.into())
        );
        if let Some(each) = self.question_hours {
            let _infallible = write!(told, ", {:.1} s of one {}", each * 3_600.0, self.hardware);
        }
        told.push('.');
        told
    }

    /// The same in a few words: `continue pretraining: once 1,200 to 19,000 hours of one H100`.
    fn short(&self) -> String {
        let name = self.step.name();
        match (&self.hours, self.once.is_empty()) {
            (Some(range), _) => format!(
                "{name}: once {} GPU-hours, then {:#} tokens read at every question",
                span(*range, two_digits),
                self.reads
            ),
            (None, true) => format!(
                "{name}: nothing once, {:#} tokens read and {} written at every question",
                self.reads,
                count(self.writes.into())
            ),
            (None, false) => format!("{name}: once {}", self.once),
        }
    }
}

impl Advice {
    /// Where the figures are too close to decide, prices what they leave open, in the next step too.
    pub(super) fn price_options(&mut self, evidence: &Evidence, thresholds: &Thresholds) {
        if self.action != Verdict::Undecided || !self.next.is_close() {
            return;
        }
        self.options = options(&self.certainty.shares, evidence, thresholds);
        let short: Vec<String> = self.options.iter().map(OptionCost::short).collect();
        if !short.is_empty() {
            let what = format!("{}. The costs: {}", self.next.what, short.join("; "));
            self.next.what = what;
        }
    }

    /// What each option costs, in Markdown.
    pub(super) fn write_options(&self, out: &mut String) -> std::fmt::Result {
        if self.options.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## What each option costs\n")?;
        for option in &self.options {
            writeln!(out, "- {}", option.says())?;
        }
        Ok(())
    }
}
