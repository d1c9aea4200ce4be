//! Creates, lists, pauses, resumes and cancels runs.

use fathom_shared::api::{RunSpec, RunView};
use fathom_shared::run::{AnswerPace, RunGrid};
use fathom_shared::transcript::EngineInfo;

use super::decode::{RunRow, json, plain};
use super::{Store, StoreError};
use crate::errors::sentence;

/// Totals over all runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, sqlx::FromRow)]
pub struct RunTotals {
    /// Number of runs.
    pub runs: i64,
    /// Runs with open samples that are not held.
    pub unfinished: i64,
    /// Samples requested.
    pub asked: i64,
    /// Samples with a completion.
    pub answered: i64,
    /// Samples with a failure.
    pub failed: i64,
    /// Prompt tokens read.
    pub prompt_tokens: i64,
    /// Answer tokens written.
    pub answer_tokens: i64,
    /// Milliseconds that engines were busy.
    pub busy_ms: i64,
}

/// The parts of a run that change without a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunStanding {
    /// The number of the last event.
    pub seq: i64,
    /// Whether a worker is answering one of its samples; this has no event number.
    pub leased: bool,
}

impl Store {
    /// Stores a new run with all its samples, open.
    ///
    /// # Errors
    /// The disk is full or the database fails; then nothing is stored.
    pub async fn add_run(
        &self,
        run_spec: &RunSpec,
        priority: i32,
        engine: &EngineInfo,
    ) -> Result<i64, StoreError> {
        let doing = |e| self.fault("keep a run", e);
        let RunGrid { first, count, .. } = run_spec.grid;
        let mut tx = self.begin().await?;
        let id: i64 = sqlx::query_scalar(self.sql(
            "INSERT INTO runs (order_json, engine, model, engine_json, priority, created_ms, asked)
             VALUES ($1, $2, $3, $4, $5, {now}, $6) RETURNING id",
        ))
        .bind(json(run_spec, "the run spec")?)
        .bind(plain(&run_spec.engine.to_string()))
        .bind(plain(&run_spec.model))
        .bind(json(engine, "the engine")?)
        .bind(i64::from(priority))
        .bind(i64::from(run_spec.grid.asked()))
        .fetch_one(&mut *tx)
        .await
        .map_err(doing)?;
        sqlx::query(self.sql(
            "INSERT INTO rows (run, cell, sample)
             WITH RECURSIVE
                 cells (cell) AS (SELECT CAST(0 AS BIGINT) UNION ALL
                     SELECT cell + 1 FROM cells WHERE cell + 1 < $2),
                 samples (sample) AS (SELECT CAST($3 AS BIGINT) UNION ALL
                     SELECT sample + 1 FROM samples WHERE sample + 1 < $4)
             SELECT CAST($1 AS BIGINT), cell, sample FROM cells, samples",
        ))
        .bind(id)
        .bind(i64::try_from(run_spec.grid.len()).unwrap_or(i64::MAX))
        .bind(i64::from(first))
        .bind(i64::from(first) + i64::from(count))
        .execute(&mut *tx)
        .await
        .map_err(doing)?;
        tx.commit().await.map_err(doing)?;
        Ok(id)
    }

    /// Runs before `before`, newest first, at most `limit`. A run whose spec cannot be read is
    /// listed too, with an error that says so.
    ///
    /// # Errors
    /// The database fails.
    pub async fn runs(&self, before: Option<i64>, limit: u32) -> Result<Vec<RunView>, StoreError> {
        let rows: Vec<RunRow> = sqlx::query_as(
            self.sql("SELECT {run} FROM runs WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault("list the runs", e))?;
        Ok(rows.into_iter().map(RunRow::view).collect())
    }

    /// One run, for display: if its spec cannot be read, the run counts as failed, says why, and
    /// has as much of the spec as can be recovered.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], or a failing database.
    pub async fn view(&self, id: i64) -> Result<RunView, StoreError> {
        Ok(self.row_of(id).await?.view())
    }

    /// One run, to work with.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a failing database, or an unreadable run.
    pub async fn run(&self, id: i64) -> Result<RunView, StoreError> {
        let row = self.row_of(id).await?;
        row.job()?;
        Ok(row.view())
    }

    /// Whether someone cancelled a run.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], or a failing database.
    pub async fn is_cancelled(&self, id: i64) -> Result<bool, StoreError> {
        let hold: Option<String> = sqlx::query_scalar("SELECT hold FROM runs WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| self.fault("read whether a run continues", e))?;
        let hold = hold.ok_or(StoreError::NoSuchRun { id })?;
        Ok(hold == "cancelled")
    }

    async fn row_of(&self, id: i64) -> Result<RunRow, StoreError> {
        let row: Option<RunRow> = sqlx::query_as(self.sql("SELECT {run} FROM runs WHERE id = $1"))
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| self.fault("read a run", e))?;
        row.ok_or(StoreError::NoSuchRun { id })
    }

    /// The number of a run's last event: a cheap query.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], or a failing database.
    pub async fn seq(&self, id: i64) -> Result<i64, StoreError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT seq FROM runs WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| self.fault("read how far a run is", e))?;
        seq.ok_or(StoreError::NoSuchRun { id })
    }

