//! From GGUF metadata, and the tensors that some files keep factors in.

use super::{
    RopeConfig, RopeError, RopeScaling, YarnParameters, longrope_attention, yarn_attention,
};
use crate::model::config::ModelConfigError;
use crate::model::gguf::{Gguf, GgufValue};

const DIVIDED: &str = "rope_freqs.weight";
const LONG: &str = "rope_factors_long.weight";
const SHORT: &str = "rope_factors_short.weight";

impl RopeConfig {
    /// Reads a GGUF file's metadata for heads of `head_dim` values.
    ///
    /// # Errors
    /// Positions that are not understood, or factors that a mere header does not hold.
    pub fn from_gguf(gguf: &Gguf, head_dim: usize) -> Result<Self, ModelConfigError> {
        let read = GgufRopeReader { gguf };
        let dims = gguf.uint(&read.key("dimension_count"));
        let dims = dims.and_then(|dims| usize::try_from(dims).ok());
        let dims = dims.unwrap_or(head_dim);
        let base = read.number("freq_base")?.unwrap_or(10_000.0);
        let mut rope = Self::new(base, dims);
        // llama.cpp's: a factor without a kind is linear.
        let kind = gguf.str(&read.key("scaling.type")).unwrap_or("linear");
        let divided = read.factors(DIVIDED, dims / 2)?;
        let long = read.factors(LONG, dims / 2)?;
        rope.scaling = match (kind, divided, long) {
            ("none" | "longrope", None, Some(long)) => read.longrope(long, dims / 2)?,
            ("linear", None, Some(long)) if read.factor()? == 1.0 => {
                read.longrope(long, dims / 2)?
            }
            ("none", Some(factors), None) => RopeScaling::Divided { factors },
            ("linear", Some(factors), None) if read.factor()? == 1.0 => {
                RopeScaling::Divided { factors }
            }
            (kind, None, None) => read.scaling(kind)?,
            (kind, divided, _) => {
                let got = kind.to_owned();
                let tensor = if divided.is_some() { DIVIDED } else { LONG };
                return Err(RopeError::Both { got, tensor }.into());
            }
        };
        Ok(rope)
    }
}

struct GgufRopeReader<'a> {
    gguf: &'a Gguf,
}

impl GgufRopeReader<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.rope.{name}", self.gguf.architecture())
    }

    /// A number above 0, where the file has one.
    fn number(&self, name: &str) -> Result<Option<f64>, RopeError> {
        let key = self.key(name);
        let Some(said) = self.gguf.get(&key) else {
            return Ok(None);
        };
        match said {
            GgufValue::Float(number) if number.is_finite() && *number > 0.0 => Ok(Some(*number)),
            other => Err(RopeError::Value {
                key,
                got: match other {
                    GgufValue::Float(number) => number.to_string(),
                    GgufValue::Int(number) => format!("the whole number {number}"),
                    _ => "no number".to_owned(),
                },
                want: "a number above 0".to_owned(),
            }),
        }
    }

    /// How much longer the window is; llama.cpp takes 0 and nothing for 1.
    fn factor(&self) -> Result<f64, RopeError> {
        let said = ["scaling.factor", "scale_linear"]
            .into_iter()
            .find(|name| self.gguf.get(&self.key(name)).is_some());
        match said {
            Some(name) if self.gguf.float(&self.key(name)) != Some(0.0) => {
                Ok(self.number(name)?.unwrap_or(1.0))
            }
            _ => Ok(1.0),
        }
    }

    fn scaling(&self, kind: &str) -> Result<RopeScaling, RopeError> {
        Ok(match kind {
            "none" => RopeScaling::Default,
            "linear" => match self.factor()? {
                1.0 => RopeScaling::Default,
                factor => RopeScaling::Linear { factor },
            },
            "yarn" => {
                let factor = self.factor()?;
                RopeScaling::Yarn(YarnParameters {
                    factor,
                    original: self.original()?,
                    beta_fast: self.number("scaling.yarn_beta_fast")?.unwrap_or(32.0),
                    beta_slow: self.number("scaling.yarn_beta_slow")?.unwrap_or(1.0),
                    truncate: true,
                    // llama.cpp multiplies where Hugging Face replaces.
                    attention: yarn_attention(factor, 1.0)
                        * self.number("scaling.attn_factor")?.unwrap_or(1.0),
                })
            }
            got => {
                let got = got.to_owned();
                return Err(RopeError::Kind { got });
            }
        })
    }

    fn longrope(&self, long: Vec<f64>, pairs: usize) -> Result<RopeScaling, ModelConfigError> {
        let short = self.factors(SHORT, pairs)?;
        let key = SHORT.to_owned();
        let short = short.ok_or(RopeError::Missing { key })?;
        let original = self.original()?;
        let window = format!("{}.context_length", self.gguf.architecture());
        let window = self.gguf.uint(&window).unwrap_or(original as u64);
        let attention = longrope_attention(window as f64 / original as f64, original);
        Ok(RopeScaling::LongRope {
            short,
            long,
            original,
            attention: self.number("scaling.attn_factor")?.unwrap_or(attention),
        })
    }

    /// The window before the stretch, else the one that the file says.
    fn original(&self) -> Result<usize, RopeError> {
        let key = self.key("scaling.original_context_length");
        let window = format!("{}.context_length", self.gguf.architecture());
        let said = self.gguf.uint(&key).or_else(|| self.gguf.uint(&window));
        let original = said.filter(|tokens| *tokens > 0);
        let original = original.and_then(|tokens| usize::try_from(tokens).ok());
        original.ok_or(RopeError::Missing { key })
    }

    /// A number above 0 for each pair, where the file has this tensor.
    fn factors(&self, name: &str, pairs: usize) -> Result<Option<Vec<f64>>, ModelConfigError> {
        let Some(factors) = self.gguf.factors(name)? else {
            return Ok(None);
        };
        let usable = |factor: &f32| factor.is_finite() && *factor > 0.0;
        if factors.len() != pairs || !factors.iter().all(usable) {
            return Err(RopeError::Value {
                key: name.to_owned(),
                got: format!("{factors:?}").chars().take(60).collect(),
                want: format!("{pairs} numbers above 0, one for each pair"),
            }
            .into());
        }
        Ok(Some(
            factors.iter().map(|factor| f64::from(*factor)).collect(),
        ))
    }
}
