//! Choices however people write them: `"STRING"`, `"multi-hop"`, `"Document lookup"`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{
    ErrorTolerance, LongBenchMode, PositionEncoding, PositionFixMethod, PriorAdaptation,
    ReasoningDepth, TrainingCorpus, WeightAccess, Workload,
};
use crate::longbench::LengthClass;
use crate::published::plain_name;
use crate::task::RulerCategory;

/// A word that is none of the choices.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("got `{got}`, expected one of {known}")]
pub struct UnknownChoice {
    /// The word.
    pub got: String,
    /// What it may be.
    pub known: String,
}

/// A choice that stands in a file, or behind an option, as a word.
pub(super) trait ChoiceWord: Copy + 'static {
    /// Each with its names; the first is the one that is written.
    const NAMES: &'static [(Self, &'static [&'static str])];

    /// The choice of a name, whatever its case, spaces, hyphens and underscores.
    fn of(text: &str) -> Option<Self> {
        let wanted = plain_name(text);
        let named = |names: &[&str]| names.iter().any(|name| plain_name(name) == wanted);
        let found = Self::NAMES.iter().find(|(_, names)| named(names));
        found.map(|(word, _)| *word)
    }

    /// The same, or the names that there are.
    fn named(text: &str) -> Result<Self, UnknownChoice> {
        Self::of(text).ok_or_else(|| {
            let known = Self::NAMES.iter();
            let known = known.filter_map(|(_, names)| names.first().copied());
            UnknownChoice {
                got: text.to_owned(),
                known: known.collect::<Vec<_>>().join(", "),
            }
        })
    }

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::named(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

macro_rules! words {
    ($($name:ident { $($word:ident: $first:literal $(| $other:literal)*,)* })*) => {
        $(impl ChoiceWord for $name {
            const NAMES: &'static [(Self, &'static [&'static str])] =
                &[$((Self::$word, &[$first $(, $other)*]),)*];
        })*
    };
}

words! {
    Workload {
        DocumentLookup: "document_lookup" | "lookup" | "retrieval",
        MultiDocumentSynthesis: "multi_document_synthesis" | "synthesis",
        LegalScientific: "legal_scientific" | "legal" | "scientific" | "legal_or_scientific",
        DomainShifted: "domain_shifted" | "domain_shift",
        SafetyCritical: "safety_critical" | "safety",
    }
    ReasoningDepth {
        Low: "low",
        Medium: "medium",
        High: "high",
    }
    ErrorTolerance {
        SomeMisses: "some_misses",
        HumanLevel: "human_level",
        None: "none",
    }
    PriorAdaptation {
        None: "none",
        Extended: "extended" | "extension",
        Continued: "continued" | "continued_pretraining",
    }
    TrainingCorpus {
        None: "none",
        General: "general",
        Domain: "domain",
    }
    WeightAccess {
        Open: "open",
        Fixed: "fixed" | "closed" | "api",
    }
    PositionEncoding {
        Rope: "rope" | "rotary",
        Alibi: "alibi",
        None: "none" | "nope",
    }
    LongBenchMode {
        Direct: "direct",
        Cot: "cot" | "chain_of_thought" | "thinking",
        NoContext: "no_context" | "without_the_text",
        TailOnly: "tail_only" | "tail",
        Rag: "rag" | "retrieved" | "passages",
    }
    PositionFixMethod {
        String: "string",
        DualChunk: "dual_chunk" | "dual_chunk_attention" | "dca",
        Yarn: "yarn",
        PositionInterpolation: "position_interpolation" | "pi" | "linear",
        Ntk: "ntk" | "ntk_aware" | "dynamic_ntk",
        LongRope: "long_rope",
        Other: "other",
    }
    LengthClass {
        Short: "short",
        Medium: "medium",
        Long: "long",
    }
    RulerCategory {
        SingleNeedle: "single_needle" | "needle" | "niah_single",
        MultiNeedle: "multi_needle" | "needles" | "niah_multi",
        MultiHop: "multi_hop" | "multi_hop_tracing" | "hops" | "vt" | "variable_tracking",
        Aggregation: "aggregation",
        QuestionAnswering: "question_answering" | "qa",
    }
}

macro_rules! read {
    ($($name:ident)*) => {
        $(
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    <Self as ChoiceWord>::read(from)
                }
            }

            impl std::str::FromStr for $name {
                type Err = UnknownChoice;

                fn from_str(text: &str) -> Result<Self, UnknownChoice> {
                    <Self as ChoiceWord>::named(text)
                }
            }
        )*
    };
}

read! { Workload ReasoningDepth ErrorTolerance PriorAdaptation TrainingCorpus WeightAccess PositionEncoding LongBenchMode PositionFixMethod }
