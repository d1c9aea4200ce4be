//! Settings: how a question is asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tokens::Tokens;

/// One of the original's settings, or `tail`, which checks for a bias towards the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[derive(Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum LongBenchSetting {
    /// The text, the question, the answer: `direct`.
    #[default]
    Direct,
    /// Chain of thought: the model first thinks about the text, and answers in a second call that
    /// contains its thoughts instead of the text: `cot`.
    Cot,
    /// The question without its text: `no-context`. A right answer was known or guessed.
    NoContext,
    /// The best chunks of the text by BM25, in the order of the text: `rag:4`.
    Rag {
        /// How many chunks.
        top: u32,
    },
    /// The chunks of the text whose embeddings are closest to the question's, in the order of the
    /// text: `embed:4`. Needs an endpoint for embeddings.
    Embed {
        /// How many chunks.
        top: u32,
    },
    /// Only the end of the text: `tail:1024`. Scores close to `direct` show that answers lie at the
    /// end.
    Tail {
        /// How many tokens.
        tokens: Tokens,
    },
}

/// The error for a word that does not name a setting.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "`{got}` is not a setting; there are direct, cot, no-context, rag:N and embed:N (pieces, 1 to 1000) and tail:N (tokens)"
)]
pub struct UnknownSetting {
    got: String,
}

/// The number of chunks, if `rag` or `embed` is given without a number.
const TOP: u32 = 4;
/// The number of tokens, if `tail` is given without a number.
const TAIL: Tokens = Tokens(1024);

impl LongBenchSetting {
    /// The answer limit of each call, as in the original.
    pub fn rooms(self) -> &'static [Tokens] {
        match self {
            Self::Cot => &[Tokens(1024), Tokens(128)],
            _ => &[Tokens(128)],
        }
    }

    /// The suffix that the original appends to the model's name for its prediction files; for
    /// `tail`, our own suffix.
    pub fn suffix(self) -> String {
        match self {
            Self::Direct => String::new(),
            Self::Cot => "_cot".to_owned(),
            Self::NoContext => "_no_context".to_owned(),
            Self::Rag { top } => format!("_rag_{top}"),
            Self::Embed { top } => format!("_embed_{top}"),
            Self::Tail { tokens } => format!("_tail_{tokens}"),
        }
    }
}

impl fmt::Display for LongBenchSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::Cot => f.write_str("cot"),
            Self::NoContext => f.write_str("no-context"),
            Self::Rag { top } => write!(f, "rag:{top}"),
            Self::Embed { top } => write!(f, "embed:{top}"),
            Self::Tail { tokens } => write!(f, "tail:{tokens}"),
        }
    }
}

impl FromStr for LongBenchSetting {
    type Err = UnknownSetting;

    /// # Example
    /// ```
    /// use fathom_shared::longbench::LongBenchSetting;
    /// assert_eq!("rag".parse(), Ok(LongBenchSetting::Rag { top: 4 }));
    /// assert_eq!("rag:8".parse::<LongBenchSetting>()?.to_string(), "rag:8");
    /// assert!("rag:0".parse::<LongBenchSetting>().is_err());
    /// # Ok::<(), fathom_shared::longbench::UnknownSetting>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownSetting {
            got: text.to_owned(),
        };
        let number = |text: &str, most: u32| {
            let number = text.parse().ok().filter(|n| (1..=most).contains(n));
            number.ok_or_else(unknown)
        };
        match text.split_once(':') {
            None => match text {
                "direct" => Ok(Self::Direct),
                "cot" => Ok(Self::Cot),
                "no-context" => Ok(Self::NoContext),
                "rag" => Ok(Self::Rag { top: TOP }),
                "embed" => Ok(Self::Embed { top: TOP }),
                "tail" => Ok(Self::Tail { tokens: TAIL }),
                _ => Err(unknown()),
            },
            Some(("rag", top)) => number(top, 1000).map(|top| Self::Rag { top }),
            Some(("embed", top)) => number(top, 1000).map(|top| Self::Embed { top }),
            Some(("tail", tokens)) => number(tokens, u32::MAX).map(|tokens| Self::Tail {
                tokens: Tokens(tokens),
            }),
            Some(_) => Err(unknown()),
        }
    }
}

impl From<LongBenchSetting> for String {
    fn from(setting: LongBenchSetting) -> Self {
        setting.to_string()
    }
}

impl TryFrom<String> for LongBenchSetting {
    type Error = UnknownSetting;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
