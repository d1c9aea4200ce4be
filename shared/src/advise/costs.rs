//! What evaluation and adaptation cost: operations, time, money.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::evidence::Evidence;
use super::rules::Step;
use crate::tokens::Tokens;

/// What a model's costs follow from.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Parameters that take part in a token: the active ones of a mixture of experts.
    pub parameters: f64,
    /// Layers with attention.
    pub layers: u32,
    /// Query heads times their width.
    pub attention_width: u32,
}

impl Model {
    /// The usual shape of a dense transformer of a size, where only that is known.
    ///
    /// # Formula
    /// `N = 12 L W²` (Kaplan et al., arXiv 2001.08361) with `L = W / 128`, as of Llama 3.1 8B and
    /// GPT-3. An estimate: it enters attention's term alone.
    pub fn of_size(parameters: f64) -> Self {
        let width = libm::cbrt(parameters.max(0.0) * 128.0 / 12.0).max(1.0);
        Self {
            parameters,
            layers: (width / 128.0).round().max(1.0) as u32,
            attention_width: width.round() as u32,
        }
    }

    /// Operations of reading `tokens`.
    ///
    /// # Formula
    /// `2 N T + 2 L W T²`: two for each parameter and token, and attention's two products of
    /// `2 W` for each pair of a token and one before it, of which there are `T² / 2`. `N`
    /// parameters, `L` layers, `W` attention width. Source: Kaplan et al., arXiv 2001.08361,
    /// table 1, the attention term for causal masks.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{advise::costs::Model, tokens::Tokens};
    /// let model = Model { parameters: 8e9, layers: 32, attention_width: 4096 };
    /// let flops = model.prefill_flops(Tokens(131_072));
    /// assert!((flops / 6.6e15 - 1.0).abs() < 0.01); // 2.1e15 for weights, 4.5e15 for attention
    /// ```
    pub fn prefill_flops(&self, tokens: Tokens) -> f64 {
        let tokens = f64::from(tokens.0);
        2.0 * self.parameters * tokens + 2.0 * self.attention() * tokens * tokens
    }

    /// Operations of one more token after `context`.
    ///
    /// # Formula
    /// `2 N + 4 L W T`.
    pub fn decode_flops(&self, context: Tokens) -> f64 {
        2.0 * self.parameters + 4.0 * self.attention() * f64::from(context.0)
    }

    fn attention(&self) -> f64 {
        f64::from(self.layers) * f64::from(self.attention_width)
    }

    /// Operations of training on `tokens`, attention's share left out.
    ///
    /// # Formula
    /// `6 N D`. Source: Kaplan et al., arXiv 2001.08361.
    pub fn training_flops(&self, tokens: f64) -> f64 {
        6.0 * self.parameters * tokens
    }
}

/// What computes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hardware {
    /// Its name.
    pub name: String,
    /// Peak, dense BF16, 10¹² operations a second.
    pub teraflops: f64,
    /// Memory bandwidth, 10⁹ bytes a second.
    pub gigabytes_per_s: f64,
    /// The share of both peaks that is reached; assumed.
    pub utilisation: f64,
    /// Where the peaks stand.
    pub source: String,
}

#[derive(Default, Deserialize)]
struct Listed {
    hardware: Vec<Hardware>,
}

// A test holds that it can be read.
static HARDWARE: LazyLock<Listed> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/advise/hardware.toml")).unwrap_or_default()
});

/// The hardware that is known, the H100 first.
pub fn hardware() -> &'static [Hardware] {
    &HARDWARE.hardware
}

/// What an evaluation runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluationPlan {
    /// Tasks.
    pub tasks: u32,
    /// Lengths of each.
    pub lengths: Vec<Tokens>,
    /// Samples of each task and length.
    pub samples: u32,
    /// Models or checkpoints.
    pub checkpoints: u32,
    /// Tokens of an answer.
    pub answer_tokens: u32,
}

/// What it costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvaluationCost {
    /// Prompts.
    pub prompts: u64,
    /// Tokens read.
    pub tokens: f64,
    /// Operations of reading.
    pub prefill_flops: f64,
    /// Operations of answering.
    pub decode_flops: f64,
    /// Bytes read while answering.
    pub decode_bytes: f64,
}

