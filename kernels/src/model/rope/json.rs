//! How a model's own files say it.

use serde_json::Value as Json;

use super::{Rope, RopeError, Scaling, Yarn, longrope_attention, yarn_attention};

impl Rope {
    /// Reads Hugging Face's `config.json` for heads of `head_dim` values: `rope_parameters`, or
    /// `rope_scaling` beside `rope_theta`; the kind as `rope_type` or `type`.
    ///
    /// # Errors
    /// [`RopeError`].
    pub fn from_config(config: &Json, head_dim: usize) -> Result<Self, RopeError> {
        let said = |key: &str| config.get(key).filter(|value| !value.is_null());
        let said = said("rope_parameters").or_else(|| said("rope_scaling"));
        let none = Json::Null;
        let read = Reader {
            said: said.unwrap_or(&none),
            config,
        };
        let share = read.number("partial_rotary_factor", Some(1.0))?;
        let dims = (head_dim as f64 * share) as usize;
        let mut rope = Self::new(read.number("rope_theta", Some(10_000.0))?, dims);
        let mut keys = ["rope_type", "type"].into_iter();
        let kind = keys.find_map(|key| read.said.get(key)?.as_str());
        rope.scaling = match kind.unwrap_or("default") {
            "default" | "none" => Scaling::Default,
            "linear" => Scaling::Linear {
                factor: read.factor()?,
            },
            "ntk" => Scaling::Ntk {
                factor: read.factor()?,
            },
            "dynamic" => Scaling::Dynamic {
                factor: read.factor()?,
                original: read.original()?,
            },
            "yarn" => Scaling::Yarn(read.yarn()?),
            "longrope" | "su" => read.longrope(dims / 2)?,
            "llama3" => Scaling::Llama3 {
                factor: read.factor()?,
                low: read.number("low_freq_factor", None)?,
                high: read.number("high_freq_factor", None)?,
                original: read.original()?,
            },
            got => {
                let got = got.to_owned();
                return Err(RopeError::Kind { got });
            }
        };
        Ok(rope)
    }
}

/// What is said of the positions, and what stands beside it.
struct Reader<'a> {
    said: &'a Json,
    config: &'a Json,
}

impl Reader<'_> {
    fn find(&self, key: &str) -> Option<&Json> {
        let said = self.said.get(key).or_else(|| self.config.get(key));
        said.filter(|value| !value.is_null())
    }

    /// A number above 0.
    fn number(&self, key: &str, default: Option<f64>) -> Result<f64, RopeError> {
        let Some(value) = self.find(key) else {
            return default.ok_or_else(|| RopeError::Missing {
                key: key.to_owned(),
            });
        };
        let number = value.as_f64().filter(|n| n.is_finite() && *n > 0.0);
        number.ok_or_else(|| wrong(key, value, "a number above 0"))
    }

    fn factor(&self) -> Result<f64, RopeError> {
        self.number("factor", None)
    }

    /// The window before the stretch.
    fn original(&self) -> Result<usize, RopeError> {
        let keys = [
            "original_max_position_embeddings",
            "max_position_embeddings",
        ];
        let key = keys.into_iter().find(|key| self.find(key).is_some());
        let key = key.unwrap_or(keys[0]);
        match self.number(key, None)? {
            tokens if tokens >= 1.0 => Ok(tokens as usize),
            _ => {
                let got = self.find(key).unwrap_or(&Json::Null);
                Err(wrong(key, got, "a window of at least 1 token"))
            }
        }
    }

    fn yarn(&self) -> Result<Yarn, RopeError> {
        let factor = self.factor()?;
        let scale = |key: &str| self.find(key).map(|_| self.number(key, None)).transpose();
        let attention = match (scale("mscale")?, scale("mscale_all_dim")?) {
            (Some(one), Some(all)) => yarn_attention(factor, one) / yarn_attention(factor, all),
            _ => yarn_attention(factor, 1.0),
        };
        let truncate = self.find("truncate").and_then(Json::as_bool);
        Ok(Yarn {
            factor,
            original: self.original()?,
            beta_fast: self.number("beta_fast", Some(32.0))?,
            beta_slow: self.number("beta_slow", Some(1.0))?,
            truncate: truncate.unwrap_or(true),
            attention: self.number("attention_factor", Some(attention))?,
        })
    }

    fn longrope(&self, pairs: usize) -> Result<Scaling, RopeError> {
        let original = self.original()?;
        // Phi-3 names no factor: its window tells.
        let window = self.number("max_position_embeddings", Some(original as f64))?;
        let factor = self.number("factor", Some(window / original as f64))?;
        let attention = longrope_attention(factor, original);
        Ok(Scaling::LongRope {
            short: self.list("short_factor", pairs)?,
            long: self.list("long_factor", pairs)?,
            original,
            attention: self.number("attention_factor", Some(attention))?,
        })
    }

    /// A number above 0 for each pair.
    fn list(&self, key: &str, pairs: usize) -> Result<Vec<f64>, RopeError> {
        let Some(value) = self.find(key) else {
            return Err(RopeError::Missing {
                key: key.to_owned(),
            });
        };
        let numbers = value.as_array().into_iter().flatten();
        let numbers: Vec<f64> = numbers
            .filter_map(Json::as_f64)
            .filter(|number| number.is_finite() && *number > 0.0)
            .collect();
        if numbers.len() == pairs {
            return Ok(numbers);
        }
        Err(wrong(
            key,
            value,
            &format!("{pairs} numbers above 0, one for each pair"),
        ))
    }
}

fn wrong(key: &str, got: &Json, want: &str) -> RopeError {
    let mut got = got.to_string();
    if got.len() > 60 {
        let end = (0..=60).rev().find(|at| got.is_char_boundary(*at));
        got.truncate(end.unwrap_or(0));
        got.push('…');
    }
    RopeError::Value {
        key: key.to_owned(),
        got,
        want: want.to_owned(),
    }
}
