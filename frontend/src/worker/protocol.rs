//! What the page and its workers say to each other: one enum per direction, sent as JSON, with at
//! most one binary thing beside it (a picked file, a model's header).

use fathom_shared::prompt::{Prompt, PromptMode};
use fathom_shared::task::{GenerateError, OptionError, Sample, TaskSpec};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Outcome};
use serde::{Deserialize, Serialize};

/// What the page wants built.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The spec.
    pub(crate) spec: TaskSpec,
    /// Which of its samples.
    pub(crate) sample: u32,
    /// How it is put to the model.
    pub(crate) mode: PromptMode,
}

/// The field of the form that a refusal belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    /// The task.
    Task,
    /// The length.
    Length,
    /// The seed.
    Seed,
    /// The sample's number.
    Sample,
    /// How many samples the server runs.
    Count,
    /// Chat or completion.
    Mode,
    /// An option of the task, by name.
    Option(String),
}

/// Why there is no sample: a sentence, and the field to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// Where it belongs.
    pub(crate) field: Field,
    /// The sentence.
    pub(crate) message: String,
}

impl From<&GenerateError> for Fault {
    fn from(error: &GenerateError) -> Self {
        let field = match error {
            GenerateError::UnknownTask { .. } | GenerateError::UnknownProfile { .. } => Field::Task,
            GenerateError::Option(
                OptionError::Unknown { name, .. } | OptionError::Value { name, .. },
            ) => Field::Option(name.clone()),
            GenerateError::NameCollision { .. } => Field::Seed,
            GenerateError::NoSuchSample { .. } => Field::Sample,
            _ => Field::Length,
        };
        Self {
            field,
            message: error.to_string(),
        }
    }
}

/// A sample with the prompt made of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Built {
    /// What was ordered.
    pub(crate) order: Order,
    /// The sample.
    pub(crate) sample: Sample,
    /// The text that a model reads.
    pub(crate) prompt: Prompt,
    /// Its length with the template's special tokens.
    pub(crate) prompt_tokens: Tokens,
    /// Its SHA-256.
    pub(crate) prompt_hash: String,
    /// Whose tokenizer counted.
    pub(crate) tokenizer: String,
    /// How long it took.
    pub(crate) build_ms: f64,
}

/// To the worker that builds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum ToBuilder {
    /// Build this; the answer carries the ticket.
    Build {
        /// Tells answers apart.
        ticket: u32,
        /// What to build.
        order: Order,
    },
    /// From now on use the tokenizer and template of the GGUF header that comes along.
    UseHeader {
        /// The model's name.
        name: String,
    },
}

/// From the worker that builds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum FromBuilder {
    /// It listens.
    Hello,
    /// Another tokenizer is in use.
    Tokenizer {
        /// Whose.
        name: String,
    },
    /// The sample.
    Built {
        /// Of the order.
        ticket: u32,
        /// The sample.
        built: Box<Built>,
    },
    /// No sample.
    Refused {
        /// Of the order.
        ticket: u32,
        /// Why.
        fault: Fault,
    },
    /// It cannot work at all.
    Broken {
        /// Why.
        message: String,
    },
}

/// Where a model comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub(crate) enum Source {
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
    /// The file that comes along.
    File {
        /// Its name.
        name: String,
    },
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
    /// How many tokens it reads.
    pub(crate) context: Tokens,
    /// Its size.
    pub(crate) size_bytes: u64,
    /// How long the loading took.
    pub(crate) load_ms: f64,
}

/// A step of loading a model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LoadStep {
    /// Over the network, into the storage.
    Fetch,
    /// From the storage into memory.
    Read,
    /// Onto the adapter.
    Upload,
}

/// To the worker that answers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum ToEngine {
    /// Load a model in place of the one that is there.
    Load {
        /// From where.
        source: Source,
    },
    /// Complete a prompt.
    Generate {
        /// Tells answers apart.
        ticket: u32,
        /// The prompt, template included.
        prompt: String,
        /// Room for the answer.
        max_tokens: Tokens,
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
#[serde(rename_all = "snake_case", tag = "is")]
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
    /// The model is ready; its header comes along.
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
    /// The answer, or why there is none.
    Done {
        /// Of the prompt.
        ticket: u32,
        /// The prompt's length, where it came that far.
        prompt_tokens: Option<Tokens>,
        /// What came.
        outcome: Outcome,
        /// Whether the model is gone with it, as when the device was lost.
        unloaded: bool,
    },
}
