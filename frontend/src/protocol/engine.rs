//! Messages between the page and the engine worker.

use fathom_shared::api::{RunEvent, RunView};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::ScoredTranscript;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Completion, EngineInfo};
use serde::{Deserialize, Serialize};

use super::{BuiltSample, PageRunCall, PageRunReply, QuestionAnswer};

/// Where a model comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModelLocation {
    /// The browser's own storage.
    Stored {
        /// The file's hash.
        sha256: String,
    },
    /// Over HTTP.
    Url {
        /// The address.
        url: String,
        /// What to call it.
        name: String,
        /// Its hash, where it is known beforehand.
        sha256: Option<String>,
    },
    /// The attached file.
    File {
        /// Its name.
        name: String,
    },
}

/// What a model is to run on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EngineChoice {
    /// What reads faster, by a short measurement.
    #[default]
    Automatic,
    /// The adapter that the browser offers.
    Webgpu,
    /// The processor.
    Processor,
}

impl EngineChoice {
    /// All, in the order of the list.
    pub(crate) const ALL: [Self; 3] = [Self::Automatic, Self::Webgpu, Self::Processor];

    /// The word in the store and in the list.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Webgpu => "webgpu",
            Self::Processor => "processor",
        }
    }

    /// The choice of a word; of an unknown one the default.
    pub(crate) fn of(word: &str) -> Self {
        let found = Self::ALL.into_iter().find(|one| one.as_str() == word);
        found.unwrap_or_default()
    }
}

/// A model in the browser's storage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct StoredModel {
    /// What it is called.
    pub(crate) name: String,
    /// Its hash.
    pub(crate) sha256: String,
    /// Its size.
    pub(crate) size_bytes: u64,
}

/// A model that is ready.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct LoadedModel {
    /// Who answers.
    pub(crate) engine: EngineInfo,
    /// Why it is this engine, as a sentence.
    pub(crate) why: String,
    /// How many tokens it reads.
    pub(crate) context: Tokens,
    /// Whether its file has a chat template.
    pub(crate) has_template: bool,
    /// Its size.
    pub(crate) size_bytes: u64,
    /// How long the loading took.
    pub(crate) load_ms: f64,
}

impl LoadedModel {
    /// Why it cannot be asked in `mode`; nothing where it can.
    pub(crate) fn mode_fault(&self, mode: PromptMode) -> Option<String> {
        (mode == PromptMode::Chat && !self.has_template).then(|| {
            format!(
                "The file of {} has no chat template; turn off “Use the model\u{2019}s chat template”.",
                self.engine.model
            )
        })
    }
}

/// A step of loading a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoadStep {
    /// Until another tab has fetched its model.
    Wait,
    /// Over the network, into the storage.
    Fetch,
    /// From the storage into memory.
    Read,
    /// Onto the adapter.
    Upload,
}

/// To the worker that answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToEngine {
    /// Load a model in place of the one that is there.
    Load {
        /// From where.
        source: ModelLocation,
        /// What it is to run on.
        engine: EngineChoice,
    },
    /// Answer a sample that was built; its text is attached.
    Ask {
        /// The number of the call, which its answer repeats.
        ticket: u32,
        /// The sample with its prompt.
        built: Box<BuiltSample>,
    },
    /// Something about the runs that this browser keeps.
    Runs {
        /// The number of the call, which its answer repeats.
        ticket: u32,
        /// What is wanted.
        call: PageRunCall,
    },
    /// Stop loading or answering.
    Cancel,
    /// Delete a model from the storage.
    Forget {
        /// The file's hash.
        sha256: String,
    },
}

/// From the worker that answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromEngine {
    /// It listens.
    Hello,
    /// What the storage holds.
    Stored {
        /// The models, by name.
        models: Vec<StoredModel>,
    },
    /// The storage cannot be used.
    NoStorage {
        /// Why.
        message: String,
    },
    /// How far the loading is.
    Loading {
        /// The step.
        step: LoadStep,
        /// Bytes done.
        done: u64,
        /// Bytes in all, where that is known.
        of: Option<u64>,
    },
    /// The model is ready; its header is attached.
    Loaded {
        /// The model.
        model: LoadedModel,
    },
    /// The model is not ready.
    LoadFailed {
        /// The thing, what was got, what was expected.
        message: String,
        /// Whether someone stopped it.
        cancelled: bool,
    },
    /// The prompt is being read.
    Prefill {
        /// Of the prompt.
        ticket: u32,
        /// Tokens read.
        done: Tokens,
        /// Tokens in all.
        total: Tokens,
    },
    /// New text.
    Token {
        /// Of the prompt.
        ticket: u32,
        /// The text.
        text: String,
    },
    /// What was thought, which another call follows.
    Again {
        /// Of the prompt.
        ticket: u32,
        /// What the first call came to.
        thoughts: Box<Completion>,
    },
    /// The answer with its score, or why there is none.
    Done {
        /// Of the prompt.
        ticket: u32,
        /// What came.
        row: Box<ScoredTranscript>,
    },
    /// The model is gone, as when the device was lost.
    Unloaded,
    /// Every run that this browser keeps, the newest first.
    Runs {
        /// Without their rows.
        runs: Vec<RunView>,
    },
    /// Every answer to a question that was asked by itself, the oldest first.
    Answers {
        /// Rows of this browser's runs.
        answers: Vec<QuestionAnswer>,
    },
    /// An answer came, but is not kept.
    Unkept {
        /// Why.
        message: String,
    },
    /// Something happened to a run of this browser.
    RunEvent {
        /// Which run.
        id: i64,
        /// The event's number.
        seq: i64,
        /// What happened.
        event: RunEvent,
    },
    /// What was wanted of the runs of this browser.
    RunReply {
        /// Of the call.
        ticket: u32,
        /// What came of it, or a sentence.
        outcome: Result<Box<PageRunReply>, String>,
    },
}
