//! Messages between the page and its workers: one enum per direction, sent as JSON, with at most one
//! attachment (a picked file, a model's header, a long text).

mod builder; // messages of the builder worker
mod engine; // messages of the engine worker
mod fault; // errors of sample building
mod page_runs; // messages about runs kept in this browser
mod reader; // messages of the reader worker
mod recording; // the recorded run that ships with the page
pub(crate) mod results; // messages of the results worker
mod run_key; // identifies a run by its keeper and number

#[cfg(feature = "worker")]
pub(crate) use builder::AskedQuestion;
pub(crate) use builder::{
    BuildRequest, BuilderAsset, BuiltSample, FromBuilder, PrintedLine, SampleSummary, ToBuilder,
    TokenStarts,
};
pub(crate) use engine::{
    EngineChoice, FromEngine, LoadStep, LoadedModel, ModelLocation, StoredModel, ToEngine,
};
pub(crate) use fault::{BuildError, FormField, fitting};
pub(crate) use page_runs::{
    AnswerSetup, EarlierAnswer, LONGBENCH, PageRunCall, PageRunReply, QuestionAnswer, RunAction,
};
pub(crate) use reader::{FromReader, QuestionRequest, ReaderCall, ReaderReply, ToReader};
pub(crate) use recording::{
    RECORDED_RESULTS, RECORDED_SAMPLES, RecordedCell, RecordedSample, Recording,
};
pub(crate) use run_key::RunKey;
