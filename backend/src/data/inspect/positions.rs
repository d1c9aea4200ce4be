//! A model's positions, in words.

use std::fmt;

use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::rope::{RopeConfig, RopeScaling};
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::errors::chain;

/// What a model's files say of its positions.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ModelPositions {
    /// Rotary ones.
    Rotary {
        /// Base of the frequencies.
        base: f64,
        /// How they are stretched; nothing where they are not.
        stretch: Option<PositionStretch>,
    },
    /// Why they are not understood.
    Fault(String),
    /// Nothing.
    Unsaid,
}

/// How positions are stretched to a longer window.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct PositionStretch {
    /// The name, as in a `config.json`.
    pub kind: String,
    /// How much longer the window is, where one number says it.
    pub factor: Option<f64>,
    /// The window before that, if the file gives it.
    pub original: Option<Tokens>,
}

impl PositionStretch {
    /// The extended window, if a number gives it; `said` is the window in the file. It agrees with
    /// [`ModelConfig`] for models that run here.
    pub(super) fn window(&self, said: Tokens) -> Option<Tokens> {
        let reaches = matches!(self.kind.as_str(), "linear" | "dynamic" | "yarn");
        let factor = self.factor.filter(|factor| reaches && factor.is_finite())?;
        let before = f64::from(self.original.unwrap_or(said).0);
        // No window of a model is longer.
        Some(Tokens(
            (before * factor).clamp(0.0, f64::from(1 << 24)) as u32
        ))
    }
}

impl ModelPositions {
    /// Those of a GGUF file, whose numbers are `config` where an engine here runs it.
    pub(super) fn of_gguf(gguf: &Gguf, config: Option<&ModelConfig>) -> Self {
        let key = |name: &str| format!("{}.{name}", gguf.architecture());
        let size = |name: &str| gguf.uint(&key(name));
        let rotary = [
            "rope.freq_base",
            "rope.dimension_count",
            "rope.scaling.type",
        ];
        if config.is_none() && !rotary.iter().any(|name| gguf.get(&key(name)).is_some()) {
            return Self::Unsaid;
        }
        let share = || Some(size("embedding_length")? / size("attention.head_count")?.max(1));
        let head = size("attention.key_length").or_else(share);
        match config {
            Some(config) => Self::from(&config.rope),
            None => match RopeConfig::from_gguf(gguf, width(head)) {
                Ok(rope) => Self::from(&rope),
                Err(error) => Self::Fault(chain(&error)),
            },
        }
    }

    /// Those of a `config.json`.
    pub(super) fn of_folder(said: &Json, config: Option<&ModelConfig>) -> Self {
        let rotary = ["rope_theta", "rope_scaling", "rope_parameters"];
        if config.is_none() && !rotary.iter().any(|key| !said[*key].is_null()) {
            return Self::Unsaid;
        }
        let share = || {
            let heads = said["num_attention_heads"].as_u64()?.max(1);
            Some(said["hidden_size"].as_u64()? / heads)
        };
        let head = said["head_dim"].as_u64().or_else(share);
        match config {
            Some(config) => Self::from(&config.rope),
            None => match RopeConfig::from_config(said, width(head)) {
                Ok(rope) => Self::from(&rope),
                Err(error) => Self::Fault(error.to_string()),
            },
        }
    }
}

/// Values of a head; two where nothing says it, which matters to factors for each pair alone.
fn width(head: Option<u64>) -> usize {
    head.and_then(|head| usize::try_from(head).ok())
        .unwrap_or(2)
}

impl From<&RopeConfig> for ModelPositions {
    fn from(rope: &RopeConfig) -> Self {
        let (kind, factor) = match &rope.scaling {
            RopeScaling::Default => (None, None),
            RopeScaling::Linear { factor } => (Some("linear"), Some(*factor)),
            RopeScaling::Ntk { factor } => (Some("ntk"), Some(*factor)),
            RopeScaling::Dynamic { factor, .. } => (Some("dynamic"), Some(*factor)),
            RopeScaling::Yarn(yarn) => (Some("yarn"), Some(yarn.factor)),
            RopeScaling::LongRope { .. } => (Some("longrope"), None),
            // As converters write Llama 3's.
            RopeScaling::Divided { .. } => (Some("a factor for each pair, as of llama3"), None),
            RopeScaling::Llama3 { factor, .. } => (Some("llama3"), Some(*factor)),
        };
        let original = rope.scaling.original();
        let original = original.map(|n| Tokens(u32::try_from(n).unwrap_or(u32::MAX)));
        let stretch = kind.map(|kind| PositionStretch {
            kind: kind.to_owned(),
            factor,
            original,
        });
        let base = rope.base;
        Self::Rotary { base, stretch }
    }
}

impl fmt::Display for ModelPositions {
    /// Two lines: the base, and how it is stretched.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotary { base, stretch } => {
                writeln!(f, "rope base     {base}")?;
                match stretch {
                    None => write!(f, "rope scaling  none"),
                    Some(stretch) => write!(f, "rope scaling  {stretch}"),
                }
            }
            Self::Fault(why) => write!(f, "rope          not understood: {why}"),
            Self::Unsaid => write!(f, "rope          not said"),
        }
    }
}

impl fmt::Display for PositionStretch {
    /// `yarn, factor 4, from a window of 32768 tokens`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if let Some(factor) = self.factor {
            write!(f, ", factor {factor}")?;
        }
        if let Some(original) = self.original {
            write!(f, ", from a window of {original} tokens")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(said: &Json) -> String {
        ModelPositions::of_folder(said, None).to_string()
    }

    #[test]
    fn a_model_that_nobody_here_runs_has_its_positions_told() {
        let plain = json!({ "rope_theta": 1e6, "head_dim": 64 });
        assert_eq!(told(&plain), "rope base     1000000\nrope scaling  none");
        let yarn = json!({
            "max_position_embeddings": 131_072,
            "rope_parameters": { "rope_type": "yarn", "factor": 4.0, "rope_theta": 5e5,
                "original_max_position_embeddings": 32_768 },
        });
        assert_eq!(
            told(&yarn),
            "rope base     500000\nrope scaling  yarn, factor 4, from a window of 32768 tokens"
        );
        let other = json!({ "rope_scaling": { "rope_type": "spiral", "factor": 2.0 } });
        assert!(
            told(&other).contains("not understood: "),
            "{}",
            told(&other)
        );
        assert_eq!(
            told(&json!({ "n_positions": 1024 })),
            "rope          not said"
        );
    }
}
