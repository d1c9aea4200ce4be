//! The cost of an evaluation.

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
use super::model::ModelDimensions;
use crate::tokens::Tokens;

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

/// The cost of an evaluation.
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
    /// Bytes read while answering: weights and cache.
    pub decode_bytes: f64,
}

impl EvaluationPlan {
    /// Prompts in all.
    pub fn prompts(&self) -> u64 {
        let each = u64::from(self.tasks) * u64::from(self.samples) * u64::from(self.checkpoints);
        each.saturating_mul(self.lengths.len() as u64)
    }

    /// # Formula
    /// The sum over lengths of `tasks · samples · checkpoints` prompts, each one
    /// [`prefill_flops`](ModelDimensions::prefill_flops) and `answer_tokens` times
    /// [`decode_flops`](ModelDimensions::decode_flops) and
    /// [`decode_bytes`](ModelDimensions::decode_bytes): answering reads the weights and the cache
    /// once for each token, one prompt at a time.
    pub fn cost(&self, model: &ModelDimensions) -> EvaluationCost {
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
            cost.decode_bytes += prompts * answer * model.decode_bytes(*length);
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
