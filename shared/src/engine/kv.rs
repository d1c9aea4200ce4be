//! How keys and values of earlier tokens are kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A format of keys and values: fewer bytes save memory and reading time for each new token,
/// at the cost of precision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KvFormat {
    /// 16 bits, 11 of them digits: up to 65,504.
    F16,
    /// 16 bits, 8 of them digits: as far as `f32`.
    Bf16,
    /// 32 bits, 24 of them digits.
    F32,
}

/// A word that names no format.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("keys and values are not kept in `{got}`, expected f16, bf16 or f32")]
pub struct UnknownKvFormat {
    got: String,
}

impl fmt::Display for KvFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::F32 => "f32",
        })
    }
}

impl FromStr for KvFormat {
    type Err = UnknownKvFormat;

    /// # Example
    /// ```
    /// use fathom_shared::engine::KvFormat;
    /// assert_eq!("bf16".parse(), Ok(KvFormat::Bf16));
    /// assert!("q8_0".parse::<KvFormat>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [Self::F16, Self::Bf16, Self::F32];
        let found = all.into_iter().find(|known| known.to_string() == text);
        found.ok_or_else(|| UnknownKvFormat {
            got: text.to_owned(),
        })
    }
}
