//! Which variant of each kernel runs on an adapter.

use serde::{Deserialize, Serialize};

/// How a kernel spreads its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelVariant {
    /// Each invocation by itself, in registers: processors that play an adapter.
    Register,
    /// Workgroups that share memory: graphics processors.
    Workgroup,
}

/// The faster variant of each kernel on one adapter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KernelTuning {
    /// The adapter's name.
    pub adapter: String,
    /// Products of many tokens.
    pub matmul: KernelVariant,
    /// Products of one token.
    pub matvec: KernelVariant,
    /// Attention of many tokens.
    pub attention: KernelVariant,
    /// Attention of a few, over slices of the keys.
    pub decode_attention: KernelVariant,
    /// Norms.
    pub rms_norm: KernelVariant,
}

impl KernelTuning {
    /// One variant for every kernel.
    pub fn all(adapter: &str, variant: KernelVariant) -> Self {
        Self {
            adapter: adapter.to_owned(),
            matmul: variant,
            matvec: variant,
            attention: variant,
            decode_attention: variant,
            rms_norm: variant,
        }
    }
}
