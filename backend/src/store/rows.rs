//! Rows of the tables and what they mean.

use fathom_shared::api::{NewRun, RunStatus, RunView};
use fathom_shared::run::Scored;
use fathom_shared::stats::Summary;
use fathom_shared::transcript::EngineInfo;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Claimed, StoreError};

/// A row of `runs`.
#[derive(sqlx::FromRow)]
pub(super) struct RunRow {
    pub(super) id: i64,
    order_json: String,
    status: String,
    error: Option<String>,
    engine_json: String,
    created_ms: i64,
}

impl RunRow {
    pub(super) fn order(&self) -> Result<NewRun, StoreError> {
        read(&self.order_json, || format!("the order of run {}", self.id))
    }

    fn engine(&self) -> Result<EngineInfo, StoreError> {
        read(&self.engine_json, || {
            format!("the engine of run {}", self.id)
        })
    }

    pub(super) fn status(&self) -> Result<RunStatus, StoreError> {
        status(&self.status).map_err(|source| StoreError::Unreadable {
            what: format!("the status of run {}", self.id),
            source,
        })
    }

    pub(super) fn claimed(&self) -> Result<Claimed, StoreError> {
        Ok(Claimed {
            id: self.id,
            order: self.order()?,
            engine: self.engine()?,
        })
    }

    pub(super) fn view(self, summary: Summary) -> Result<RunView, StoreError> {
        Ok(RunView {
            id: self.id,
            order: self.order()?,
            status: self.status()?,
            engine: self.engine()?,
            error: self.error,
            created_ms: self.created_ms,
            summary,
        })
    }
}

/// A row of `rows`.
#[derive(sqlx::FromRow)]
pub(super) struct SampleRow {
    run: i64,
    sample: i64,
    transcript_json: String,
    score_json: Option<String>,
}

impl SampleRow {
    pub(super) fn scored(&self) -> Result<Scored, StoreError> {
        let what = || format!("sample {} of run {}", self.sample, self.run);
        Ok(Scored {
            transcript: read(&self.transcript_json, what)?,
            score: match &self.score_json {
                Some(text) => Some(read(text, what)?),
                None => None,
            },
        })
    }
}

fn status(text: &str) -> Result<RunStatus, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
}

fn read<T: DeserializeOwned>(text: &str, what: impl Fn() -> String) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|source| StoreError::Unreadable {
        what: what(),
        source,
    })
}

/// The JSON of one of our own types.
pub(super) fn json<T: Serialize>(value: &T, what: &str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Unreadable {
        what: what.to_owned(),
        source,
    })
}
