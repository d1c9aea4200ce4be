//! The cost of training, as a range with its parts: how many tokens, and how well the hardware is
//! used; beside it the article's own estimate, and how the two fit together.

use serde::{Deserialize, Serialize};

use super::adaptation_paths::paths;
use super::costs::{
    AdapterMemory, CostRange, Hardware, ModelDimensions, TrainingMemory, hardware, named,
};
use super::evidence::Evidence;
use super::sentences::two_digits;
use super::step::AdaptationStep;
use super::thresholds::Thresholds;
use crate::numbers::{count, span};
use crate::tokens::Tokens;

/// A public training run whose tokens and hours are known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PublicTrainingRun {
    /// The model.
    pub name: &'static str,
    /// Parameters.
    pub parameters: f64,
    /// Tokens trained on.
    pub tokens: f64,
    /// Hours of one H100.
    pub hours: f64,
    /// Source of both figures.
    pub source: &'static str,
}

/// The runs on which the range of efficiency rests: `6 N D` over hours times the H100's peak is
/// 14% (8B), 25% (70B) and 34% (405B). ProLong lies between them once attention is counted, which
/// is most of its work: half of its tokens stood in texts of 512K.
pub const PUBLIC_RUNS: [PublicTrainingRun; 4] = [
    PublicTrainingRun {
        name: "Llama 3.1 8B",
        parameters: 8e9,
        tokens: 15e12,
        hours: 1.46e6,
        source: "Llama 3.1 model card",
    },
    PublicTrainingRun {
        name: "Llama 3.1 70B",
        parameters: 70e9,
        tokens: 15e12,
        hours: 7.0e6,
        source: "Llama 3.1 model card",
    },
    PublicTrainingRun {
        name: "Llama 3.1 405B",
        parameters: 405e9,
        tokens: 15.6e12,
        hours: 30.84e6,
        source: "Llama 3.1 model card",
    },
    PublicTrainingRun {
        name: "ProLong-8B",
        parameters: 8e9,
        tokens: 40e9,
        hours: 14_400.0,
        source: "arXiv 2410.02660",
    },
];

/// The share of the peak that training reaches, by [`PUBLIC_RUNS`].
const EFFICIENCY: CostRange = CostRange {
    low: 0.14,
    high: 0.35,
};

/// The longest texts that an extension was fine-tuned on: 256K (LongRoPE, arXiv 2402.13753).
const LONGEST_TUNING: u32 = 262_144;
/// Texts a step (YaRN, arXiv 2309.00071).
const BATCH: f64 = 64.0;

/// Whether a budget covers a cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BudgetFit {
    /// It covers even the most that it may cost.
    Holds,
    /// It covers the least that it may cost, not the most.
    Perhaps,
    /// It is about the least: within a quarter of it, as costs are known no more precisely.
    About,
    /// It does not cover even the least.
    TooSmall,
}

/// The cost of a path.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdaptationCost {
    /// GPU-hours: our figure for the article's order of magnitude; see [`Thresholds`].
    pub gpu_hours: f64,
    /// That order of magnitude in the article's words, an internal estimate of its authors.
    #[serde(default)]
    pub article_says: String,
    /// Whether the figure was scaled by us, as for an extension by another factor than four.
    #[serde(default)]
    pub grown: bool,
    /// Tokens trained on.
    pub tokens: CostRange,
    /// Source of the claim that this many tokens are enough.
    pub tokens_source: String,
    /// Length of the texts trained on, at least.
    pub length: Tokens,
    /// Operations of the weights, `6 N D`; `None` if the model's size is not known.
    pub weight_flops: Option<CostRange>,
    /// Operations of attention at that length, `6 L W T D`.
    pub attention_flops: Option<CostRange>,
    /// The hardware of [`hours`](Self::hours).
    pub hardware: String,
    /// Hours of one piece of it: the least work at the best efficiency, the most at the worst.
    pub hours: Option<CostRange>,
    /// GPU-hours by our figure for the article's order of magnitude, for any GPU: from a third of it
    /// to three times as much; of an extension grown with its factor, as for four times.
    pub estimate: CostRange,
    /// How this compares with the article's estimate, in words.
    pub beside_the_article: String,
    /// Whether the budget covers it; `None` without a budget.
    pub budget: Option<BudgetFit>,
    /// The memory that it takes, in words; empty if the model's size is not known.
    #[serde(default)]
    pub memory: String,
    /// That budget, GPU-hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_hours: Option<f64>,
}

