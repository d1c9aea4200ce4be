//! Enums for what a user can choose.

use serde::Serialize;

/// The article's five workloads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
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

    /// How much it has to reason. Source: the article's decision framework.
    pub fn depth(self) -> ReasoningDepth {
        match self {
            Self::DocumentLookup => ReasoningDepth::Low,
            Self::MultiDocumentSynthesis => ReasoningDepth::Medium,
            Self::LegalScientific | Self::DomainShifted | Self::SafetyCritical => {
                ReasoningDepth::High
            }
        }
    }
}

/// How much reasoning the work needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReasoningDepth {
    /// Retrieval.
    Low,
    /// A few passages combined.
    Medium,
    /// Step by step.
    High,
}

/// Which errors are acceptable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorTolerance {
    /// Some misses.
    SomeMisses,
    /// No more than people make.
    HumanLevel,
    /// None.
    None,
}

/// What was already tried to extend the model's window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PriorAdaptation {
    /// Nothing.
    None,
    /// Its positions were rescaled.
    Extended,
    /// Its pretraining was continued on long documents.
    Continued,
}

/// The long documents there are to train on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TrainingCorpus {
    /// None.
    None,
    /// Of other kinds than the work's.
    General,
    /// Of the work's own kind.
    Domain,
}

/// How a question of LongBench v2 was asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LongBenchMode {
    /// For a letter at once.
    Direct,
    /// With a chain of thought.
    Cot,
    /// Without the text.
    NoContext,
    /// With the text's end alone.
    TailOnly,
    /// With passages that a search found, in place of the whole text.
    Rag,
}

impl LongBenchMode {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Cot => "with a chain of thought",
            Self::NoContext => "without the text",
            Self::TailOnly => "with the text's end alone",
            Self::Rag => "with retrieved passages",
        }
    }
}

/// Whether the model's weights can be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WeightAccess {
    /// They can: the files are at hand.
    Open,
    /// They cannot: an API, or a licence that forbids it.
    Fixed,
}

/// How the model encodes the position of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PositionEncoding {
    /// Rotary embeddings, which YaRN, LongRoPE, STRING and dual chunk attention change.
    Rope,
    /// ALiBi: a penalty by distance.
    Alibi,
    /// None: a state-space model, or attention without positions.
    None,
}

/// A change of positions that needs no training.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PositionFixMethod {
    /// STRING: distant positions are replaced by well-trained ones.
    String,
    /// Dual chunk attention.
    DualChunk,
    /// YaRN without fine-tuning.
    Yarn,
    /// Position interpolation without fine-tuning.
    PositionInterpolation,
    /// NTK-aware scaling.
    Ntk,
    /// LongRoPE's factors without fine-tuning.
    LongRope,
    /// Another one.
    Other,
}

impl PositionFixMethod {
    /// All of them, those shown to work best first.
    pub const ALL: [Self; 7] = [
        Self::String,
        Self::DualChunk,
        Self::Yarn,
        Self::PositionInterpolation,
        Self::Ntk,
        Self::LongRope,
        Self::Other,
    ];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "STRING",
            Self::DualChunk => "dual chunk attention",
            Self::Yarn => "YaRN's scaling",
            Self::PositionInterpolation => "position interpolation",
            Self::Ntk => "NTK scaling",
            Self::LongRope => "LongRoPE's factors",
            Self::Other => "another position fix",
        }
    }
}
