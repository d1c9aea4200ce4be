//! Parses choices, however people write them: `"STRING"`, `"multi-hop"`, `"Document lookup"`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{
    ErrorTolerance, LongBenchMode, PositionEncoding, PositionFixMethod, PriorAdaptation,
    ReasoningDepth, TrainingCorpus, WeightAccess, Workload,
};
use crate::longbench::LengthClass;
use crate::published::plain_name;
use crate::task::RulerCategory;

/// A word that is not one of the choices.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("got `{got}`, expected one of {known}")]
pub struct UnknownChoice {
    /// The word.
    pub got: String,
    /// What it may be.
    pub known: String,
}

/// A choice that can be written as a word in a file or on the command line.
pub(super) trait ChoiceWord: Copy + 'static {
    /// Each choice with its names; the first name is the one that is written.
    const NAMES: &'static [(Self, &'static [&'static str])];

    /// Looks a choice up by one of its words, ignoring case, spaces, hyphens and underscores. Not `of`:
    /// an inherent function of that name, such as the one that knows tasks only, would hide it.
    fn of_word(text: &str) -> Option<Self> {
        listed(&plain_name(text))
    }

    /// The same; the error lists the known names.
    fn named(text: &str) -> Result<Self, UnknownChoice> {
        Self::of_word(text).ok_or_else(|| {
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

/// The choice that lists this plain name.
fn listed<T: ChoiceWord>(wanted: &str) -> Option<T> {
    let named = |names: &[&str]| names.iter().any(|name| plain_name(name) == wanted);
    let found = T::NAMES.iter().find(|(_, names)| named(names));
    found.map(|(word, _)| *word)
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
}

impl ChoiceWord for RulerCategory {
    const NAMES: &'static [(Self, &'static [&'static str])] = &[
        (Self::SingleNeedle, &["single_needle", "needle"]),
        (Self::MultiNeedle, &["multi_needle", "needles"]),
        (Self::MultiHop, &["multi_hop", "hops"]),
        (Self::Aggregation, &["aggregation"]),
        (Self::QuestionAnswering, &["question_answering"]),
    ];

    /// Also by its name in a sentence, and by what its tasks are called.
    fn of_word(text: &str) -> Option<Self> {
        let wanted = plain_name(text);
        let named = listed(&wanted).or_else(|| {
            let mut all = Self::ALL.into_iter();
            all.find(|category| plain_name(category.name()) == wanted)
        });
        named.or_else(|| category_of_tasks(&wanted))
    }
}

/// The category all of whose tasks, and no others, begin with `wanted` or are made by the script of
/// that name: `vt` and `variable_tracking`, `niah_single`, `qa`.
fn category_of_tasks(wanted: &str) -> Option<RulerCategory> {
    let called = |category: &RulerCategory| {
        wanted.len() > 1
            && category.tasks().all(|task| {
                let script = task.ruler_script().map(plain_name);
                plain_name(task.id()).starts_with(wanted) || script.as_deref() == Some(wanted)
            })
    };
    let mut found = RulerCategory::ALL.into_iter().filter(called);
    let first = found.next()?;
    found.next().is_none().then_some(first)
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