/// A budget of at least this fraction of the least cost is about the least.
const ABOUT: f64 = 0.8;

impl AdaptationCost {
    /// The GPU-hours to plan with: the computed range, else [`estimate`](Self::estimate).
    pub fn planned(&self) -> CostRange {
        self.hours.unwrap_or(self.estimate)
    }

    /// The same in words: `1,200 to 19,000 hours of one H100`, or, if the model's size is not
    /// known, `10,000 to 90,000 GPU-hours, our reading of what the article says`.
    pub fn says(&self) -> String {
        let CostRange { low, high } = self.planned();
        let range = span(low, high, two_digits);
        match self.hours {
            Some(_) => format!("{range} hours of one {}", self.hardware),
            None => format!(
                "{range} GPU-hours, our reading of the article's \"{}\": a third of {} to three times as much{}, for no particular model or GPU",
                self.article_says,
                two_digits(self.gpu_hours),
                if self.grown {
                    ", which we scale with the factor"
                } else {
                    ""
                }
            ),
        }
    }

    /// How the budget compares with the cost, if that is not obvious: it covers part of the range, or is
    /// about the least of it.
    pub fn beside_the_budget(&self) -> Option<String> {
        let CostRange { low, high } = self.planned();
        let range = span(low, high, two_digits);
        let budget = count(self.budget_hours?.round() as u64);
        match self.budget? {
            BudgetFit::About => Some(format!(
                "Your budget of {budget} GPU-hours is about the least that the training takes; the range is {range}."
            )),
            BudgetFit::Perhaps => Some(format!(
                "Your budget of {budget} GPU-hours lies inside the range that the training takes, {range}: it may not be enough."
            )),
            BudgetFit::Holds | BudgetFit::TooSmall => None,
        }
    }
}

struct TrainingData {
    tokens: CostRange,
    /// Of the least, and of the most.
    lengths: [Tokens; 2],
    source: String,
    article: f64,
    /// How much more than that.
    grown: f64,
}

fn work(
    step: AdaptationStep,
    evidence: &Evidence,
    thresholds: &Thresholds,
    factor: f64,
) -> Option<TrainingData> {
    let target = evidence.target().unwrap_or(Tokens(131_072));
    Some(match step.path()? {
        AdaptationStep::Extend => {
            let length = Tokens(target.0.min(LONGEST_TUNING));
            let doublings = libm::log2(factor.max(2.0));
            let step = BATCH * f64::from(length.0);
            TrainingData {
                tokens: CostRange {
                    low: 100.0 * doublings * step,
                    high: 250.0 * doublings * step,
                },
                lengths: [length; 2],
                source: format!(
                    "100 to 250 steps of 64 texts for each doubling of the window, which is {doublings:.1} doublings here (YaRN takes 400 steps for 16 times and 600 for 32, arXiv 2309.00071; position interpolation and LongRoPE 1,000, arXiv 2306.15595 and 2402.13753){}",
                    match target.0 > LONGEST_TUNING {
                        true => "; a longer target needs no texts longer than 256K: LongRoPE trains at 256K and stretches positions from there to 2M without training",
                        false => "",
                    }
                ),
                grown: doublings / 2.0,
                article: thresholds.extend_hours,
            }
        }
        AdaptationStep::Retrain => TrainingData {
            tokens: CostRange {
                low: 2e12,
                high: 15e12,
            },
            lengths: [Tokens(8_192); 2],
            source: "2T tokens, as for Llama 2, to 15T, as for Llama 3.1 8B, mostly in texts of 8K"
                .to_owned(),
            grown: 1.0,
            article: thresholds.retrain_hours,
        },
        _ => TrainingData {
            tokens: CostRange {
                low: 10e9,
                high: 40e9,
            },
            lengths: [target, Tokens(target.0.saturating_mul(2))],
            source: "10B tokens (LongRoPE2, arXiv 2502.20082) in texts of the target's length to 40B in texts twice as long (ProLong-8B, arXiv 2410.02660: train beyond the length that is evaluated)"
                .to_owned(),
            grown: 1.0,
            article: thresholds.continue_hours,
        },
    })
}

