//! Choices however people write them: `"STRING"`, `"multi-hop"`, `"Document lookup"`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{
    ErrorTolerance, LongBenchMode, PositionEncoding, PositionFixMethod, PriorAdaptation,
    ReasoningDepth, TrainingCorpus, WeightAccess, Workload,
};
use crate::published::plain_name;
use crate::task::RulerCategory;

/// A choice that stands in a file as a word.
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

    fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::of(&text).ok_or_else(|| {
            let known = Self::NAMES.iter();
            let known = known.filter_map(|(_, names)| names.first().copied());
            let known = known.collect::<Vec<_>>().join(", ");
            D::Error::custom(format!("got `{text}`, expected one of {known}"))
        })
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
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <Self as ChoiceWord>::read(from)
            }
        })*
    };
}

read! { Workload ReasoningDepth ErrorTolerance PriorAdaptation TrainingCorpus WeightAccess PositionEncoding LongBenchMode PositionFixMethod }
