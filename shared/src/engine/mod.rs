//! Which engine answers, and its positions.

mod kv; // storage formats of the KV cache
mod preflight; // checks made before a run's first prompt

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use kv::{KvFormat, UnknownKvFormat};
pub use preflight::{CheckStatus, Preflight, PreflightCheck, PreflightEstimate, PreflightPlan};
use serde::{Deserialize, Serialize};

/// An engine, by the name used in run specs, columns, addresses and on the command line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[serde(into = "String", try_from = "String")]
pub enum EngineKind {
    /// candle on the processor: `candle-cpu`.
    #[default]
    CandleCpu,
    /// candle on an NVIDIA device: `candle-cuda`.
    CandleCuda,
    /// Our compute shaders on whatever adapter there is: `wgpu`.
    Wgpu,
    /// An OpenAI-compatible server that the configuration names: `openai:ID`.
    Openai {
        /// The endpoint's id in the configuration.
        endpoint: String,
    },
}

/// Positions by the names of a Hugging Face `config.json` (`rope_type`, `rope_theta`, `factor`, …),
/// for a run that does not take the model's own. `kernels` reads and checks them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RopeParameters(pub BTreeMap<String, serde_json::Value>);

/// A word that names no engine.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{got}` is no engine; there are candle-cpu, candle-cuda, wgpu and openai:ID, where ID is an endpoint of the configuration"
)]
pub struct UnknownEngine {
    got: String,
}

impl EngineKind {
    /// Whether the model runs in fathom's own process.
    pub fn is_local(&self) -> bool {
        !matches!(self, Self::Openai { .. })
    }

    /// Whether a run may override the model's positions. An endpoint uses those that
    /// it was started with.
    pub fn takes_positions(&self) -> bool {
        self.is_local()
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CandleCpu => f.write_str("candle-cpu"),
            Self::CandleCuda => f.write_str("candle-cuda"),
            Self::Wgpu => f.write_str("wgpu"),
            Self::Openai { endpoint } => write!(f, "openai:{endpoint}"),
        }
    }
}

impl FromStr for EngineKind {
    type Err = UnknownEngine;

    /// # Example
    /// ```
    /// use fathom_shared::engine::EngineKind;
    /// let engine: EngineKind = "openai:vllm".parse()?;
    /// assert_eq!(engine, EngineKind::Openai { endpoint: "vllm".to_owned() });
    /// assert_eq!(engine.to_string(), "openai:vllm");
    /// # Ok::<(), fathom_shared::engine::UnknownEngine>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.strip_prefix("openai:")) {
            ("candle-cpu", _) => Ok(Self::CandleCpu),
            ("candle-cuda", _) => Ok(Self::CandleCuda),
            ("wgpu", _) => Ok(Self::Wgpu),
            (_, Some(endpoint)) if !endpoint.is_empty() => Ok(Self::Openai {
                endpoint: endpoint.to_owned(),
            }),
            _ => Err(UnknownEngine {
                got: text.to_owned(),
            }),
        }
    }
}

impl From<EngineKind> for String {
    fn from(engine: EngineKind) -> Self {
        engine.to_string()
    }
}

impl TryFrom<String> for EngineKind {
    type Error = UnknownEngine;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
