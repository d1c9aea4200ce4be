//! Whether a model can be run at a length at all.

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
use super::model::ModelDimensions;
use crate::tokens::Tokens;

/// The share of a device's memory that weights and cache may take; the rest is for what is
/// computed. Assumed.
const USABLE: f64 = 0.9;

/// What running one prompt of a length takes of a memory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromptMemory {
    /// The length.
    pub length: Tokens,
    /// Weights, 16 bits each, 10⁹ bytes.
    pub weights_gigabytes: f64,
    /// Keys and values of one prompt, 16 bits each, 10⁹ bytes.
    pub cache_gigabytes: f64,
    /// The hardware.
    pub hardware: String,
    /// Pieces of it that hold both.
    pub devices: u32,
    /// Pieces that there are, where that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there_are: Option<u32>,
}

impl PromptMemory {
    /// # Formula
    /// `⌈(2 N + 4 L K T) / (0.9 · memory)⌉` devices, with `N` all parameters and `K` the width of
    /// the keys.
    pub fn of(
        model: &ModelDimensions,
        length: Tokens,
        on: &Hardware,
        there_are: Option<u32>,
    ) -> Self {
        let weights = model.weight_bytes() / 1e9;
        let cache = model.cache_bytes(length) / 1e9;
        let devices = ((weights + cache) / (USABLE * on.memory_gigabytes)).ceil();
        Self {
            length,
            weights_gigabytes: weights,
            cache_gigabytes: cache,
            hardware: on.name.clone(),
            devices: devices.max(1.0) as u32,
            there_are,
        }
    }

    /// Whether more pieces are needed than there are.
    pub fn lacks(&self) -> bool {
        self.there_are.is_some_and(|there| there < self.devices)
    }

    /// In words.
    pub fn says(&self) -> String {
        let lacks = match self.there_are {
            Some(there) if self.lacks() => format!(
                " There {} {there}: at this length the model does not run here unless its weights or its cache are stored in fewer bits.",
                if there == 1 { "is" } else { "are" }
            ),
            _ => String::new(),
        };
        format!(
            "Memory: {:#} tokens take {:.0} GB of weights and {:.1} GB of cache: {} × {}, in 16 bits.{lacks}",
            self.length,
            self.weights_gigabytes.ceil(),
            self.cache_gigabytes,
            self.devices,
            self.hardware
        )
    }
}
