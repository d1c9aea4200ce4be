//! `GET /api/openapi.json`: the API as an OpenAPI 3.1 document, made from the types on the wire.
//!
//! Why no library writes it: `aide` (0.15.1) reads a handler's types, but nine of our handlers return
//! a bare `Response` (ETags, a stream, a file, metrics). It could replace the 100 lines of this file
//! that assemble the document. The 290 lines of `operations.rs` (refusals, ETags, ranges, examples)
//! would stay, as a table beside the router. `utoipa-axum` (0.3.0) needs a second derive, `ToSchema`,
//! on the 135 types of `shared` that already derive schemars' `JsonSchema`. Neither would change the
//! page's program: only the server writes the document.

mod operations; // the documented operations

use axum::Json;
use axum::http::StatusCode;
use fathom_shared::api::{ErrorBody, paths};
use schemars::Schema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use operations::{JSON, Operation, id, number, of, operations};

pub(super) async fn show() -> Json<Value> {
    Json(document())
}

/// The document.
fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let error = of::<ErrorBody>(&mut generator);
    let mut listed = Map::new();
    for operation in operations() {
        let mut told = json!({
            "summary": operation.summary,
            "parameters": parameters(&operation),
            "responses": responses(&operation, &error, &mut generator),
        });
        if let Some((body, example)) = operation.body {
            let (schema, example) = (body(&mut generator), example());
            told["requestBody"] = json!({
                "required": true, "content": { JSON: { "schema": schema, "example": example } },
            });
        }
        let at = listed.entry(operation.path).or_insert_with(|| json!({}));
        at[operation.method] = told;
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Fathom", "version": env!("CARGO_PKG_VERSION") },
        "paths": listed,
        // A server that only its own machine reaches wants none.
        "security": [{}, { "token": [] }],
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

/// What may come back, by status.
fn responses(operation: &Operation, error: &Schema, generator: &mut SchemaGenerator) -> Value {
    let answer = (operation.answer)(generator);
    let content = json!({ operation.kind: { "schema": answer } });
    let tag = json!({ "ETag": { "required": true, "schema": { "type": "string" } } });
    let mut all = Map::new();
    let mut add = |status: StatusCode, told: Value| all.insert(status.as_str().to_owned(), told);
    add(
        operation.status,
        json!({ "description": operation.summary, "content": content }),
    );
    for status in operation.refusals() {
        let why = status.canonical_reason().unwrap_or_default();
        add(
            status,
            json!({ "description": why, "content": { JSON: { "schema": error } } }),
        );
    }
    if operation.path == paths::MODEL_FILE {
        add(
            StatusCode::PARTIAL_CONTENT,
            json!({ "description": "The range asked for", "content": content }),
        );
        add(
            StatusCode::RANGE_NOT_SATISFIABLE,
            json!({ "description": "The file has no such range" }),
        );
    }
    if operation.etag {
        add(
            StatusCode::NOT_MODIFIED,
            json!({ "description": "As it was", "headers": tag }),
        );
        all[operation.status.as_str()]["headers"] = tag;
    }
    Value::Object(all)
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let names = operation.path.split('{').skip(1);
    let names = names.filter_map(|part| part.split('}').next());
    let in_path = names.map(|name| {
        let schema = match (operation.path, name) {
            (paths::MODEL_FILE, _) => json!({"type": "string"}),
            (path, _) if path.starts_with(paths::QUESTIONS) => number(),
            (_, "id") => id(),
            _ => number(),
        };
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    });
    let in_query = operation.query.iter();
    let in_query = in_query.map(|(name, schema)| {
        let required = operation.required.contains(name);
        json!({"name": name, "in": "query", "required": required, "schema": schema()})
    });
    let in_headers = match (operation.etag, operation.path) {
        (true, _) => Some("If-None-Match"),
        (_, paths::MODEL_FILE) => Some("Range"),
        _ => None,
    };
    let in_headers = in_headers.into_iter();
    let in_headers =
        in_headers.map(|name| json!({"name": name, "in": "header", "schema": {"type": "string"}}));
    in_path.chain(in_query).chain(in_headers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of the API changes this file, so a reviewer sees it.
    #[test]
    fn the_document_is_as_it_was() {
        insta::assert_json_snapshot!("openapi", document());
    }

    #[test]
    fn every_path_has_its_operation() {
        let listed = include_str!("../../../../shared/src/api/paths.rs");
        let document = document();
        for line in listed.lines().filter(|line| line.starts_with("pub const")) {
            let path = line.split('"').nth(1).unwrap();
            // The login is for browsers, not for programs.
            if path != paths::LOGIN && path != paths::OPENAPI {
                assert!(
                    document["paths"].get(path).is_some(),
                    "{path} is not documented"
                );
            }
        }
    }
}
