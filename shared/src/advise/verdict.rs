//! The verdict: a step, with the figures that make it one of this model.

use serde::{Deserialize, Serialize};

use super::sentences::short;
use crate::tokens::Tokens;

/// The verdict.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Verdict {
    /// The evidence does not decide between several verdicts.
    Undecided,
    /// Keep the model as it is.
    Keep,
    /// Let it think before it answers.
    ReasonLonger,
    /// Give it retrieved passages instead of the whole text.
    Retrieve,
    /// Change how positions are computed, without training.
    FixPositions,
    /// Repair what an adaptation lost on short texts, or roll the adaptation back.
    MendShort,
    /// Rescale its positions.
    Extend {
        /// How.
        method: ExtensionMethod,
        /// The window that may be relied on.
        from: Tokens,
        /// The target.
        to: Tokens,
        /// Target divided by window.
        factor: f64,
    },
    /// Continue its pretraining on long documents.
    ContinuePretraining {
        /// Whether to let it think before it answers, too.
        reason_longer: bool,
    },
    /// Take another base model.
    SwitchModel,
    /// Train a new model.
    Retrain,
}

/// How positions are rescaled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExtensionMethod {
    /// Position interpolation: all frequencies by one factor.
    PositionInterpolation,
    /// YaRN: by frequency, with an attention temperature.
    Yarn,
    /// LongRoPE: searched factors, in stages.
    LongRope,
}

impl Verdict {
    /// What to do, in the imperative.
    pub fn sentence(self) -> String {
        match self {
            Self::Undecided => "measure more before deciding".to_owned(),
            Self::Keep => "keep the model as it is".to_owned(),
            Self::ReasonLonger => "let it reason longer at inference".to_owned(),
            Self::Retrieve => "retrieve passages instead of reading the whole text".to_owned(),
            Self::FixPositions => "try a position fix, without training".to_owned(),
            Self::MendShort => {
                "repair what was lost on short texts, or roll the change back".to_owned()
            }
            Self::Extend {
                method,
                from,
                to,
                factor,
            } => {
                format!(
                    "extend the window from {} to {} tokens by {} (factor {factor:.1})",
                    short(from),
                    short(to),
                    method.name()
                )
            }
            Self::ContinuePretraining {
                reason_longer: false,
            } => "continue pretraining on long documents".to_owned(),
            Self::ContinuePretraining {
                reason_longer: true,
            } => "continue pretraining on long documents and let it reason longer".to_owned(),
            Self::SwitchModel => "take another base model".to_owned(),
            Self::Retrain => "retrain".to_owned(),
        }
    }
}

impl ExtensionMethod {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PositionInterpolation => "position interpolation",
            Self::Yarn => "YaRN",
            Self::LongRope => "LongRoPE",
        }
    }
}
