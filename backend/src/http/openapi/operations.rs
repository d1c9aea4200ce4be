//! The documented operations: every endpoint of ours. `/v1` is documented by the APIs it follows.

use axum::http::StatusCode;
use fathom_shared::api::{
    EngineView, Health, ListPage, ModelList, NewRun, PriorityChange, QuestionSet, QuestionView,
    RowDetail, RowView, RunDetail, RunEstimate, RunEvent, RunView, paths,
};
use fathom_shared::longbench::LongBenchRow;
use fathom_shared::longbench::viewer::{OutlinePart, SearchMatches, TextWindow, VisibleContext};
use fathom_shared::results::ResultSet;
use schemars::generate::SchemaGenerator;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::data::models::KNOWN;
use crate::http::error::refusals;

/// A schema, kept among the components.
pub(super) type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// What a body, or a value behind the `?`, may be.
type SchemaValueFn = fn() -> Value;

pub(super) const JSON: &str = "application/json";

/// One method of one path.
pub(super) struct Operation {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    /// What it does.
    pub(super) summary: &'static str,
    /// What it takes, with an example.
    pub(super) body: Option<(SchemaFn, SchemaValueFn)>,
    /// Its query parameters.
    pub(super) query: &'static [(&'static str, SchemaValueFn)],
    /// Which of them are required.
    pub(super) required: &'static [&'static str],
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) answer: SchemaFn,
    /// Whether the answer has an `ETag`.
    pub(super) etag: bool,
    /// Whether the answer has no end that could be waited for.
    streaming: bool,
}

pub(super) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn text(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({"type": "string"})
}

/// Bytes have no schema.
fn bytes(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({})
}

