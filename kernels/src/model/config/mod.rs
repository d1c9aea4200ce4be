//! The numbers that shape a decoder of the llama family, from a GGUF file or a `config.json`.

mod gguf; // configuration from GGUF metadata
mod json; // configuration from Hugging Face's `config.json`
mod tensors; // names and shapes of a model's tensors
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value as Json, json};

use super::gguf::GgufError;
use super::rope::{RopeConfig, RopeError, RopeFileError, RopeScaling};

pub use tensors::hugging_face_name;

/// A model's sizes.
#[derive(Clone, PartialEq, Debug)]
pub struct ModelConfig {
    /// Which family.
    pub architecture: Architecture,
    /// Blocks.
    pub layers: usize,
    /// Values per token between the blocks.
    pub width: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; divides `heads`.
    pub kv_heads: usize,
    /// Values per head.
    pub head_dim: usize,
    /// Values inside the feed-forward part.
    pub ffn: usize,
    /// Tokens in the vocabulary.
    pub vocab: usize,
    /// Tokens it reads with these positions.
    pub context: usize,
    /// Added to the mean square before its root.
    pub norm_eps: f32,
    /// How far positions turn.
    pub rope: RopeConfig,
    /// Which values of a head turn together.
    pub pairs: RopePairing,
    /// Tokens that it read before any stretch.
    window: usize,
    tied: bool,
}

/// The families that we run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Architecture {
    /// Llama 2 and 3, SmolLM2, Mistral without its window.
    Llama,
    /// The same with biases on queries, keys and values.
    Qwen2,
    /// The same with queries and keys normed head by head.
    Qwen3,
}

impl Architecture {
    /// Every family.
    pub const ALL: [Self; 3] = [Self::Llama, Self::Qwen2, Self::Qwen3];

    /// The name in GGUF metadata and in `model_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
        }
    }

    fn find(name: &str) -> Result<Self, ModelConfigError> {
        let found = Self::ALL.into_iter().find(|known| known.name() == name);
        found.ok_or_else(|| ModelConfigError::Architecture {
            got: name.to_owned(),
            want: "`llama`, `qwen2` or `qwen3`",
        })
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which values of a head are turned as one pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RopePairing {
    /// Values 2i and 2i + 1: how GGUF files store llama.
    Neighbours,
    /// Values i and i + half: everything else.
    Halves,
}

/// Why a file is no model that we run.
#[derive(Debug, thiserror::Error)]
pub enum ModelConfigError {
    /// Another family.
    #[error("the model's architecture is `{got}`, expected {want}")]
    Architecture {
        /// What the file says.
        got: String,
        /// What would do.
        want: &'static str,
    },
    /// A number is missing.
    #[error("the model does not say `{key}`")]
    Missing {
        /// The metadata's key.
        key: String,
    },
    /// A number makes no sense.
    #[error("`{key}` is {got}, expected {want}")]
    Value {
        /// The metadata's key.
        key: String,
        /// What the file says.
        got: String,
        /// What would do.
        want: String,
    },
    /// Positions that are not understood.
    #[error(transparent)]
    Positions(#[from] RopeError),
    /// A tensor is missing.
    #[error("the model has no tensor `{name}`")]
    NoTensor {
        /// Its name, as files of this kind have it.
        name: String,
    },
    /// A tensor has another shape.
    #[error("tensor `{name}` has shape {got:?}, the model's numbers ask for {want:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape.
        got: Vec<usize>,
        /// The shape it should have.
        want: Vec<usize>,
    },
    /// One file of several.
    #[error(
        "the file is part {no} of {of} of a model, expected a whole one: `llama-gguf-split --merge` joins them"
    )]
    Part {
        /// Which one, from 1.
        no: u64,
        /// How many there are.
        of: u64,
    },
    /// The file itself.
    #[error(transparent)]
    Gguf(#[from] GgufError),
}

impl From<RopeFileError> for ModelConfigError {
    fn from(error: RopeFileError) -> Self {
        match error {
            RopeFileError::Positions(error) => Self::Positions(error),
            RopeFileError::Gguf(error) => Self::Gguf(error),
        }
    }
}

