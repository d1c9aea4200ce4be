//! The numbers that shape a model of the llama family.

use super::gguf::{Gguf, GgufError};
use super::rope::{Rope, RopeError};

/// A model's sizes.
#[derive(Clone, PartialEq, Debug)]
pub struct Config {
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
    /// Tokens it was trained to read.
    pub context: usize,
    /// Added to the mean square before its root.
    pub norm_eps: f32,
    /// How far positions turn.
    pub rope: Rope,
    tied: bool,
}

/// Why a file is no model that we run.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Another family.
    #[error("the model's architecture is `{got}`, expected `llama`")]
    Architecture {
        /// What the file says.
        got: String,
    },
    /// A number is missing.
    #[error("the GGUF file does not say `{key}`")]
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
    /// Factors of positions as a tensor, which is not read yet.
    #[error("the model scales its positions by the tensor `{got}`, expected none")]
    Factors {
        /// The tensor.
        got: String,
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
    /// A tensor is missing.
    #[error(transparent)]
    Gguf(#[from] GgufError),
}

impl Config {
    /// Reads the numbers and checks that every tensor is there in its shape.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, ConfigError> {
        if gguf.architecture() != "llama" {
            let got = gguf.architecture().to_owned();
            return Err(ConfigError::Architecture { got });
        }
        let factors = ["rope_freqs.weight", "rope_factors_long.weight"];
        if let Some(got) = factors.iter().find(|name| gguf.info(name).is_ok()) {
            let got = (*got).to_owned();
            return Err(ConfigError::Factors { got });
        }
        let heads = uint(gguf, "llama.attention.head_count")?;
        let width = uint(gguf, "llama.embedding_length")?;
        let head_dim = match gguf.uint("llama.attention.key_length") {
            Some(_) => uint(gguf, "llama.attention.key_length")?,
            None => width / heads,
        };
        let kv_heads = match gguf.uint("llama.attention.head_count_kv") {
            Some(_) => uint(gguf, "llama.attention.head_count_kv")?,
            None => heads,
        };
        let vocab = gguf.info("token_embd.weight")?.shape[0];
        let epsilon = "llama.attention.layer_norm_rms_epsilon";
        let norm_eps = gguf.float(epsilon).ok_or_else(|| missing(epsilon))?;
        let config = Self {
            layers: uint(gguf, "llama.block_count")?,
            width,
            heads,
            kv_heads,
            head_dim,
            ffn: uint(gguf, "llama.feed_forward_length")?,
            vocab,
            context: uint(gguf, "llama.context_length")?,
            norm_eps: norm_eps as f32,
            rope: Rope::from_gguf(gguf, head_dim)?,
            tied: gguf.info("output.weight").is_err(),
        };
        config.check(gguf)?;
        Ok(config)
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

    /// Every tensor of the model with its shape, in the order of their use.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let (width, ffn) = (self.width, self.ffn);
        let queries = self.heads * self.head_dim;
        let keys = self.kv_heads * self.head_dim;
        let mut all = vec![("token_embd.weight".to_owned(), vec![self.vocab, width])];
        for layer in 0..self.layers {
            let parts = [
                ("attn_norm", vec![width]),
                ("attn_q", vec![queries, width]),
                ("attn_k", vec![keys, width]),
                ("attn_v", vec![keys, width]),
                ("attn_output", vec![width, queries]),
                ("ffn_norm", vec![width]),
                ("ffn_gate", vec![ffn, width]),
                ("ffn_up", vec![ffn, width]),
                ("ffn_down", vec![width, ffn]),
            ];
            all.extend(parts.map(|(part, shape)| (format!("blk.{layer}.{part}.weight"), shape)));
        }
        all.push(("output_norm.weight".to_owned(), vec![width]));
        if !self.tied {
            all.push(("output.weight".to_owned(), vec![self.vocab, width]));
        }
        all
    }

    fn check(&self, gguf: &Gguf) -> Result<(), ConfigError> {
        let multiple = |key: &str, got: usize, of: usize, want: &str| {
            if got.is_multiple_of(of) {
                return Ok(());
            }
            Err(ConfigError::Value {
                key: key.to_owned(),
                got: got.to_string(),
                want: want.to_owned(),
            })
        };
        let of_heads = format!("a multiple of the {} key heads", self.kv_heads);
        multiple(
            "llama.attention.head_count",
            self.heads,
            self.kv_heads,
            &of_heads,
        )?;
        multiple(
            "llama.attention.key_length",
            self.head_dim,
            2,
            "even: positions turn pairs",
        )?;
        if self.rope.dims != self.head_dim {
            return Err(ConfigError::Value {
                key: "llama.rope.dimension_count".to_owned(),
                got: self.rope.dims.to_string(),
                want: format!("{}: whole heads are turned", self.head_dim),
            });
        }
        // A file may claim more blocks than any tensor list could hold.
        if self.layers > gguf.tensors().len() {
            let name = format!("blk.{}.attn_norm.weight", self.layers - 1);
            return Err(GgufError::NoTensor(name).into());
        }
        for (name, want) in self.tensors() {
            let got = &gguf.info(&name)?.shape;
            if *got != want {
                let got = got.clone();
                return Err(ConfigError::Shape { name, got, want });
            }
        }
        Ok(())
    }
}

fn missing(key: &str) -> ConfigError {
    ConfigError::Missing {
        key: key.to_owned(),
    }
}

/// A size: at least 1, and small enough to be one.
fn uint(gguf: &Gguf, key: &str) -> Result<usize, ConfigError> {
    let number = gguf.uint(key).ok_or_else(|| missing(key))?;
    if !(1..=1 << 24).contains(&number) {
        return Err(ConfigError::Value {
            key: key.to_owned(),
            got: number.to_string(),
            want: "1 to 16777216".to_owned(),
        });
    }
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}