    /// The number of a run's last event, and whether a worker is answering it: a cheap query.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], or a failing database.
    pub async fn standing(&self, id: i64) -> Result<RunStanding, StoreError> {
        let row: Option<(i64, i64)> =
            sqlx::query_as(self.sql("SELECT seq, {leased} FROM runs WHERE id = $1"))
                .bind(id)
                .fetch_optional(&self.pool)
                .await
                .map_err(|e| self.fault("read how a run stands", e))?;
        let (seq, leased) = row.ok_or(StoreError::NoSuchRun { id })?;
        Ok(RunStanding {
            seq,
            leased: leased > 0,
        })
    }

    /// The latest run with exactly this spec that is not done, whatever stopped it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unfinished(&self, run_spec: &RunSpec) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(
            "SELECT id FROM runs WHERE order_json = $1 AND answered + failed < asked
             ORDER BY id DESC LIMIT 1",
        )
        .bind(json(run_spec, "the run spec")?)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault("look for an unfinished run", e))
    }

    /// The first run with exactly this spec that is not done.
    ///
    /// # Errors
    /// The database fails.
    pub async fn first_unfinished(&self, run_spec: &RunSpec) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(
            "SELECT id FROM runs WHERE order_json = $1 AND answered + failed < asked
             ORDER BY id LIMIT 1",
        )
        .bind(json(run_spec, "the run spec")?)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault("look for an unfinished run", e))
    }

    /// Totals over all runs.
    ///
    /// # Errors
    /// The database fails.
    pub async fn totals(&self) -> Result<RunTotals, StoreError> {
        sqlx::query_as(
            "SELECT COUNT(*) AS runs,
                 CAST(COALESCE(SUM(CASE WHEN hold = '' AND error IS NULL
                     AND answered + failed < asked THEN 1 ELSE 0 END), 0) AS BIGINT) AS unfinished,
                 CAST(COALESCE(SUM(asked), 0) AS BIGINT) AS asked,
                 CAST(COALESCE(SUM(answered), 0) AS BIGINT) AS answered,
                 CAST(COALESCE(SUM(failed), 0) AS BIGINT) AS failed,
                 CAST(COALESCE(SUM(prompt_tokens), 0) AS BIGINT) AS prompt_tokens,
                 CAST(COALESCE(SUM(answer_tokens), 0) AS BIGINT) AS answer_tokens,
                 CAST(COALESCE(SUM(busy_ms), 0) AS BIGINT) AS busy_ms
             FROM runs",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|e| self.fault("count what there is", e))
    }

    /// What earlier answers of a model on an engine took.
    ///
    /// # Errors
    /// A failing database.
    pub async fn history(&self, engine: &str, model: &str) -> Result<AnswerPace, StoreError> {
        let (n, tokens, ms): (i64, i64, i64) = sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(answered), 0) AS BIGINT),
                 CAST(COALESCE(SUM(prompt_tokens + answer_tokens), 0) AS BIGINT),
                 CAST(COALESCE(SUM(busy_ms), 0) AS BIGINT)
             FROM runs WHERE engine = $1 AND model = $2",
        )
        .bind(plain(engine))
        .bind(plain(model))
        .fetch_one(&self.pool)
        .await
        .map_err(|e| self.fault("read what earlier runs took", e))?;
        Ok(AnswerPace {
            answers: super::decode::small(n),
            tokens: tokens.max(0) as f64,
            ms: ms.max(0) as f64,
        })
    }

    /// Records which engine answers a run.
    ///
    /// # Errors
    /// The disk is full, or the database fails.
    pub async fn set_engine(&self, id: i64, engine: &EngineInfo) -> Result<(), StoreError> {
        sqlx::query("UPDATE runs SET engine_json = $1, seq = seq + 1 WHERE id = $2")
            .bind(json(engine, "the engine")?)
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(|e| self.fault("record which engine answers a run", e))?;
        Ok(())
    }

    /// Records why a run cannot continue; no worker takes it until it is resumed.
    ///
    /// # Errors
    /// The disk is full, or the database fails.
    pub async fn fail(&self, id: i64, error: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE runs SET error = $1, seq = seq + 1 WHERE id = $2 AND hold = ''")
            .bind(sentence(error))
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(|e| self.fault("record why a run cannot continue", e))?;
        Ok(())
    }

    /// Pauses a run: no further sample is started; those being answered are finished.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a full disk or a failing database.
    pub async fn pause(&self, id: i64) -> Result<(), StoreError> {
        self.change(
            id,
            "UPDATE runs SET hold = 'paused', seq = seq + 1
             WHERE id = $1 AND hold = '' AND answered + failed < asked",
        )
        .await
    }

    /// Resumes a run that was paused, stopped or failed.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a full disk or a failing database.
    pub async fn resume(&self, id: i64) -> Result<(), StoreError> {
        self.change(
            id,
            "UPDATE runs SET hold = '', error = NULL, seq = seq + 1
             WHERE id = $1 AND (hold <> '' OR error IS NOT NULL)",
        )
        .await
    }

    /// Changes a run's priority.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a full disk or a failing database.
    pub async fn set_priority(&self, id: i64, priority: i32) -> Result<(), StoreError> {
        sqlx::query("UPDATE runs SET priority = $2, seq = seq + 1 WHERE id = $1")
            .bind(id)
            .bind(i64::from(priority))
            .execute(&self.pool)
            .await
            .map_err(|e| self.fault("change a run's priority", e))?;
        self.seq(id).await.map(|_| ())
    }

    /// Cancels a run that has not ended and takes its samples back from the workers: answers not
    /// stored by now are refused.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a full disk or a failing database.
    pub async fn cancel(&self, id: i64) -> Result<(), StoreError> {
        let doing = |e| self.fault("cancel a run", e);
        let mut tx = self.begin().await?;
        let held = sqlx::query(
            "UPDATE runs SET hold = 'cancelled', seq = seq + 1
             WHERE id = $1 AND hold <> 'cancelled' AND answered + failed < asked",
        )
        .bind(id)
        .execute(&mut *tx)
        .await
        .map_err(doing)?;
        if held.rows_affected() > 0 {
            sqlx::query(
                "UPDATE rows SET state = 0, owner = NULL, lease_until_ms = NULL
                 WHERE run = $1 AND state = 1",
            )
            .bind(id)
            .execute(&mut *tx)
            .await
            .map_err(doing)?;
        }
        tx.commit().await.map_err(doing)?;
        self.seq(id).await.map(|_| ())
    }

    /// Reopens a run's failed samples, and returns how many there were. Their transcripts stay
    /// until a new answer replaces them.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a full disk or a failing database.
    pub async fn retry(&self, id: i64) -> Result<u32, StoreError> {
        let doing = |e| self.fault("open a run's failures again", e);
        let mut tx = self.begin().await?;
        let locked = sqlx::query("UPDATE runs SET seq = seq + 1 WHERE id = $1");
        let locked = locked.bind(id).execute(&mut *tx).await.map_err(doing)?;
        if locked.rows_affected() == 0 {
            return Err(StoreError::NoSuchRun { id });
        }
        // Without a score, the row falls back to its state before it was first asked; its seq tells
        // watchers that it changed.
        let opened = sqlx::query(
            "UPDATE rows SET state = 0, failure = NULL, tokens = 0, stored_ms = NULL
             WHERE run = $1 AND state = 3",
        )
        .bind(id)
        .execute(&mut *tx)
        .await
        .map_err(doing)?
        .rows_affected();
        let opened = i64::try_from(opened).unwrap_or_default();
        sqlx::query("UPDATE runs SET failed = failed - $2 WHERE id = $1")
            .bind(id)
            .bind(opened)
            .execute(&mut *tx)
            .await
            .map_err(doing)?;
        tx.commit().await.map_err(doing)?;
        Ok(super::decode::small(opened))
    }

    async fn change(&self, id: i64, statement: &'static str) -> Result<(), StoreError> {
        sqlx::query(statement)
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(|e| self.fault("change a run", e))?;
        self.seq(id).await.map(|_| ())
    }
}