impl EvaluationPlan {
    /// # Formula
    /// The sum over lengths of `tasks · samples · checkpoints` prompts, each one
    /// [`prefill_flops`](Model::prefill_flops) and `answer_tokens` times
    /// [`decode_flops`](Model::decode_flops). Answering reads the weights once for each token, two
    /// bytes for each parameter, one prompt at a time; the cache comes on top and is left out.
    pub fn cost(&self, model: &Model) -> EvaluationCost {
        let each = u64::from(self.tasks) * u64::from(self.samples) * u64::from(self.checkpoints);
        let answer = f64::from(self.answer_tokens);
        let mut cost = EvaluationCost {
            prompts: 0,
            tokens: 0.0,
            prefill_flops: 0.0,
            decode_flops: 0.0,
            decode_bytes: 0.0,
        };
        for length in &self.lengths {
            let prompts = each as f64;
            cost.prompts += each;
            cost.tokens += prompts * f64::from(length.0);
            cost.prefill_flops += prompts * model.prefill_flops(*length);
            cost.decode_flops += prompts * answer * model.decode_flops(*length);
            cost.decode_bytes += prompts * answer * 2.0 * model.parameters;
        }
        cost
    }
}

impl EvaluationCost {
    /// Hours on one piece of hardware.
    ///
    /// # Formula
    /// `prefill / (peak · u) + max(decode / (peak · u), bytes / (bandwidth · u))`.
    pub fn hours(&self, on: &Hardware) -> f64 {
        let flops = on.teraflops * 1e12 * on.utilisation;
        let bytes = on.gigabytes_per_s * 1e9 * on.utilisation;
        let decode = (self.decode_flops / flops).max(self.decode_bytes / bytes);
        (self.prefill_flops / flops + decode) / 3_600.0
    }
}

/// What a path costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdaptationCost {
    /// GPU-hours: the article's order of magnitude, an internal estimate of its authors; see
    /// [`Thresholds`].
    pub gpu_hours: f64,
    /// Tokens that were enough elsewhere.
    pub tokens: f64,
    /// Where that was.
    pub tokens_source: String,
    /// Operations of training on so many, `6 N D`; nothing where the model's size is not known.
    pub training_flops: Option<f64>,
    /// The same in hours of one H100.
    pub h100_hours: Option<f64>,
    /// Whether the budget holds the article's order of magnitude; nothing without a budget.
    pub within_budget: Option<bool>,
}

impl AdaptationCost {
    /// Money for the article's order of magnitude, at a price for an hour of one GPU.
    pub fn money(&self, price_per_gpu_hour: f64) -> f64 {
        self.gpu_hours * price_per_gpu_hour
    }
}

/// The cost of a path; nothing where no weights change.
pub(super) fn adaptation(
    step: Step,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Option<AdaptationCost> {
    let model = evidence.model.as_ref();
    let (gpu_hours, tokens, source) = match step.path()? {
        Step::Extend => (
            thresholds.extend_hours,
            1e9,
            "about 400 steps of 64 texts of 32K to 64K tokens (YaRN, arXiv 2309.00071)",
        ),
        Step::Retrain => (
            thresholds.retrain_hours,
            model.map_or(15e12, |model| 20.0 * model.parameters),
            "20 tokens for each parameter (arXiv 2203.15556), the least; 15T where the size is not known",
        ),
        _ => (
            thresholds.continue_hours,
            40e9,
            "ProLong-8B, 40B tokens (arXiv 2410.02660); LongRoPE2 10B (arXiv 2502.20082)",
        ),
    };
    let flops = model.map(|model| model.training_flops(tokens));
    let h100 = hardware().first();
    let h100_hours = flops
        .zip(h100)
        .map(|(flops, h100)| flops / (h100.teraflops * 1e12 * h100.utilisation) / 3_600.0);
    Some(AdaptationCost {
        gpu_hours,
        tokens,
        tokens_source: source.to_owned(),
        training_flops: flops,
        h100_hours,
        within_budget: evidence.budget_gpu_hours.map(|budget| budget >= gpu_hours),
    })
}
