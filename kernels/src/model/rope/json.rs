//! How a model's own files say it.

use serde_json::{Map, Value as Json};

use super::{
    RopeConfig, RopeError, RopeScaling, YarnParameters, longrope_attention, yarn_attention,
};

/// What files and runs may say of positions, whatever the kind.
const KEYS: [&str; 19] = [
    "rope_type",
    "type",
    "rope_theta",
    "partial_rotary_factor",
    "factor",
    "original_max_position_embeddings",
    "max_position_embeddings",
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "mscale",
    "mscale_all_dim",
    "truncate",
    "short_factor",
    "long_factor",
    "low_freq_factor",
    "high_freq_factor",
    // Written by converters, and read by nobody.
    "finetuned",
    "rope_scaling_type",
];

impl RopeConfig {
    /// Reads Hugging Face's `config.json` for heads of `head_dim` values, as `transformers` 5.24
    /// does (`modeling_rope_utils.py`): `rope_scaling` beside `rope_theta`, else `rope_parameters`;
    /// the kind as `rope_type`, else as `type`. Where they are said for each type of layer, those of
    /// the type that all layers are of count.
    ///
    /// # Errors
    /// [`RopeError`].
    pub fn from_config(config: &Json, head_dim: usize) -> Result<Self, RopeError> {
        let said = |key: &str| {
            let said = config.get(key).filter(|value| !value.is_null())?;
            let empty = said.as_object().is_some_and(Map::is_empty);
            (!empty).then_some(said)
        };
        let mut places = ["rope_scaling", "rope_parameters"].into_iter();
        let said = places.find_map(|key| Some((key, said(key)?)));
        if let Some((key, said)) = said.filter(|(_, said)| !said.is_object()) {
            return Err(wrong(key, said, "an object"));
        }
        let said = said.map(|(_, said)| said);
        let none = Json::Null;
        let said = of_layers(config, said.unwrap_or(&none))?;
        if let Some(key) = unknown(said) {
            return Err(RopeError::Key { key });
        }
        let mut keys = ["rope_type", "type"].into_iter();
        let kind = keys.find_map(|key| said.get(key)?.as_str());
        let read = JsonRopeReader { said, config, kind };
        let share = read.number("partial_rotary_factor", Some(1.0))?;
        let dims = (head_dim as f64 * share) as usize;
        let mut rope = Self::new(read.number("rope_theta", Some(10_000.0))?, dims);
        if kind.is_none() && said.get("factor").is_some_and(|factor| !factor.is_null()) {
            let key = "rope_type".to_owned();
            return Err(RopeError::Missing { key });
        }
        rope.scaling = match kind.unwrap_or("default") {
            "default" | "none" => RopeScaling::Default,
            "linear" => RopeScaling::Linear {
                factor: read.factor()?,
            },
            "ntk" => RopeScaling::Ntk {
                factor: read.factor()?,
            },
            "dynamic" => RopeScaling::Dynamic {
                factor: read.factor()?,
                original: read.original()?,
            },
            "yarn" => RopeScaling::Yarn(read.yarn()?),
            "longrope" | "su" => read.longrope(dims / 2)?,
            "llama3" => RopeScaling::Llama3 {
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

/// What is said for the layers that there are, where it is said for each type of them.
fn of_layers<'a>(config: &Json, said: &'a Json) -> Result<&'a Json, RopeError> {
    let Some(parts) = said.as_object() else {
        return Ok(said);
    };
    let nested = |(_, part): (&String, &Json)| part.is_object();
    if !parts.iter().any(nested) {
        return Ok(said);
    }
    let layers = config.get("layer_types").and_then(Json::as_array);
    let layers = layers.into_iter().flatten().filter_map(Json::as_str);
    let mut types: Vec<&str> = layers.collect();
    types.sort_unstable();
    types.dedup();
    let layer = match types[..] {
        [] => "full_attention",
        [only] => only,
        _ => {
            let got = types.join("`, `");
            return Err(RopeError::Layers { got });
        }
    };
    let found = parts.get(layer).filter(|part| part.is_object());
    found.ok_or_else(|| RopeError::Missing {
        key: format!("rope_parameters.{layer}"),
    })
}

/// A key that says nothing to us: misspelt, or of a kind that we do not know.
fn unknown(said: &Json) -> Option<String> {
    let mut keys = said.as_object()?.keys();
    keys.find(|key| !KEYS.contains(&key.as_str())).cloned()
}

/// What is said of the positions, and what stands beside it.
struct JsonRopeReader<'a> {
    said: &'a Json,
    config: &'a Json,
    kind: Option<&'a str>,
}

impl JsonRopeReader<'_> {
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
        let [key, window] = [
            "original_max_position_embeddings",
            "max_position_embeddings",
        ];
        // Phi-3 says it beside the rest, and then that counts.
        let beside = self.config.get(key).filter(|value| !value.is_null());
        let beside = beside.filter(|_| !matches!(self.kind, Some("dynamic")));
        let found = beside.or_else(|| self.find(key)).map(|value| (key, value));
        let found = found.or_else(|| Some((window, self.find(window)?)));
        let Some((key, value)) = found else {
            let key = key.to_owned();
            return Err(RopeError::Missing { key });
        };
        let tokens = value
            .as_f64()
            .filter(|tokens| tokens.is_finite() && *tokens >= 1.0);
        let tokens = tokens.ok_or_else(|| wrong(key, value, "a window of at least 1 token"))?;
        Ok(tokens as usize)
    }

    fn yarn(&self) -> Result<YarnParameters, RopeError> {
        let original = self.original()?;
        // As DeepSeek V3 is read where it names no factor.
        let window = self.number("max_position_embeddings", Some(original as f64))?;
        let named = self.said.get("factor").is_some();
        let factor = match named {
            true => self.number("factor", Some(window / original as f64))?,
            false => self.factor()?,
        };
        // Python takes 0 for nothing said.
        let scale = |key: &str| match self.find(key) {
            Some(value) if value.as_f64() == Some(0.0) => Ok(None),
            Some(_) => self.number(key, None).map(Some),
            None => Ok(None),
        };
        let attention = match (scale("mscale")?, scale("mscale_all_dim")?) {
            (Some(one), Some(all)) => yarn_attention(factor, one) / yarn_attention(factor, all),
            _ => yarn_attention(factor, 1.0),
        };
        let truncate = self.find("truncate").and_then(Json::as_bool);
        Ok(YarnParameters {
            factor,
            original,
            beta_fast: scale("beta_fast")?.unwrap_or(32.0),
            beta_slow: scale("beta_slow")?.unwrap_or(1.0),
            truncate: truncate.unwrap_or(true),
            attention: self.number("attention_factor", Some(attention))?,
        })
    }

    fn longrope(&self, pairs: usize) -> Result<RopeScaling, RopeError> {
        let original = self.original()?;
        // Phi-3 names no factor: its window tells.
        let window = self.number("max_position_embeddings", Some(original as f64))?;
        let factor = self.number("factor", Some(window / original as f64))?;
        let attention = longrope_attention(factor, original);
        Ok(RopeScaling::LongRope {
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
