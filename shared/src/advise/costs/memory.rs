//! Whether a model can be run at a length at all, and what would make it fit.

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
use super::model::ModelDimensions;
use crate::results::length_text;
use crate::tokens::Tokens;

/// The share of a device's memory that weights and cache may take; the rest is for activations.
/// Assumed.
const USABLE: f64 = 0.9;
/// Ways to store weights and cache, in bits, the mildest first.
const BITS: [(u32, u32); 5] = [(8, 16), (8, 8), (4, 16), (4, 8), (4, 4)];
/// Sizes that models come in.
const SIZES: [f64; 9] = [0.5e9, 1e9, 3e9, 4e9, 8e9, 14e9, 32e9, 70e9, 123e9];
/// Windows shorter than this are not offered as a way to fit.
const LEAST: u32 = 1_024;

/// The memory that running one prompt of a length takes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromptMemory {
    /// The length.
    pub length: Tokens,
    /// Weights, 16 bits each, 10⁹ bytes.
    pub weights_gigabytes: f64,
    /// Keys and values of one prompt, 16 bits each, 10⁹ bytes; an estimate where
    /// [`shape`](Self::shape) says so.
    pub cache_gigabytes: f64,
    /// The least and the most that the cache may take.
    #[serde(default)]
    pub cache_range: (f64, f64),
    /// What the cache was computed from, in words.
    #[serde(default)]
    pub shape: String,
    /// Whether the cache is an upper bound: some of the layers may keep none.
    #[serde(default)]
    pub upper_bound: bool,
    /// The hardware.
    pub hardware: String,
    /// The number of devices that hold both.
    pub devices: u32,
    /// The same with the least and with the most that the cache may take.
    #[serde(default)]
    pub devices_range: (u32, u32),
    /// The number of devices available, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there_are: Option<u32>,
    /// What would make it fit; `None` if it fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitting: Option<FittingOptions>,
}

/// What would make a model fit into the available memory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FittingOptions {
    /// The most bits of weights and of cache with which it fits; `None` if four bits of both are too
    /// many.
    pub bits: Option<(u32, u32)>,
    /// The number of devices that hold it in 16 bits.
    pub devices: u32,
    /// The longest text with which it fits in 16 bits, in whole thousands; `None` if its weights alone do
    /// not.
    pub length: Option<Tokens>,
    /// The largest usual size of a model that fits at the length, parameters.
    pub parameters: Option<f64>,
}

impl PromptMemory {
    /// # Formula
    /// `⌈(2 N + 4 K (L T + L' min(T, T'))) / (0.9 · memory)⌉` devices, with `N` all parameters and
    /// `K` the width of the keys. `bounded` where some layers may keep no cache: then the least is
    /// none at all.
    pub fn of(
        model: &ModelDimensions,
        length: Tokens,
        on: &Hardware,
        there_are: Option<u32>,
        bounded: bool,
    ) -> Self {
        let upper_bound = model.shape_by.is_empty() && (bounded || model.may_be_linear());
        let weights = model.weight_bytes() / 1e9;
        let cache = model.cache_bytes(length) / 1e9;
        let (low, high) = model.cache_range(length);
        let range = match upper_bound {
            true => (0.0, high / 1e9),
            false => (low / 1e9, high / 1e9),
        };
        let devices = |cache: f64| {
            let devices = ((weights + cache) / (USABLE * on.memory_gigabytes)).ceil();
            devices.max(1.0) as u32
        };
        let mut memory = Self {
            length,
            weights_gigabytes: weights,
            cache_gigabytes: cache,
            cache_range: range,
            shape: shape(model),
            upper_bound,
            hardware: on.name.clone(),
            devices: devices(cache),
            devices_range: (devices(range.0), devices(range.1)),
            there_are,
            fitting: None,
        };
        if let Some(there) = there_are.filter(|_| memory.lacks()) {
            memory.fitting = Some(memory.fitting(model, on, there));
        }
        memory
    }

    /// Whether more devices are needed than available, even with the least that it may take.
    pub fn lacks(&self) -> bool {
        let least = self.devices_range.0;
        self.there_are.is_some_and(|there| there < least)
    }

