//! SQLite: one file, one writing worker, many readers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fathom_shared::api::{NewRun, RunDetail, RunStatus, RunView};
use fathom_shared::run::Scored;
use fathom_shared::stats::{summarise, summary::summarise_values};
use fathom_shared::transcript::EngineInfo;
use sqlx::SqlitePool;
use sqlx::error::ErrorKind;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::lock::WorkerLock;
use super::rows::{RunRow, SampleRow, json};
use super::{Claimed, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// The runs and rows of one database file. A clone is another handle to the same file.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) pool: SqlitePool,
    path: PathBuf,
}

impl Store {
    /// Opens the database at `path`; makes it and its folder where there is none.
    ///
    /// # Errors
    /// A path that cannot be written, a file that is no database or not ours.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, |options| options).await
    }

    pub(super) async fn open_with(
        path: &Path,
        change: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| StoreError::Open {
                path: path.to_owned(),
                source: source.into(),
            })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An answer is on the disk before the next question is asked.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(change(options))
            .await
            .map_err(|source| StoreError::Open {
                path: path.to_owned(),
                source: source.into(),
            })?;
        let store = Self {
            pool,
            path: path.to_owned(),
        };
        MIGRATIONS
            .run(&store.pool)
            .await
            .map_err(|source| StoreError::Foreign {
                path: path.to_owned(),
                source,
            })?;
        Ok(store)
    }

    /// Takes the right to answer this database's runs, and puts back into the queue those that an
    /// ended process left in the middle.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process has it.
    pub async fn lock_worker(&self) -> Result<WorkerLock, StoreError> {
        let lock = WorkerLock::take(&self.path)?;
        sqlx::query("UPDATE runs SET status = 'queued' WHERE status = 'running'")
            .execute(&self.pool)
            .await
            .map_err(|e| self.fault("take up unfinished runs", e))?;
        Ok(lock)
    }

    /// Keeps a new run, queued.
    ///
    /// # Errors
    /// A full disk or a failing database.
    pub async fn add_run(&self, order: &NewRun, engine: &EngineInfo) -> Result<i64, StoreError> {
        sqlx::query_scalar(
            "INSERT INTO runs (order_json, status, engine_json, created_ms)
             VALUES (?, 'queued', ?, ?) RETURNING id",
        )
        .bind(json(order, "the order")?)
        .bind(json(engine, "the engine")?)
        .bind(now_ms())
        .fetch_one(&self.pool)
        .await
        .map_err(|e| self.fault("keep a run", e))
    }

    /// Every run with its summary, newest first, at most 500.
    ///
    /// # Errors
    /// A failing database, or a row that cannot be read.
    pub async fn runs(&self) -> Result<Vec<RunView>, StoreError> {
        let runs: Vec<RunRow> = sqlx::query_as("SELECT * FROM runs ORDER BY id DESC LIMIT 500")
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.fault("list the runs", e))?;
        let mut views = Vec::with_capacity(runs.len());
        for run in runs {
            let scores: Vec<Option<f64>> =
                sqlx::query_scalar("SELECT score FROM rows WHERE run = ? ORDER BY sample")
                    .bind(run.id)
                    .fetch_all(&self.pool)
                    .await
                    .map_err(|e| self.fault("read a run's scores", e))?;
            let asked = run.order()?.count;
            views.push(run.view(summarise_values(asked, scores))?);
        }
        Ok(views)
    }

    /// One run with its rows in the samples' order.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a failing database, or a row that cannot be read.
    pub async fn run(&self, id: i64) -> Result<RunDetail, StoreError> {
        // One transaction, so that status and rows belong together.
        let mut tx = self.begin().await?;
        let run: Option<RunRow> = sqlx::query_as("SELECT * FROM runs WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await
            .map_err(|e| self.fault("read a run", e))?;
        let run = run.ok_or(StoreError::NoSuchRun { id })?;
        let rows: Vec<SampleRow> = sqlx::query_as(
            "SELECT run, sample, transcript_json, score_json FROM rows
             WHERE run = ? ORDER BY sample",
        )
        .bind(id)
        .fetch_all(&mut *tx)
        .await
        .map_err(|e| self.fault("read a run's rows", e))?;
        let rows: Vec<Scored> = rows
            .iter()
            .map(SampleRow::scored)
            .collect::<Result<_, _>>()?;
        let summary = summarise(run.order()?.count, &rows);
        Ok(RunDetail {
            run: run.view(summary)?,
            rows,
        })
    }

    /// The latest run with this very order that is not done, whatever stopped it.
    ///
    /// # Errors
    /// A failing database.
    pub async fn unfinished(&self, order: &NewRun) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar(
            "SELECT id FROM runs WHERE order_json = ? AND status <> 'done'
             ORDER BY id DESC LIMIT 1",
        )
        .bind(json(order, "the order")?)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault("look for an unfinished run", e))
    }

    /// Puts a run that is not done back into the queue.
    ///
    /// # Errors
    /// A failing database.
    pub async fn requeue(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE runs SET status = 'queued', error = NULL WHERE id = ? AND status <> 'done'",
        )
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(|e| self.fault("queue a run again", e))?;
        Ok(())
    }

    /// Takes the oldest queued run, or `only` that one; it is running from then on.
    ///
    /// # Errors
    /// A failing database, or an order that cannot be read.
    pub async fn claim(&self, only: Option<i64>) -> Result<Option<Claimed>, StoreError> {
        let row: Option<RunRow> = sqlx::query_as(
            "UPDATE runs SET status = 'running' WHERE id = (
                 SELECT id FROM runs WHERE status = 'queued' AND (?1 IS NULL OR id = ?1)
                 ORDER BY id LIMIT 1
             ) RETURNING *",
        )
        .bind(only)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault("take up a run", e))?;
        row.as_ref().map(RunRow::claimed).transpose()
    }

    /// Notes who answers a run.
    ///
    /// # Errors
    /// A full disk or a failing database.
    pub async fn set_engine(&self, id: i64, engine: &EngineInfo) -> Result<(), StoreError> {
        sqlx::query("UPDATE runs SET engine_json = ? WHERE id = ?")
            .bind(json(engine, "the engine")?)
            .bind(id)
            .execute(&self.pool)
            .await
            .map_err(|e| self.fault("note who answers a run", e))?;
        Ok(())
    }

    /// The samples of a run that have their row.
    ///
    /// # Errors
    /// A failing database.
    pub async fn answered(&self, id: i64) -> Result<BTreeSet<u32>, StoreError> {
        let samples: Vec<u32> = sqlx::query_scalar("SELECT sample FROM rows WHERE run = ?")
            .bind(id)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.fault("read which samples are answered", e))?;
        Ok(samples.into_iter().collect())
    }

    /// Keeps transcript and score of one sample of a running run: both or neither.
    ///
    /// # Errors
    /// [`StoreError::NotRunning`] when the run was stopped meanwhile, [`StoreError::Answered`]
    /// when the sample has its row, [`StoreError::Full`], or a failing database.
    pub async fn add_row(&self, run: i64, row: &Scored) -> Result<(), StoreError> {
        let sample = row.transcript.sample;
        let score_json = match &row.score {
            Some(score) => Some(json(score, "the score")?),
            None => None,
        };
        let done = sqlx::query(
            "INSERT INTO rows (run, sample, transcript_json, score, score_json, stored_ms)
             SELECT id, ?2, ?3, ?4, ?5, ?6 FROM runs WHERE id = ?1 AND status = 'running'",
        )
        .bind(run)
        .bind(i64::from(sample))
        .bind(json(&row.transcript, "the transcript")?)
        .bind(row.score.as_ref().map(|score| score.value))
        .bind(score_json)
        .bind(now_ms())
        .execute(&self.pool)
        .await
        .map_err(|error| match error.as_database_error() {
            Some(e) if e.kind() == ErrorKind::UniqueViolation => {
                StoreError::Answered { run, sample }
            }
            _ => self.fault("keep an answer", error),
        })?;
        match done.rows_affected() {
            0 => Err(StoreError::NotRunning { id: run }),
            _ => Ok(()),
        }
    }

    /// Ends a running run; `false` when it was not running any more.
    ///
    /// # Errors
    /// A full disk or a failing database.
    pub async fn finish(
        &self,
        id: i64,
        status: RunStatus,
        error: Option<&str>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE runs SET status = ?, error = ? WHERE id = ? AND status = 'running'",
        )
        .bind(status.as_str())
        .bind(error)
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(|e| self.fault("end a run", e))?;
        Ok(done.rows_affected() > 0)
    }

    /// Stops a run that is queued or running; `false` when it had ended before.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRun`], a full disk or a failing database.
    pub async fn cancel(&self, id: i64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE runs SET status = 'cancelled' WHERE id = ? AND status IN ('queued', 'running')",
        )
        .bind(id)
        .execute(&self.pool)
        .await
        .map_err(|e| self.fault("cancel a run", e))?;
        if done.rows_affected() == 0 {
            self.run(id).await?;
        }
        Ok(done.rows_affected() > 0)
    }

    /// Waits until every statement has ended and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
        self.pool
            .begin()
            .await
            .map_err(|e| self.fault("begin a transaction", e))
    }

    fn fault(&self, doing: &'static str, source: sqlx::Error) -> StoreError {
        // SQLITE_FULL; extended codes keep it in the low byte.
        let full = source
            .as_database_error()
            .and_then(|error| error.code())
            .and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| code & 0xff == 13);
        match full {
            true => StoreError::Full {
                path: self.path.clone(),
                source,
            },
            false => StoreError::Query { doing, source },
        }
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
