//! `GET /api/health`.

use axum::Json;
use fathom_shared::api::Health;

pub(super) async fn show() -> Json<Health> {
    Json(Health {
        name: "fathom".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
