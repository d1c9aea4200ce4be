//! The two databases behind one pool: the same statements, the same numbers, the same tests.
//! SQLite is one file for the processes of one machine, PostgreSQL is for many machines.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor, Transaction};

use super::StoreError;
use super::decode::{LEASED, ROW, RUN};

static SQLITE: Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("./migrations/postgres");

/// Which database: a file, or the address of a PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/name`.
    Postgres(Url),
}

/// An address that is none.
#[derive(Debug, thiserror::Error)]
#[error("the database's address is not of the form postgres://user:password@host/name")]
pub struct BadUrl;

impl FromStr for DatabaseUrl {
    type Err = BadUrl;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text.parse().map(Self::Postgres).map_err(|_| BadUrl);
        }
        Ok(Self::Sqlite(PathBuf::from(text)))
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let host = url.host_str().unwrap_or("localhost");
                write!(f, "postgres://{host}{}", url.path())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The runs and rows of one database. A clone is another handle to the same.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) pool: AnyPool,
    pub(super) at: DatabaseUrl,
}

impl Store {
    /// Opens the database; makes the file and its folder where there is none, and the tables.
    ///
    /// # Errors
    /// A path that cannot be written, a server that cannot be reached, a database that is not
    /// ours.
    pub async fn open(at: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::open_with(at, "").await
    }

    /// The same with further pragmas for SQLite.
    pub(super) async fn open_with(
        at: &DatabaseUrl,
        pragmas: &'static str,
    ) -> Result<Self, StoreError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Open {
            database: Box::new(at.clone()),
            source,
        };
        sqlx::any::install_default_drivers();
        let (url, migrations, connections) = match at {
            DatabaseUrl::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(|e| failed(e.into()))?;
                }
                (file_url(path).map_err(|e| failed(e.into()))?, &SQLITE, 4)
            }
            DatabaseUrl::Postgres(url) => (url.clone(), &POSTGRES, 8),
        };
        let options = AnyConnectOptions::from_url(&url).map_err(|e| failed(e.into()))?;
        let sqlite = matches!(at, DatabaseUrl::Sqlite(_));
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(20))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        connection.execute(SQLITE_PRAGMAS).await?;
                        connection.execute(pragmas).await?;
                    }
                    Ok(())
                })
            })
            // After a failed write, as on a full disk, SQLite has undone the transaction by itself;
            // sqlx cannot undo it again and would refuse every later one on this connection.
            .before_acquire(|connection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            })
            .connect_with(options)
            .await
            .map_err(|e| failed(e.into()))?;
        let store = Self {
            pool,
            at: at.clone(),
        };
        migrations
            .run(&store.pool)
            .await
            .map_err(|source| StoreError::Foreign {
                database: Box::new(at.clone()),
                source,
            })?;
        Ok(store)
    }

    /// Waits until every statement has ended and closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let asked = sqlx::query("SELECT 1").execute(&self.pool).await;
        asked.map(|_| ()).map_err(|e| self.fault("answer", e))
    }

    /// A statement in this database's words: `{now}` is its own clock in milliseconds since 1970,
    /// so that workers on machines with other clocks agree; `{skip}` passes over rows that
    /// another transaction has; `{run}` and `{row}` are the columns that we read of these,
    /// `{leased}` the one that tells whether a worker is at a run.
    pub(super) fn sql(&self, text: &'static str) -> AssertSqlSafe<String> {
        let (now, skip) = match self.at {
            DatabaseUrl::Sqlite(_) => ("CAST(unixepoch('subsec') * 1000 AS INTEGER)", ""),
            DatabaseUrl::Postgres(_) => (
                "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
                "FOR UPDATE SKIP LOCKED",
            ),
        };
        let text = text.replace("{run}", RUN).replace("{row}", ROW);
        let text = text.replace("{leased}", LEASED);
        AssertSqlSafe(text.replace("{now}", now).replace("{skip}", skip))
    }

    /// A transaction that writes. SQLite takes its lock at once: one that began by reading could
    /// not wait for it.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, sqlx::Any>, StoreError> {
        let begun = match self.at {
            DatabaseUrl::Sqlite(_) => self.pool.begin_with("BEGIN IMMEDIATE").await,
            DatabaseUrl::Postgres(_) => self.pool.begin().await,
        };
        begun.map_err(|e| self.fault("begin a transaction", e))
    }

    pub(super) fn fault(&self, doing: &'static str, source: sqlx::Error) -> StoreError {
        let code = source.as_database_error().and_then(|error| error.code());
        let full = match (&self.at, code.as_deref()) {
            // SQLITE_FULL; extended codes keep it in the low byte.
            (DatabaseUrl::Sqlite(_), Some(code)) => {
                code.parse::<u32>().is_ok_and(|code| code & 0xff == 13)
            }
            // disk_full.
            (DatabaseUrl::Postgres(_), Some(code)) => code == "53100",
            (_, None) => false,
        };
        match full {
            true => StoreError::Full {
                database: Box::new(self.at.clone()),
                source,
            },
            false => StoreError::Query { doing, source },
        }
    }
}

/// An answer is on the disk before the next question is asked (synchronous FULL); readers do not
/// wait for the writer (WAL).
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL;
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

fn file_url(path: &Path) -> std::io::Result<Url> {
    let absolute = std::path::absolute(path)?;
    let mut url = Url::from_file_path(&absolute)
        .map_err(|()| std::io::Error::other("the path cannot be written as an address"))?;
    url =
        Url::parse(&url.as_str().replacen("file:", "sqlite:", 1)).map_err(std::io::Error::other)?;
    url.set_query(Some("mode=rwc"));
    Ok(url)
}
