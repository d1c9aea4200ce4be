//! How many devices hold the training of all weights, or of adapters alone.

use super::hardware::Hardware;
use super::model::ModelDimensions;
use crate::numbers::count;

/// Bytes a parameter takes in training: weights and gradients in 16 bits, and Adam's copy of the
/// weights and its two moments in 32 (Rajbhandari et al., arXiv 1910.02054, section 3.1).
const BYTES: f64 = 16.0;
/// Bytes a frozen weight takes: 16 bits.
const FROZEN_BYTES: f64 = 2.0;
/// The rank of each adapter (LongLoRA, arXiv 2309.12307).
const RANK: f64 = 8.0;
/// Matrices of a layer with an adapter: queries, keys, values and output (LongLoRA).
const ADAPTED: f64 = 4.0;
/// Tokens of the vocabulary, which the size of the embeddings follows from. Assumed: Llama 3.1's.
const VOCABULARY: f64 = 128_256.0;
/// The share of a device's memory that these may take; the rest is for activations. Assumed.
const USABLE: f64 = 0.9;

/// The memory that training all weights takes, without activations.
#[derive(Clone, PartialEq, Debug)]
pub struct TrainingMemory {
    /// 10⁹ bytes.
    pub gigabytes: f64,
    /// The hardware.
    pub hardware: String,
    /// The number of devices that hold it, at least.
    pub devices: u32,
}

impl TrainingMemory {
    /// What training all weights of `model` takes, in devices of the kind `on`.
    ///
    /// # Formula
    /// `⌈16 N / (0.9 · memory)⌉` devices, with `N` all parameters.
    pub fn of(model: &ModelDimensions, on: &Hardware) -> Self {
        let parameters = model.total_parameters.unwrap_or(model.parameters);
        let gigabytes = BYTES * parameters / 1e9;
        Self {
            gigabytes,
            hardware: on.name.clone(),
            devices: (gigabytes / (USABLE * on.memory_gigabytes)).ceil() as u32,
        }
    }

    /// In words.
    pub fn says(&self) -> String {
        format!(
            "Training all of its weights takes about {} GB for weights, gradients and Adam's state (16 bytes a parameter): at least {} × {}.",
            count(self.gigabytes.ceil() as u64),
            count(self.devices.into()),
            self.hardware
        )
    }
}

/// The memory that extending the window with adapters takes (LoRA+ of LongLoRA, arXiv 2309.12307),
/// without activations: frozen weights, and trained adapters, norms and embeddings.
///
/// It is offered for an extension alone. LongLoRA showed that it is enough there: from 4K to 100K with
/// Llama 2 7B and to 32K with 70B, each on eight A100. It did not show that lost skills come back, and
/// adapters of low rank learn less than full training in continued pretraining (Biderman et al., arXiv
/// 2405.09673), so for that only the training of all weights counts.
#[derive(Clone, PartialEq, Debug)]
pub struct AdapterMemory {
    /// 10⁹ bytes.
    pub gigabytes: f64,
    /// The hardware.
    pub hardware: String,
    /// The number of devices that hold it, at least.
    pub devices: u32,
}

impl AdapterMemory {
    /// What training adapters of `model` takes, in devices of the kind `on`.
    ///
    /// # Formula
    /// `2 N + 16 (V W + L (4 · 2 r W + 2 W))` bytes, with `N` all parameters, `V` tokens of the vocabulary,
    /// `L` layers, `W` attention width and the rank `r = 8`. Somewhat too much: embeddings are counted
    /// among the frozen weights as well.
    pub fn of(model: &ModelDimensions, on: &Hardware) -> Self {
        let parameters = model.total_parameters.unwrap_or(model.parameters);
        let width = f64::from(model.attention_width);
        let local = model.local.map_or(0, |local| local.layers);
        let layers = f64::from(model.layers + local + model.linear_layers);
        let adapters_and_norms = layers * (ADAPTED * 2.0 * RANK * width + 2.0 * width);
        let trained = VOCABULARY * width + adapters_and_norms;
        let gigabytes = (FROZEN_BYTES * parameters + BYTES * trained) / 1e9;
        Self {
            gigabytes,
            hardware: on.name.clone(),
            devices: (gigabytes / (USABLE * on.memory_gigabytes)).ceil() as u32,
        }
    }

    /// In words.
    pub fn says(&self) -> String {
        format!(
            "Training only adapters, norms and embeddings, which is enough to extend a window (LongLoRA, arXiv 2309.12307), takes about {} GB: at least {} × {}.",
            count(self.gigabytes.ceil() as u64),
            count(self.devices.into()),
            self.hardware
        )
    }
}
