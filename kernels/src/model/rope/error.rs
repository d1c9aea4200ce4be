//! What can be wrong with a model's positions.

use crate::model::gguf::GgufError;

/// Why a file's positions are not understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RopeError {
    /// A kind that we do not know; taking it for another would give fluent nonsense.
    #[error(
        "the positions are scaled by `{got}`, expected default, linear, ntk, dynamic, yarn, longrope or llama3"
    )]
    Kind {
        /// What the file says.
        got: String,
    },
    /// The same in a GGUF file's metadata, which knows fewer kinds.
    #[error(
        "the positions are scaled by `{got}`, expected none, linear, yarn or longrope, which a GGUF file may hold"
    )]
    MetadataKind {
        /// What the file says.
        got: String,
    },
    /// A key that says nothing to us; leaving it out could mean other positions.
    #[error(
        "the positions' `{key}` is not known, expected rope_type, rope_theta, factor, original_max_position_embeddings, attention_factor, beta_fast, beta_slow, mscale, mscale_all_dim, truncate, short_factor, long_factor, low_freq_factor, high_freq_factor or partial_rotary_factor"
    )]
    Key {
        /// The key.
        key: String,
    },
    /// The same in a GGUF file's metadata.
    #[error("the positions' `{key}` is not known here and may mean other positions")]
    Metadata {
        /// The key.
        key: String,
    },
    /// Layers of several types.
    #[error("the positions are said for layers of several types, `{got}`, expected one type")]
    Layers {
        /// The types.
        got: String,
    },
    /// Factors as a tensor beside a kind that has none.
    #[error("the positions are scaled by `{got}` and by the tensor `{tensor}` at once")]
    Both {
        /// What the file says.
        got: String,
        /// The tensor.
        tensor: &'static str,
    },
    /// A number is missing.
    #[error("the positions' `{key}` is missing")]
    Missing {
        /// Its key.
        key: String,
    },
    /// A number makes no sense.
    #[error("the positions' `{key}` is {got}, expected {want}")]
    Value {
        /// Its key.
        key: String,
        /// What the file says.
        got: String,
        /// What would do.
        want: String,
    },
}

/// Why the positions of a GGUF file are not understood.
#[derive(Debug, thiserror::Error)]
pub enum RopeFileError {
    /// What the metadata says of them.
    #[error(transparent)]
    Positions(#[from] RopeError),
    /// The file itself: the tensor of factors cannot be read.
    #[error(transparent)]
    Gguf(#[from] GgufError),
}
