//! Positions: how far each pair of a head's values is turned per token, plain or scaled to a longer
//! window. Candle and the shaders turn by the same numbers.

mod error; // errors of position settings
mod gguf; // positions from GGUF metadata
mod json; // positions from a `config.json`
#[cfg(test)]
mod tests;

use std::f64::consts::TAU;

pub use error::{RopeError, RopeFileError};

/// The turning of one model, as it was trained or as it is stretched.
#[derive(Clone, PartialEq, Debug)]
pub struct RopeConfig {
    /// Base of the frequencies, often called theta.
    pub base: f64,
    /// Values of a head that are turned, in pairs.
    pub dims: usize,
    /// How positions are stretched.
    pub scaling: RopeScaling,
}

/// How positions are stretched, by the names of Hugging Face's `rope_type`. `original` is the window
/// in tokens before the stretch; factors have no unit.
#[derive(Clone, PartialEq, Debug)]
pub enum RopeScaling {
    /// Not at all.
    Default,
    /// Position interpolation (Chen et al. 2023): every frequency divided by the factor.
    Linear {
        /// How much longer the window is.
        factor: f64,
    },
    /// NTK-aware (bloc97, 2023): a larger base.
    Ntk {
        /// How much longer the window is.
        factor: f64,
    },
    /// The same, growing with the text (emozilla, 2023).
    Dynamic {
        /// How fast it grows.
        factor: f64,
        /// Texts up to this length are not stretched.
        original: usize,
    },
    /// YaRN (Peng et al. 2023).
    Yarn(YarnParameters),
    /// LongRoPE (Ding et al. 2024): a factor for each pair, by the length of the text.
    LongRope {
        /// Divisors up to `original` tokens, one a pair.
        short: Vec<f64>,
        /// Divisors beyond.
        long: Vec<f64>,
        /// Up to this length the short ones hold.
        original: usize,
        /// Multiplies cosine and sine.
        attention: f64,
    },
    /// A factor for each pair, as GGUF files keep Llama 3.1's.
    Divided {
        /// Divisors, one a pair.
        factors: Vec<f64>,
    },
    /// Llama 3.1's.
    Llama3 {
        /// How much longer the window is.
        factor: f64,
        /// Wavelengths longer than `original / low` are stretched in full.
        low: f64,
        /// Wavelengths shorter than `original / high` are not.
        high: f64,
        /// The window before.
        original: usize,
    },
}

/// YaRN's parameters.
#[derive(Clone, PartialEq, Debug)]
pub struct YarnParameters {
    /// How much longer the window is.
    pub factor: f64,
    /// The window before.
    pub original: usize,
    /// Pairs that turn more often than this within `original` are not stretched; 32.
    pub beta_fast: f64,
    /// Pairs that turn less often than this are stretched in full; 1.
    pub beta_slow: f64,
    /// Whether the ramp between them begins and ends at whole pairs; it does.
    pub truncate: bool,
    /// Multiplies cosine and sine.
    pub attention: f64,
}

impl RopeScaling {
    /// The window before the stretch, where it is known.
    pub fn original(&self) -> Option<usize> {
        match self {
            Self::Default | Self::Linear { .. } | Self::Ntk { .. } | Self::Divided { .. } => None,
            Self::Yarn(yarn) => Some(yarn.original),
            Self::Dynamic { original, .. }
            | Self::LongRope { original, .. }
            | Self::Llama3 { original, .. } => Some(*original),
        }
    }
}

/// YaRN's attention factor for a stretch by `factor`.
///
/// # Formula
/// `0.1 · mscale · ln(factor) + 1`, and 1 without a stretch. Source: Peng et al. 2023, section 3.4.
pub fn yarn_attention(factor: f64, mscale: f64) -> f64 {
    if factor <= 1.0 {
        return 1.0;
    }
    0.1 * mscale * factor.ln() + 1.0
}

/// LongRoPE's attention factor for a stretch by `factor` of a window of `original` tokens.
///
/// # Formula
/// `√(1 + ln(factor) / ln(original))`, and 1 without a stretch. Source: Ding et al. 2024, section 3.
fn longrope_attention(factor: f64, original: usize) -> f64 {
    if factor <= 1.0 {
        return 1.0;
    }
    (1.0 + factor.ln() / (original as f64).ln()).sqrt()
}

impl RopeConfig {
    /// Not stretched.
    ///
    /// # Example
    /// ```
    /// use fathom_kernels::model::rope::{RopeConfig, RopeScaling};
    /// let mut rope = RopeConfig::new(10_000.0, 4);
    /// assert_eq!(rope.frequencies(1), [1.0, 0.01]);
    /// rope.scaling = RopeScaling::Linear { factor: 4.0 };
    /// assert_eq!(rope.frequencies(1), [0.25, 0.0025]);
    /// ```
    pub fn new(base: f64, dims: usize) -> Self {
        Self {
            base,
            dims,
            scaling: RopeScaling::Default,
        }
    }