    fn fitting(&self, model: &ModelDimensions, on: &Hardware, there: u32) -> FittingOptions {
        let usable = USABLE * on.memory_gigabytes * f64::from(there);
        let (weights, cache) = (self.weights_gigabytes, self.cache_gigabytes);
        let stored = |(weight_bits, cache_bits): &(u32, u32)| {
            let part = |bits: u32| f64::from(bits) / 16.0;
            weights * part(*weight_bits) + cache * part(*cache_bits) <= usable
        };
        let takes = |model: &ModelDimensions, length| {
            (model.weight_bytes() + model.cache_bytes(length)) / 1e9
        };
        // Halved until it fits, then closer: the cache grows with the length.
        let (mut fits, mut over) = (0, self.length.0);
        while over - fits > 1 {
            let middle = u32::midpoint(fits, over);
            match takes(model, Tokens(middle)) <= usable {
                true => fits = middle,
                false => over = middle,
            }
        }
        let length = Tokens(fits / LEAST * LEAST);
        let smaller = |size: &f64| {
            *size < model.parameters.max(model.total_parameters.unwrap_or(0.0))
                && takes(&ModelDimensions::of_size(*size), self.length) <= usable
        };
        FittingOptions {
            bits: BITS.into_iter().find(stored),
            devices: self.devices,
            length: (length.0 >= LEAST).then_some(length),
            parameters: SIZES.into_iter().rev().find(smaller),
        }
    }

    /// In words.
    pub fn says(&self) -> String {
        let exact = self.cache_range.0 == self.cache_range.1;
        let cache = match (exact, self.upper_bound) {
            (true, _) => format!("{:.1} GB of cache", self.cache_gigabytes),
            (false, true) => format!("at most {:.1} GB of cache", self.cache_range.1),
            (false, false) => format!(
                "about {:.1} GB of cache, {:.1} to {:.1},",
                self.cache_gigabytes, self.cache_range.0, self.cache_range.1
            ),
        };
        let devices = match self.devices_range {
            (low, high) if low == high => high.to_string(),
            (low, high) => format!("{low} to {high}"),
        };
        let bound = match self.upper_bound {
            true => {
                " This is an upper bound: in a model with linear attention or state-space layers, only the layers with full attention keep a cache that grows."
            }
            false => "",
        };
        let fits = self.fitting.as_ref().map_or_else(String::new, |fitting| {
            let there = self.there_are.unwrap_or_default();
            format!(
                " There {} only {there}, so it does not run at this length as it is. It would fit {}.",
                if there == 1 { "is" } else { "are" },
                fitting.says()
            )
        });
        format!(
            "Memory: {} tokens take {:.0} GB of weights and {cache} in 16 bits ({}): {devices} × {}.{bound}{fits}",
            length_text(self.length),
            self.weights_gigabytes.ceil(),
            self.shape,
            self.hardware
        )
    }
}

impl FittingOptions {
    /// In words, each way to fit, the mildest first.
    pub fn says(&self) -> String {
        let mut ways = Vec::new();
        match self.bits {
            Some((weights, 16)) => ways.push(format!("with its weights in {weights} bits")),
            Some((weights, cache)) => ways.push(format!(
                "with its weights in {weights} bits and its cache in {cache}"
            )),
            None => {}
        }
        ways.push(format!("on {} of these devices", self.devices));
        if let Some(length) = self.length {
            ways.push(format!(
                "with texts of up to {} tokens",
                length_text(length)
            ));
        }
        if let Some(size) = self.parameters {
            ways.push(format!(
                "as a smaller model, of about {}B parameters at most",
                size / 1e9
            ));
        }
        let none = match self.bits {
            Some(_) => "",
            None => "; weights and cache in 4 bits are still too large",
        };
        format!("{}{none}", ways.join("; or "))
    }
}

/// What the cache is computed from, in words.
fn shape(model: &ModelDimensions) -> String {
    let keys = match model.kv_width {
        Some(width) => format!("keys and values of {width} numbers each"),
        None => "the usual grouped keys".to_owned(),
    };
    let local = model.local.map_or_else(String::new, |local| {
        format!(
            ", {} more that look back {} tokens",
            local.layers, local.window
        )
    });
    let linear = match model.linear_layers {
        0 => String::new(),
        layers => format!(", {layers} more with a state of constant size that is not counted"),
    };
    let by = match (model.shape_by.as_str(), model.kv_width) {
        ("", Some(_)) => "as typed in",
        ("", None) => "an estimate from the model's size",
        (by, _) => by,
    };
    format!("{} layers{local}{linear}, {keys}; {by}", model.layers)
}
