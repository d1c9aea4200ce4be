//! Opens a database. One plain connection checks it before the pool is built, so that an unusable
//! database is reported with its own cause and not as a timeout.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Url;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Connection, Executor};

use super::{DatabaseUrl, Store, StoreError};
use crate::named_file;

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// How long to wait for a server to accept a connection, or for another process to unlock the file.
const PATIENCE: Duration = Duration::from_secs(20);
/// Pause between two attempts to lock a file that another process has.
const AGAIN: Duration = Duration::from_millis(50);

/// An answer is on disk before the next question is asked (synchronous FULL); readers do not wait
/// for the writer (WAL).
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL;
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a database is not one of ours.
#[derive(Debug, thiserror::Error)]
enum DatabaseMismatch {
    #[error(
        "it was written by a later version of fathom (its schema version is {has}, this one knows {knows})"
    )]
    Later { has: i64, knows: i64 },
    #[error("its schema {0} belongs to another build of fathom")]
    Other(i64),
    #[error("it holds the tables of another program ({0})")]
    Tables(String),
}

/// Why an attempt to open a database failed.
enum OpenRefusal {
    Foreign(BoxError),
    Closed(BoxError),
}

impl<E: Into<BoxError>> From<E> for OpenRefusal {
    fn from(error: E) -> Self {
        Self::Closed(error.into())
    }
}

impl Store {
    /// Opens the database; creates the file, its folder and the tables if they are missing. Two
    /// processes may do so at the same moment.
    ///
    /// # Errors
    /// The path cannot be written, the server cannot be reached, or the database is not one of
    /// ours.
    pub async fn open(at: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::open_with(at, "").await
    }

    /// Opens an existing database; does not create a file.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or the errors of [`open`](Self::open).
    pub async fn open_existing(at: &DatabaseUrl) -> Result<Self, StoreError> {
        match at {
            DatabaseUrl::Sqlite(path) if path.try_exists().is_ok_and(|there| !there) => {
                Err(StoreError::Missing {
                    database: Box::new(at.clone()),
                })
            }
            _ => Self::open(at).await,
        }
    }

    /// Like `open`, with further pragmas for SQLite.
    pub(super) async fn open_with(
        at: &DatabaseUrl,
        pragmas: &'static str,
    ) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let database = || Box::new(at.clone());
        let pool = pool(at, pragmas).await.map_err(|refusal| match refusal {
            OpenRefusal::Foreign(source) => StoreError::Foreign {
                database: database(),
                source,
            },
            OpenRefusal::Closed(source) => StoreError::Open {
                database: database(),
                source: in_words(at, source),
            },
        })?;
        let at = at.clone();
        Ok(Self { pool, at })
    }
}

async fn pool(at: &DatabaseUrl, pragmas: &'static str) -> Result<AnyPool, OpenRefusal> {
    let sqlite = matches!(at, DatabaseUrl::Sqlite(_));
    let (url, connections) = match at {
        DatabaseUrl::Sqlite(path) => {
            if let Some(what) = named_file::other_kind(path) {
                let why = format!("it is {what}, expected a file");
                return Err(OpenRefusal::Closed(why.into()));
            }
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            (file_url(path)?, 4)
        }
        DatabaseUrl::Postgres(url) => (url.clone(), 8),
    };
    let options = AnyConnectOptions::from_url(&url)?;
    let connecting = tokio::time::timeout(PATIENCE, AnyConnection::connect_with(&options));
    let seconds = PATIENCE.as_secs();
    let late = |_| format!("no answer within {seconds} seconds");
    let mut first = connecting.await.map_err(late)??;
    let prepared = match sqlite {
        true => prepare_file(&mut first).await,
        false => POSTGRES
            .run_direct(None, &mut first, false)
            .await
            .map_err(misfit),
    };
    // This connection has nothing left to do; only the result of the check counts.
    let _closed = first.close().await;
    prepared?;
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if sqlite {
                    connection.execute(SQLITE_PRAGMAS).await?;
                    connection.execute(pragmas).await?;
                }
                Ok(())
            })
        })
        // After a failed write, for example on a full disk, SQLite has already rolled back the
        // transaction; sqlx cannot roll it back again and would refuse every later one on this
        // connection.
        .before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(usable) })
        })
        .connect_lazy_with(options);
    Ok(pool)
}