    /// Radians per position of each pair, for a text of `length` tokens, which matters to
    /// [`RopeScaling::Dynamic`] and [`RopeScaling::LongRope`] alone.
    ///
    /// # Formula
    /// `f(i) = base^(−2i / dims)` for `i` in `0..dims / 2` (Su et al. 2021, section 3.2.2), then as
    /// `transformers` 5.23 has it in `modeling_rope_utils.py`:
    /// - linear: `f / factor`
    /// - NTK-aware: `base · factor^(dims / (dims − 2))` for the base
    /// - dynamic: `base · (factor · t / original − (factor − 1))^(dims / (dims − 2))` with
    ///   `t = max(length, original)`
    /// - YaRN: `f / factor · ramp + f · (1 − ramp)`, the ramp from the pair that turns `beta_fast`
    ///   times within `original` to the one that turns `beta_slow` times
    /// - divided: `f / factors[i]`
    /// - LongRoPE: `f / long` beyond `original`, else `f / short`
    /// - Llama 3: `f` where the wavelength is below `original / high`, `f / factor` where it is
    ///   above `original / low`, between them a mean by `(original / wavelength − low) / (high − low)`
    pub fn frequencies(&self, length: usize) -> Vec<f32> {
        let base = self.stretched_base(length);
        let pairs = self.dims / 2;
        let plain = (0..pairs).map(|pair| base.powf(-2.0 * pair as f64 / self.dims as f64));
        let scaled = plain.enumerate().map(|(pair, f)| match &self.scaling {
            RopeScaling::Default | RopeScaling::Ntk { .. } | RopeScaling::Dynamic { .. } => f,
            RopeScaling::Linear { factor } => f / factor,
            RopeScaling::Divided { factors } => f / factors.get(pair).copied().unwrap_or(1.0),
            RopeScaling::Yarn(yarn) => {
                let ramp = self.ramp(yarn, pair);
                f / yarn.factor * ramp + f * (1.0 - ramp)
            }
            RopeScaling::LongRope {
                short,
                long,
                original,
                ..
            } => {
                let by = if length > *original { long } else { short };
                f / by.get(pair).copied().unwrap_or(1.0)
            }
            RopeScaling::Llama3 {
                factor,
                low,
                high,
                original,
            } => {
                let turns = *original as f64 * f / TAU;
                let kept = ((turns - low) / (high - low)).clamp(0.0, 1.0);
                (1.0 - kept) * f / factor + kept * f
            }
        });
        scaled.map(|frequency| frequency as f32).collect()
    }

    /// What cosine and sine are multiplied by, so that scores get its square.
    pub fn attention(&self) -> f64 {
        match &self.scaling {
            RopeScaling::Yarn(yarn) => yarn.attention,
            RopeScaling::LongRope { attention, .. } => *attention,
            _ => 1.0,
        }
    }

    fn stretched_base(&self, length: usize) -> f64 {
        let dims = self.dims as f64;
        let by = match self.scaling {
            RopeScaling::Ntk { factor } => factor,
            RopeScaling::Dynamic { factor, original } => {
                let stretch = length.max(original) as f64 / original as f64;
                factor * stretch - (factor - 1.0)
            }
            _ => return self.base,
        };
        self.base * by.powf(dims / (dims - 2.0))
    }

    /// How much of the stretch YaRN gives a pair.
    fn ramp(&self, yarn: &YarnParameters, pair: usize) -> f64 {
        let dims = self.dims as f64;
        // The pair that turns so often within the window.
        let turning = |times: f64| {
            dims * (yarn.original as f64 / (times * TAU)).ln() / (2.0 * self.base.ln())
        };
        let (mut low, mut high) = (turning(yarn.beta_fast), turning(yarn.beta_slow));
        if yarn.truncate {
            (low, high) = (low.floor(), high.ceil());
        }
        let (low, mut high) = (low.max(0.0), high.min(dims - 1.0));
        if low >= high {
            high = low + 0.001;
        }
        ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0)
    }
}

/// Cosine and sine of every pair at the positions `from..from + count`, `(count, pairs)` of each
/// two, times `attention`. The angle is made in f64: at thousands of radians f32 has no digits left
/// for it.
pub fn rotations(frequencies: &[f32], attention: f64, from: usize, count: usize) -> Vec<[f32; 2]> {
    let angle = |position: usize, frequency: &f32| position as f64 * f64::from(*frequency);
    (from..from + count)
        .flat_map(|position| frequencies.iter().map(move |f| angle(position, f)))
        .map(|angle| [attention * angle.cos(), attention * angle.sin()].map(|part| part as f32))
        .collect()
}