pub(super) fn id() -> Value {
    json!({"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX})
}

pub(super) fn number() -> Value {
    json!({"type": "integer", "format": "uint32", "minimum": 0, "maximum": u32::MAX})
}

fn place() -> Value {
    json!({"type": "string", "pattern": r"^[0-9]{1,9}\.[0-9]{1,9}$", "example": "0.12"})
}

fn columns() -> Value {
    json!({"type": "integer", "format": "uint32", "minimum": 8, "maximum": 400})
}

fn looked_for() -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": 200, "example": "the"})
}

fn setting() -> Value {
    let pattern = "^(direct|cot|no-context|rag:[1-9][0-9]{0,2}|tail:[1-9][0-9]{0,8})$";
    json!({"type": "string", "pattern": pattern, "example": "direct"})
}

fn model() -> Value {
    json!({"type": "string", "example": KNOWN[0].id})
}

fn engine() -> Value {
    json!({"type": "string", "example": "candle-cpu"})
}

fn a_new_run() -> Value {
    json!({"order": {
        "grid": {
            "tasks": [{"task": "niah_single_1"}], "lengths": [512], "seeds": [42], "count": 1,
        },
        "model": KNOWN[0].id,
    }})
}

fn a_priority() -> Value {
    json!({"priority": 1})
}

impl Operation {
    fn get(path: &'static str, summary: &'static str, answer: SchemaFn) -> Self {
        Self {
            path,
            method: "get",
            summary,
            body: None,
            query: &[],
            required: &[],
            status: StatusCode::OK,
            kind: JSON,
            answer,
            etag: false,
            streaming: false,
        }
    }

    fn post(path: &'static str, summary: &'static str, answer: SchemaFn) -> Self {
        let method = "post";
        Self {
            method,
            ..Self::get(path, summary, answer)
        }
    }

    fn taking(self, body: SchemaFn, example: SchemaValueFn) -> Self {
        let body = Some((body, example));
        Self { body, ..self }
    }

    fn asking(self, query: &'static [(&'static str, SchemaValueFn)]) -> Self {
        Self { query, ..self }
    }

    fn needing(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    fn sending(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    fn etag(self) -> Self {
        let etag = true;
        Self { etag, ..self }
    }

    fn streaming(self) -> Self {
        let streaming = true;
        Self { streaming, ..self }
    }

    /// The statuses of its refusals, each once.
    pub(super) fn refusals(&self) -> Vec<StatusCode> {
        let stores = self.method == "post" && self.path != paths::RUN_ESTIMATE;
        let all = [
            (true, refusals::ANY),
            (self.path.contains('{'), refusals::NAMING),
            (!self.query.is_empty(), refusals::ASKING),
            (self.body.is_some(), refusals::TAKING),
            (stores, refusals::STORING),
            (self.path == paths::READY, refusals::PROBING),
            (!self.streaming, refusals::TIMED),
        ];
        let all = all.into_iter().filter(|(has, _)| *has);
        let mut all: Vec<_> = all.flat_map(|(_, statuses)| statuses).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// All of them.
pub(super) fn operations() -> Vec<Operation> {
    let run = of::<RunView>;
    vec![
        Operation::get(paths::HEALTH, "Whether the server is there", of::<Health>),
        Operation::get(paths::READY, "Whether it can be given work", of::<Health>),
        Operation::get(paths::METRICS, "Counts for Prometheus", text).sending("text/plain"),
        Operation::get(
            paths::MODELS,
            "The models it holds, and those that it cannot use",
            of::<ModelList>,
        ),
        Operation::get(paths::MODEL_FILE, "A model's GGUF file, with ranges", bytes)
            .sending("application/octet-stream")
            .streaming(),
        Operation::get(paths::ENGINES, "Who can answer", of::<Vec<EngineView>>),
        Operation::get(
            paths::QUESTIONS,
            "The questions of LongBench v2 without their texts",
            of::<QuestionSet>,
        )
        .etag(),
        Operation::get(
            paths::QUESTION,
            "One of them and where its evidence lies",
            of::<QuestionView>,
        ),
        Operation::get(
            paths::QUESTION_ROW,
            "It as a row of the dataset, with its text",
            of::<LongBenchRow<'static>>,
        ),
        Operation::get(
            paths::QUESTION_WINDOW,
            "Some lines of its text",
            of::<TextWindow>,
        )
        .asking(&[
            ("columns", columns),
            ("line", number),
            ("byte", number),
            ("lines", number),
        ])
        .needing(&["columns", "lines"]),
        Operation::get(
            paths::QUESTION_FIND,
            "Where words stand in its text",
            of::<SearchMatches>,
        )
        .asking(&[("q", looked_for)])
        .needing(&["q"]),
        Operation::get(
            paths::QUESTION_OUTLINE,
            "The parts of its text",
            of::<Vec<OutlinePart>>,
        ),
        Operation::get(
            paths::QUESTION_SEEN,
            "What a model sees of its text in a setting",
            of::<VisibleContext>,
        )
        .asking(&[
            ("setting", setting),
            ("length", number),
            ("model", model),
            ("engine", engine),
        ])
        .needing(&["setting", "length", "model", "engine"]),
        Operation {
            status: StatusCode::ACCEPTED,
            ..Operation::post(paths::RUNS, "Order a run", run).taking(of::<NewRun>, a_new_run)
        },
        Operation::get(
            paths::RUNS,
            "List runs, newest first",
            of::<ListPage<RunView>>,
        )
        .asking(&[("after", id), ("limit", number)])
        .etag(),
        Operation::post(
            paths::RUN_ESTIMATE,
            "What an order will take",
            of::<RunEstimate>,
        )
        .taking(of::<NewRun>, a_new_run),
        Operation::get(
            paths::RUN,
            "A run with what its cells come to",
            of::<RunDetail>,
        )
        .etag(),
        Operation::get(
            paths::RUN_RESULTS,
            "What a run came to, sample by sample",
            of::<ResultSet>,
        )
        .etag(),
        Operation::get(paths::RUN_ROWS, "A run's samples", of::<ListPage<RowView>>)
            .asking(&[("after", place), ("limit", number)])
            .etag(),
        Operation::get(
            paths::RUN_ROW,
            "One sample with prompt and answer",
            of::<RowDetail>,
        ),
        Operation::get(paths::RUN_EVENTS, "What happens to a run", of::<RunEvent>)
            .asking(&[("after", id)])
            .sending("text/event-stream")
            .streaming(),
        Operation::post(paths::RUN_CANCEL, "Stop a run", run),
        Operation::post(paths::RUN_PAUSE, "Take up no further sample", run),
        Operation::post(paths::RUN_RESUME, "Go on with a run", run),
        Operation::post(paths::RUN_RETRY, "Ask again where it has failures", run),
        Operation::post(paths::RUN_PRIORITY, "Change which run goes first", run)
            .taking(of::<PriorityChange>, a_priority),
    ]
}
