//! Messages between the page and the reader worker.

use fathom_shared::api::{QuestionSet, QuestionView, WindowQuery};
use fathom_shared::longbench::LongBenchSetting;
use fathom_shared::longbench::viewer::{OutlinePart, SearchMatches, TextWindow, VisibleContext};
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{TaskSpec, longbench_v2};
use fathom_shared::text_source::TextSource;
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};

use super::{BuilderAsset, BuiltSample};

/// A question as it is put to a model.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct QuestionRequest {
    /// Its number in the set.
    pub(crate) number: u32,
    /// How.
    pub(crate) setting: LongBenchSetting,
    /// Whether the likeliest letter is taken instead of what the model writes.
    pub(crate) letters: bool,
    /// Prompt and answer together.
    pub(crate) length: Tokens,
    /// By the model's template or not.
    pub(crate) mode: PromptMode,
}

impl QuestionRequest {
    /// LongBench has no seed: its questions are what they are.
    const SEED: u32 = 0;

    /// The spec that it is a sample of.
    pub(crate) fn spec(setting: LongBenchSetting, letters: bool, length: Tokens) -> TaskSpec {
        let mut set = longbench_v2::options(setting);
        if letters {
            set.insert("answer".to_owned(), "letters".to_owned());
        }
        TaskSpec {
            set,
            ..TaskSpec::new(longbench_v2::ID, length, Self::SEED)
        }
    }
}

/// What is wanted of the reader.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReaderCall {
    /// Count with this piece, whose bytes are attached.
    Take {
        /// Which.
        piece: BuilderAsset,
    },
    /// The questions that come with the page.
    Samples,
    /// Those of a picked file, which is attached.
    Open {
        /// Its name.
        name: String,
    },
    /// One question of another's, whose row is attached as text.
    Row {
        /// Where it came from.
        source: TextSource,
        /// Its number there.
        number: u32,
    },
    /// A question without its text.
    View {
        /// Its number.
        number: u32,
    },
    /// Its row, text and all, for another reader.
    Text {
        /// Its number.
        number: u32,
    },
    /// Some lines of its text.
    Window {
        /// Its number.
        number: u32,
        /// Which lines.
        ask: WindowQuery,
    },
    /// Where words occur in its text.
    Find {
        /// Its number.
        number: u32,
        /// The words.
        words: String,
    },
    /// The parts of its text.
    Outline {
        /// Its number.
        number: u32,
    },
    /// What a model sees of its text.
    Seen {
        /// The question and how it is put.
        put: QuestionRequest,
    },
    /// The prompt.
    Build {
        /// The question and how it is put.
        put: QuestionRequest,
    },
}

/// To the reader.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct ToReader {
    /// The number of the call, which its answer repeats.
    pub(crate) ticket: u32,
    /// What is wanted.
    pub(crate) call: ReaderCall,
}

/// What the reader gives.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReaderReply {
    /// It is so now.
    Taken,
    /// The questions.
    Set(QuestionSet),
    /// One of them.
    View(QuestionView),
    /// A row, which is attached and put in here on arrival.
    Text(String),
    /// Lines.
    Window(TextWindow),
    /// Places.
    Found(SearchMatches),
    /// Parts.
    Outline(Vec<OutlinePart>),
    /// What a model sees.
    Seen(VisibleContext),
    /// A prompt; its text is attached.
    Built(Box<BuiltSample>),
}

/// From the reader.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromReader {
    /// It listens.
    Hello,
    /// A file is being read.
    Progress {
        /// Of the call.
        ticket: u32,
        /// Bytes that were read.
        done: u64,
        /// Bytes there are.
        of: u64,
    },
    /// What was wanted, or a sentence.
    Done {
        /// Of the call.
        ticket: u32,
        /// What came of it.
        outcome: Result<Box<ReaderReply>, String>,
    },
}