impl ModelConfig {
    /// The same model with other positions, by the names of a Hugging Face `config.json`. What they
    /// leave out, the base above all, is the model's own. Where they stretch the window by a
    /// `factor`, the context becomes that many times the original window; with `default`, the
    /// window before any stretch of the model's own.
    ///
    /// # Errors
    /// Positions that are not understood.
    pub fn with_rope(mut self, parameters: &Map<String, Json>) -> Result<Self, ModelConfigError> {
        let mut parameters = parameters.clone();
        let own = self.window;
        for (key, value) in [
            ("rope_theta", json!(self.rope.base)),
            ("original_max_position_embeddings", json!(own)),
        ] {
            let said = parameters.entry(key).or_insert(Json::Null);
            if said.is_null() {
                *said = value;
            }
        }
        let said = json!({
            "rope_parameters": parameters,
            "max_position_embeddings": self.context,
        });
        let dims = self.rope.dims;
        self.rope = RopeConfig::from_config(&said, self.head_dim)?;
        if self.rope.dims != dims {
            return Err(value(
                "partial_rotary_factor",
                &(self.rope.dims as f64 / self.head_dim as f64),
                "1: whole heads are turned",
            ));
        }
        let number = |key: &str| parameters.get(key).and_then(Json::as_f64);
        self.context = match (&self.rope.scaling, number("factor")) {
            (RopeScaling::Default, _) => own,
            (_, None) => self.context,
            (_, Some(factor)) => {
                let original = number("original_max_position_embeddings");
                stretched(original.unwrap_or(own as f64), factor)
            }
        };
        Ok(self)
    }

    /// Takes the window that the positions stretch the one before to. With YaRN a file may say the
    /// latter as its context, or the former; with linear and dynamic positions it says the latter
    /// (`transformers`, `rope_scaling` of the llama family).
    fn stretch(&mut self) {
        let before = self.rope.scaling.original().unwrap_or(self.context);
        let reach = match &self.rope.scaling {
            RopeScaling::Linear { factor } | RopeScaling::Dynamic { factor, .. } => *factor,
            RopeScaling::Yarn(yarn) => yarn.factor,
            _ => 1.0,
        };
        self.window = before;
        self.context = self.context.max(stretched(before as f64, reach));
    }

    /// Tokens that it read before its positions were stretched, where they are.
    pub fn unstretched(&self) -> Option<usize> {
        Some(self.window).filter(|window| *window < self.context)
    }

    /// Whether the embedding is the head as well.
    pub fn tied(&self) -> bool {
        self.tied
    }

    /// The tensor that turns the last state into logits.
    pub fn head(&self) -> &'static str {
        if self.tied {
            "token_embd.weight"
        } else {
            "output.weight"
        }
    }

    /// Whether queries, keys and values have biases.
    pub fn has_biases(&self) -> bool {
        self.architecture == Architecture::Qwen2
    }

    /// Whether queries and keys are normed head by head.
    pub fn norms_heads(&self) -> bool {
        self.architecture == Architecture::Qwen3
    }

    /// What holds for every model: heads that divide, and every tensor in its shape, which `shape`
    /// tells by its GGUF name.
    fn check(&self, shape: &dyn Fn(&str) -> Option<Vec<usize>>) -> Result<(), ModelConfigError> {
        if !self.heads.is_multiple_of(self.kv_heads) {
            let want = format!("a multiple of the {} key heads", self.kv_heads);
            return Err(value("attention.head_count", &self.heads, &want));
        }
        if !self.head_dim.is_multiple_of(2) {
            let want = "even: positions turn pairs";
            return Err(value("attention.key_length", &self.head_dim, want));
        }
        if self.rope.dims != self.head_dim {
            let want = format!("{}: whole heads are turned", self.head_dim);
            return Err(value("rope.dimension_count", &self.rope.dims, &want));
        }
        if !(self.norm_eps.is_finite() && self.norm_eps > 0.0) {
            let want = "a number above 0";
            return Err(value("rms_norm_eps", &self.norm_eps, want));
        }
        // The last block first: it says at once what is missing of a file that was cut.
        let last = format!("blk.{}.attn_norm.weight", self.layers - 1);
        if shape(&last).is_none() {
            return Err(ModelConfigError::NoTensor { name: last });
        }
        for (name, want) in self.each_tensor() {
            match shape(&name) {
                None => return Err(ModelConfigError::NoTensor { name }),
                Some(got) if got != want => {
                    return Err(ModelConfigError::Shape { name, got, want });
                }
                Some(_) => (),
            }
        }
        Ok(())
    }
}

/// No size of a model is beyond this.
const SIZES: u64 = 1 << 24;

/// A window of `original` tokens after its stretch: larger than any model's at most, and small
/// enough to multiply by.
fn stretched(original: f64, factor: f64) -> usize {
    ((factor * original).min(SIZES as f64) as usize).max(1)
}

/// A size: at least 1, and small enough to be one.
fn size(key: &str, number: Option<u64>) -> Result<usize, ModelConfigError> {
    let number = number.ok_or_else(|| missing(key))?;
    if !(1..=SIZES).contains(&number) {
        return Err(value(key, &number, "1 to 16777216"));
    }
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn missing(key: &str) -> ModelConfigError {
    ModelConfigError::Missing {
        key: key.to_owned(),
    }
}

fn value(key: &str, got: &dyn fmt::Display, want: &str) -> ModelConfigError {
    ModelConfigError::Value {
        key: key.to_owned(),
        got: got.to_string(),
        want: want.to_owned(),
    }
}
