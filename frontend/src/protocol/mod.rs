//! What the page and its workers say to each other: one enum per direction, sent as JSON, with at
//! most one thing beside it (a picked file, a model's header, a long text).

mod builder;
mod engine;
mod fault; // why there is no sample
mod page_runs; // what the page asks about runs of this browser
mod reader;
mod recording; // a run that comes with the page
pub(crate) mod results;
mod run_key; // a run by who keeps it

pub(crate) use builder::{
    AskedQuestion, BuildRequest, BuilderAsset, BuiltSample, FromBuilder, PrintedLine,
    SampleSummary, ToBuilder, TokenStarts,
};
pub(crate) use engine::{FromEngine, LoadStep, LoadedModel, ModelLocation, StoredModel, ToEngine};
pub(crate) use fault::{BuildError, FormField};
pub(crate) use page_runs::{LONGBENCH, PageRunCall, PageRunReply, RunAction};
pub(crate) use reader::{FromReader, QuestionRequest, ReaderCall, ReaderReply, ToReader};
pub(crate) use recording::{
    RECORDED_RESULTS, RECORDED_SAMPLES, RecordedCell, RecordedSample, Recording,
};
pub(crate) use run_key::RunKey;
