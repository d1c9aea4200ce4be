//! What workers look for: runs with open samples, by who can answer them.

use super::decode::{RunRow, unreadable};
use super::{QueuedRun, Store, StoreError};

/// Which runs are looked for; by default all.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueFilter<'a> {
    /// One run alone.
    pub run: Option<i64>,
    /// Those of an engine, as [`EngineKind`](fathom_shared::engine::EngineKind) writes it.
    pub engine: Option<&'a str>,
    /// Those of a model.
    pub model: Option<&'a str>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct QueuedRuns {
    /// The highest priority first, then the oldest.
    pub jobs: Vec<QueuedRun>,
    /// Runs that cannot be read, and why.
    pub unreadable: Vec<(i64, String)>,
}

impl Store {
    /// Runs that have a sample for whoever asks, at most `limit`. One that cannot be read hides no
    /// other.
    ///
    /// # Errors
    /// A failing database.
    pub async fn waiting(
        &self,
        wanted: QueueFilter<'_>,
        limit: u32,
    ) -> Result<QueuedRuns, StoreError> {
        let rows: Vec<RunRow> = sqlx::query_as(self.sql(
            "SELECT {run} FROM runs
             WHERE hold = '' AND error IS NULL AND answered + failed < asked
                 AND ($2 = 0 OR id = $2) AND ($3 = '' OR engine = $3) AND ($4 = '' OR model = $4)
                 AND (EXISTS (SELECT 1 FROM rows WHERE rows.run = runs.id AND state = 0)
                     OR EXISTS (SELECT 1 FROM rows WHERE rows.run = runs.id AND state = 1
                                AND lease_until_ms < {now}))
             ORDER BY priority DESC, id LIMIT $1",
        ))
        .bind(i64::from(limit))
        .bind(wanted.run.unwrap_or_default())
        .bind(wanted.engine.unwrap_or_default())
        .bind(wanted.model.unwrap_or_default())
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("look for work", e))?;
        let mut found = QueuedRuns::default();
        for row in rows {
            match row.job() {
                Ok(job) => found.jobs.push(job),
                Err(error) => found.unreadable.push((row.id(), unreadable(&error))),
            }
        }
        Ok(found)
    }

    /// Engine and model of the runs that are not held and have not ended: few, however many runs
    /// there are.
    ///
    /// # Errors
    /// A failing database.
    pub async fn waited_for(&self) -> Result<Vec<(String, String)>, StoreError> {
        sqlx::query_as(
            "SELECT DISTINCT engine, model FROM runs
             WHERE hold = '' AND error IS NULL AND answered + failed < asked",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("look for work", e))
    }
}
