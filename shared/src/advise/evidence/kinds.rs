//! The choices a user makes.

use serde::{Deserialize, Serialize};

/// The article's five workloads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// Finding passages: document lookup, RAG, citations.
    DocumentLookup,
    /// One answer from many documents.
    MultiDocumentSynthesis,
    /// Contracts, literature: evidence weighed step by step.
    LegalScientific,
    /// Long documents unlike those it was trained on.
    DomainShifted,
    /// Reviews in which a miss does harm.
    SafetyCritical,
}

impl Workload {
    /// All of them, in the article's order.
    pub const ALL: [Self; 5] = [
        Self::DocumentLookup,
        Self::MultiDocumentSynthesis,
        Self::LegalScientific,
        Self::DomainShifted,
        Self::SafetyCritical,
    ];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::DocumentLookup => "document lookup",
            Self::MultiDocumentSynthesis => "multi-document synthesis",
            Self::LegalScientific => "legal or scientific analysis",
            Self::DomainShifted => "domain-shifted documents",
            Self::SafetyCritical => "safety-critical review",
        }
    }

    /// How far it has to reason. Source: the article's decision framework.
    pub fn depth(self) -> Depth {
        match self {
            Self::DocumentLookup => Depth::Low,
            Self::MultiDocumentSynthesis => Depth::Medium,
            Self::LegalScientific | Self::DomainShifted | Self::SafetyCritical => Depth::High,
        }
    }
}

/// How far conclusions must be drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Retrieval.
    Low,
    /// A few passages put together.
    Medium,
    /// Step by step.
    High,
}

/// Which errors can be borne.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// Some misses.
    SomeMisses,
    /// Not more than people make.
    HumanLevel,
    /// None.
    None,
}

/// What was already tried to lengthen the model's window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Adaptation {
    /// Nothing.
    None,
    /// Its positions were rescaled.
    Extended,
    /// Its pretraining was continued on long documents.
    Continued,
}

/// Long documents at hand to train on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Corpus {
    /// None.
    None,
    /// Some, of other kinds than the work's.
    General,
    /// Of the work's own kind.
    Domain,
}

/// How a question of LongBench v2 was asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// For a letter at once.
    Direct,
    /// With a chain of thought.
    Cot,
    /// Without the text.
    NoContext,
    /// With the text's end alone.
    TailOnly,
}

impl Reading {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Cot => "with a chain of thought",
            Self::NoContext => "without the text",
            Self::TailOnly => "with the text's end alone",
        }
    }
}
