//! The rules that place and fit a sample.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::GenerateError;

/// The rules that place and fit a sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The original program's rules, byte for byte.
    #[default]
    Upstream,
    /// The original's text, with the evidence spread evenly over the depth of the context and at a
    /// different place in every sample. Each sample is independent, and fitting always ends.
    Stratified,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Upstream, Self::Stratified];

    /// The name in records, URLs and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Stratified => "stratified",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = GenerateError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| GenerateError::UnknownProfile {
            got: text.to_owned(),
        })
    }
}