/// Creates the tables in a file, one process at a time.
async fn prepare_file(file: &mut AnyConnection) -> Result<(), OpenRefusal> {
    file.execute("PRAGMA busy_timeout = 10000").await?;
    // Checked before anything is changed: another program's file stays as it is.
    let tables = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         ORDER BY name",
    );
    let tables: Vec<String> = tables.fetch_all(&mut *file).await?;
    if !tables.is_empty() && !tables.iter().any(|name| name == "_sqlx_migrations") {
        let some = tables.iter().take(3).cloned().collect::<Vec<_>>();
        return Err(OpenRefusal::Foreign(
            DatabaseMismatch::Tables(some.join(", ")).into(),
        ));
    }
    // SQLite does not wait for this lock by itself.
    let began = Instant::now();
    loop {
        match file.execute(SQLITE_PRAGMAS).await {
            Ok(_) => break,
            Err(error) if is_busy(&error) && began.elapsed() < PATIENCE => {
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    // Take the write lock: a second process waits here, and then finds the tables created. A
    // read-only file is refused here and not at the first answer.
    let mut writing = file.begin_with("BEGIN IMMEDIATE").await?;
    let migrated = SQLITE.run_direct(None, &mut *writing, false).await;
    migrated.map_err(misfit)?;
    Ok(writing.commit().await?)
}

/// Replaces SQLite's messages about a file that only a SQLite expert would understand.
fn in_words(at: &DatabaseUrl, source: BoxError) -> BoxError {
    let DatabaseUrl::Sqlite(path) = at else {
        return source;
    };
    let error = source.downcast_ref::<sqlx::Error>();
    let code = error.and_then(|error| error.as_database_error()?.code()?.parse::<u32>().ok());
    match (code.map(|code| code & 0xff), path.is_dir()) {
        (Some(14), true) => "it is a folder, expected a file".into(),
        (Some(14), false) => "the file cannot be opened, or cannot be created in its folder".into(),
        (Some(5 | 6), _) => "another process keeps it locked".into(),
        _ => source,
    }
}

/// SQLITE_BUSY or SQLITE_LOCKED; extended codes have it in the low byte.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

fn misfit(error: MigrateError) -> OpenRefusal {
    let knows = SQLITE.iter().map(|migration| migration.version).max();
    let knows = knows.unwrap_or_default();
    match error {
        MigrateError::VersionMissing(has) if has > knows => {
            OpenRefusal::Foreign(DatabaseMismatch::Later { has, knows }.into())
        }
        MigrateError::VersionMissing(form) | MigrateError::VersionMismatch(form) => {
            OpenRefusal::Foreign(DatabaseMismatch::Other(form).into())
        }
        // The tables have these names but are not ours.
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)
            if source.as_database_error().is_some_and(|error| {
                error.code().as_deref() == Some("42P07")
                    || error.message().contains("already exists")
            }) =>
        {
            OpenRefusal::Foreign(source.into())
        }
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            OpenRefusal::Closed(source.into())
        }
        other => OpenRefusal::Foreign(other.into()),
    }
}

fn file_url(path: &Path) -> std::io::Result<Url> {
    let absolute = std::path::absolute(path)?;
    let mut url = Url::from_file_path(&absolute)
        .map_err(|()| std::io::Error::other("the path cannot be written as an address"))?;
    url =
        Url::parse(&url.as_str().replacen("file:", "sqlite:", 1)).map_err(std::io::Error::other)?;
    url.set_query(Some("mode=rwc"));
    Ok(url)
}
