//! Finds work for workers: runs with open samples, by the engine and model that can answer them.

use super::decode::{RunRow, unreadable};
use super::{QueuedRun, Store, StoreError};

/// Which runs to look for; by default all.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueFilter<'a> {
    /// Only this run.
    pub run: Option<i64>,
    /// Only runs of this engine, written as by [`EngineKind`](fathom_shared::engine::EngineKind).
    pub engine: Option<&'a str>,
    /// Only runs of this model.
    pub model: Option<&'a str>,
}

/// The runs that were found.
#[derive(Debug, Default)]
pub struct QueuedRuns {
    /// Sorted by priority, highest first, then by age, oldest first.
    pub jobs: Vec<QueuedRun>,
    /// Runs that cannot be read, and why.
    pub unreadable: Vec<(i64, String)>,
}

impl Store {
    /// Runs with a sample that matches the filter, at most `limit`. An unreadable run does not hide
    /// others.
    ///
    /// # Errors
    /// The database fails.
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

    /// Engine and model of the runs that are neither held nor finished: few pairs, however many
    /// runs there are.
    ///
    /// # Errors
    /// The database fails.
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
