//! `GET /api/openapi.json`: the API as an OpenAPI 3.1 document, made from the types on the wire.

use axum::Json;
use axum::http::StatusCode;
use fathom_shared::api::{
    EngineView, ErrorBody, Estimate, Health, ModelInfo, NewPriority, NewRun, Page, RowDetail,
    RowView, RunDetail, RunEvent, RunView, paths,
};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

pub(super) async fn show() -> Json<Value> {
    Json(document())
}

/// A schema, kept among the components.
type Shape = fn(&mut SchemaGenerator) -> Schema;

/// One method of one path.
struct Operation {
    path: &'static str,
    method: &'static str,
    /// What it does.
    summary: &'static str,
    body: Option<Shape>,
    /// What stands behind the `?`, with its type.
    query: &'static [(&'static str, &'static str)],
    status: StatusCode,
    kind: &'static str,
    answer: Shape,
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn text(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({"type": "string"})
}

const JSON: &str = "application/json";

impl Operation {
    fn get(path: &'static str, summary: &'static str, answer: Shape) -> Self {
        Self {
            path,
            method: "get",
            summary,
            body: None,
            query: &[],
            status: StatusCode::OK,
            kind: JSON,
            answer,
        }
    }

    fn post(path: &'static str, summary: &'static str, answer: Shape) -> Self {
        let method = "post";
        Self {
            method,
            ..Self::get(path, summary, answer)
        }
    }

    fn taking(self, body: Shape) -> Self {
        let body = Some(body);
        Self { body, ..self }
    }

    fn asking(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    fn as_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }
}

/// Every endpoint of ours; `/v1` is documented by those whose API it is.
fn operations() -> Vec<Operation> {
    let run = of::<RunView>;
    vec![
        Operation::get(paths::HEALTH, "Whether the server is there", of::<Health>),
        Operation::get(paths::READY, "Whether it can be given work", of::<Health>),
        Operation::get(paths::METRICS, "Counts for Prometheus", text).as_kind("text/plain"),
        Operation::get(paths::MODELS, "The models it holds", of::<Vec<ModelInfo>>),
        Operation::get(paths::MODEL_FILE, "A model's GGUF file, with ranges", text)
            .as_kind("application/octet-stream"),
        Operation::get(paths::ENGINES, "Who can answer", of::<Vec<EngineView>>),
        Operation {
            status: StatusCode::ACCEPTED,
            ..Operation::post(paths::RUNS, "Order a run", run).taking(of::<NewRun>)
        },
        Operation::get(paths::RUNS, "List runs, newest first", of::<Page<RunView>>)
            .asking(&[("after", "integer"), ("limit", "integer")]),
        Operation::post(
            paths::RUN_ESTIMATE,
            "What an order will take",
            of::<Estimate>,
        )
        .taking(of::<NewRun>),
        Operation::get(
            paths::RUN,
            "A run with what its cells come to",
            of::<RunDetail>,
        ),
        Operation::get(paths::RUN_ROWS, "A run's samples", of::<Page<RowView>>)
            .asking(&[("after", "string"), ("limit", "integer")]),
        Operation::get(
            paths::RUN_ROW,
            "One sample with prompt and answer",
            of::<RowDetail>,
        ),
        Operation::get(paths::RUN_EVENTS, "What happens to a run", of::<RunEvent>)
            .asking(&[("after", "integer")])
            .as_kind("text/event-stream"),
        Operation::post(paths::RUN_CANCEL, "Stop a run", run),
        Operation::post(paths::RUN_PAUSE, "Take up no further sample", run),
        Operation::post(paths::RUN_RESUME, "Go on with a run", run),
        Operation::post(paths::RUN_RETRY, "Ask again where it has failures", run),
        Operation::post(paths::RUN_PRIORITY, "Change which run goes first", run)
            .taking(of::<NewPriority>),
    ]
}

/// The document.
fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let error = of::<ErrorBody>(&mut generator);
    let mut listed = Map::new();
    for operation in operations() {
        let answer = (operation.answer)(&mut generator);
        let mut told = json!({
            "summary": operation.summary,
            "parameters": parameters(&operation),
            "responses": {
                operation.status.as_str(): {
                    "description": operation.summary,
                    "content": { operation.kind: { "schema": answer } },
                },
                "default": {
                    "description": "Why there is no such answer",
                    "content": { JSON: { "schema": error } },
                },
            },
        });
        if let Some(body) = operation.body {
            let schema = body(&mut generator);
            told["requestBody"] = json!({
                "required": true, "content": { JSON: { "schema": schema } },
            });
        }
        let at = listed.entry(operation.path).or_insert_with(|| json!({}));
        at[operation.method] = told;
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Fathom", "version": env!("CARGO_PKG_VERSION") },
        "paths": listed,
        "components": { "schemas": generator.take_definitions(true) },
    })
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let names = operation.path.split('{').skip(1);
    let names = names.filter_map(|part| part.split('}').next());
    let in_path = names.map(|name| {
        let kind = match (operation.path, name) {
            (paths::MODEL_FILE, _) => "string",
            _ => "integer",
        };
        json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}})
    });
    let in_query = operation.query.iter();
    let in_query =
        in_query.map(|(name, kind)| json!({"name": name, "in": "query", "schema": {"type": kind}}));
    in_path.chain(in_query).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of the API is a change of this file, seen by whoever reviews it.
    #[test]
    fn the_document_is_as_it_was() {
        insta::assert_json_snapshot!("openapi", document());
    }

    #[test]
    fn every_path_has_its_operation() {
        let listed = include_str!("../../../shared/src/api/paths.rs");
        let document = document();
        for line in listed.lines().filter(|line| line.starts_with("pub const")) {
            let path = line.split('"').nth(1).unwrap();
            // A browser's way in, not a program's.
            if path != paths::LOGIN && path != paths::OPENAPI {
                assert!(
                    document["paths"].get(path).is_some(),
                    "{path} is not documented"
                );
            }
        }
    }
}
