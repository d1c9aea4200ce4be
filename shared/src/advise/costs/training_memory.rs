//! How many devices hold the training of all weights.

use super::hardware::Hardware;
use super::model::ModelDimensions;
use crate::numbers::count;

/// Bytes a parameter takes in training: weights and gradients in 16 bits, and Adam's copy of the
/// weights and its two moments in 32 (Rajbhandari et al., arXiv 1910.02054, section 3.1).
const BYTES: f64 = 16.0;
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
