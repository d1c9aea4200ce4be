//! Where a text came from.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where a text came from, as it stands in a sample's record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TextSource {
    /// What people call it.
    pub name: String,
    /// SHA-256 of the bytes that were read.
    pub sha256: String,
    /// Whether it is a stand-in that comes with Fathom, not the benchmark's own.
    pub bundled: bool,
}

impl TextSource {
    /// A file of the user's.
    pub fn file(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            sha256: hex::encode(Sha256::digest(bytes)),
            bundled: false,
        }
    }

    pub(crate) fn bundled(name: &str, text: &str) -> Self {
        Self {
            bundled: true,
            ..Self::file(name, text.as_bytes())
        }
    }
}