/// The cost of a path; `None` if no weights change.
///
/// # Formula
/// `(6 N + 6 L W T) D / (peak · u)`, with the least `D` at the best `u` and the most at the worst.
pub(super) fn adaptation(
    step: AdaptationStep,
    evidence: &Evidence,
    thresholds: &Thresholds,
    factor: f64,
) -> Option<AdaptationCost> {
    let work = work(step, evidence, thresholds, factor)?;
    let on = evidence.hardware.as_deref().and_then(named);
    let on = on.or(hardware().first())?;
    let flops = evidence.model.as_ref().map(|model| {
        let (low, high) = (
            model.training_flops(work.tokens.low, work.lengths[0]),
            model.training_flops(work.tokens.high, work.lengths[1]),
        );
        (
            CostRange {
                low: low.0,
                high: high.0,
            },
            CostRange {
                low: low.1,
                high: high.1,
            },
        )
    });
    let hours = flops.map(|(weights, attention)| hours(weights, attention, on));
    let mut cost = AdaptationCost {
        gpu_hours: work.article,
        article_says: article_says(step),
        grown: work.grown != 1.0,
        tokens: work.tokens,
        tokens_source: work.source,
        length: work.lengths[0],
        weight_flops: flops.map(|both| both.0),
        attention_flops: flops.map(|both| both.1),
        hardware: on.name.clone(),
        hours,
        estimate: CostRange {
            low: work.article / 3.0 * work.grown,
            high: work.article * 3.0 * work.grown,
        },
        beside_the_article: String::new(),
        budget: None,
        memory: evidence
            .model
            .as_ref()
            .map_or_else(String::new, |model| memory(step, model, on)),
        budget_hours: evidence.budget_gpu_hours,
    };
    cost.beside_the_article = beside(&cost, step, evidence.model.as_ref());
    cost.budget = evidence.budget_gpu_hours.map(|budget| {
        let CostRange { low, high } = cost.planned();
        match budget {
            budget if budget >= high => BudgetFit::Holds,
            budget if budget >= low / ABOUT => BudgetFit::Perhaps,
            budget if budget >= low * ABOUT => BudgetFit::About,
            _ => BudgetFit::TooSmall,
        }
    });
    Some(cost)
}

/// The memory that a path takes, in words; for an extension with adapters too.
fn memory(step: AdaptationStep, model: &ModelDimensions, on: &Hardware) -> String {
    let all = TrainingMemory::of(model, on).says();
    match step {
        AdaptationStep::Extend => format!("{all} {}", AdapterMemory::of(model, on).says()),
        _ => all,
    }
}

fn hours(weights: CostRange, attention: CostRange, on: &Hardware) -> CostRange {
    let an_hour = on.teraflops * 1e12 * 3_600.0;
    CostRange {
        low: (weights.low + attention.low) / (an_hour * EFFICIENCY.high),
        high: (weights.high + attention.high) / (an_hour * EFFICIENCY.low),
    }
}

/// The article's words for the hours of a path.
fn article_says(step: AdaptationStep) -> String {
    let path = paths().iter().find(|row| Some(row.step) == step.path());
    path.map_or_else(String::new, |row| row.gpu_hours.clone())
}

/// Compares the computed range with our figure for the article's estimate and with a public run.
fn beside(cost: &AdaptationCost, step: AdaptationStep, model: Option<&ModelDimensions>) -> String {
    let article = two_digits(cost.gpu_hours);
    let known = match step.path() {
        Some(AdaptationStep::Retrain) => "Llama 3.1 8B took 1.46 million H100-hours",
        Some(AdaptationStep::Extend) => {
            "YaRN and LongRoPE report a few hundred to a thousand steps"
        }
        _ => "ProLong-8B took 14,400 H100-hours",
    };
    let (Some(range), Some(model)) = (cost.hours, model) else {
        return format!(
            "It gives no figure; {article} is ours, for no particular model. Give the model's size to get a computed range. For scale: {known}."
        );
    };
    let size = model.parameters / 1e9;
    let stands = match cost.gpu_hours {
        hours if hours < range.low => {
            "below this range, because this model is larger or its texts are longer than we assumed"
        }
        hours if hours > range.high => {
            "above this range, because this model is smaller or its texts are shorter than we assumed"
        }
        _ => "inside this range",
    };
    format!(
        "It gives no figure; ours, {article} for no particular model, lies {stands} ({size:.1}B parameters). For scale: {known}."
    )
}
