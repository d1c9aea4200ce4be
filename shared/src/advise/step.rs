//! What can be done with a model, from keeping it to retraining.

use serde::{Deserialize, Serialize};

/// What can be done, cheapest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdaptationStep {
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
    /// Rescale its positions, with a short fine-tune.
    Extend,
    /// Continue its pretraining on long documents.
    ContinuePretraining,
    /// The same, and let it think before it answers.
    ContinueAndReason,
    /// Take another base model.
    SwitchModel,
    /// Train a new model.
    Retrain,
}

impl AdaptationStep {
    /// All of them, cheapest first.
    pub const ALL: [Self; 10] = [
        Self::Keep,
        Self::ReasonLonger,
        Self::Retrieve,
        Self::FixPositions,
        Self::MendShort,
        Self::Extend,
        Self::ContinuePretraining,
        Self::ContinueAndReason,
        Self::SwitchModel,
        Self::Retrain,
    ];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep the model",
            Self::ReasonLonger => "let it reason longer",
            Self::Retrieve => "retrieve passages instead of reading the whole text",
            Self::FixPositions => "try a position fix without training",
            Self::MendShort => "repair the loss on short texts, or roll the change back",
            Self::Extend => "extend the window",
            Self::ContinuePretraining => "continue pretraining",
            Self::ContinueAndReason => "continue pretraining and let it reason longer",
            Self::SwitchModel => "take another base model",
            Self::Retrain => "retrain",
        }
    }

    /// The step without thinking first: with continued pretraining, that is not a separate course.
    pub(super) fn course(self) -> Self {
        match self {
            Self::ContinueAndReason => Self::ContinuePretraining,
            other => other,
        }
    }

    /// Whether two steps are one course.
    pub(super) fn same(a: Option<Self>, b: Option<Self>) -> bool {
        a.map(Self::course) == b.map(Self::course)
    }

    /// The path of the article that it belongs to, on which weights are trained; `None` for the
    /// others.
    pub fn path(self) -> Option<Self> {
        match self {
            Self::Extend | Self::ContinuePretraining | Self::Retrain => Some(self),
            Self::ContinueAndReason => Some(Self::ContinuePretraining),
            Self::Keep
            | Self::ReasonLonger
            | Self::Retrieve
            | Self::FixPositions
            | Self::MendShort
            | Self::SwitchModel => None,
        }
    }
}
