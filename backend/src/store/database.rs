//! The two databases behind one pool: the same statements, parameters and tests for both. SQLite is
//! one file for the processes of one machine; PostgreSQL serves many machines.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Url;
use sqlx::{AnyPool, AssertSqlSafe, Transaction};

use super::StoreError;
use super::decode::{LEASED, ROW, RUN};

/// Which database: a file, or the address of a PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of a SQLite file.
    Sqlite(PathBuf),
    /// `postgres://user:password@host/name`.
    Postgres(Url),
}

/// An invalid database address. The message does not repeat it, as it may contain a password.
#[derive(PartialEq, Eq, Debug, thiserror::Error)]
pub enum DatabaseUrlError {
    /// A PostgreSQL address in another form.
    #[error("the database's address is not of the form postgres://user:password@host/name")]
    Postgres,
    /// The address of a database that Fathom does not support.
    #[error(
        "`{0}://` databases are not supported: expected the path of a file, sqlite:PATH or postgres://user:password@host/name"
    )]
    Scheme(String),
    /// A SQLite address without a file.
    #[error("the database must be a file: expected its path, or sqlite:PATH")]
    NoFile,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        let scheme = scheme.filter(|scheme| is_scheme(scheme));
        let scheme = scheme.map(str::to_ascii_lowercase);
        let path = match scheme.as_deref() {
            Some("postgres" | "postgresql") => {
                let address = text.parse().map(Self::Postgres);
                return address.map_err(|_| DatabaseUrlError::Postgres);
            }
            Some("sqlite") => &text["sqlite://".len()..],
            Some(other) => return Err(DatabaseUrlError::Scheme(other.to_owned())),
            None => match text.get(..7) {
                Some(scheme) if scheme.eq_ignore_ascii_case("sqlite:") => &text[7..],
                _ => return Ok(Self::Sqlite(PathBuf::from(text))),
            },
        };
        // The options for opening it are ours, not the address's.
        let path = path.split('?').next().unwrap_or_default();
        match path {
            "" | ":memory:" => Err(DatabaseUrlError::NoFile),
            path => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

/// Whether it looks like `mysql` or `postgresql+psycopg`, and not like part of a path.
fn is_scheme(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain)
}

impl fmt::Display for DatabaseUrl {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let host = url.host_str().unwrap_or("localhost");
                let port = url.port().map(|port| format!(":{port}"));
                write!(
                    f,
                    "postgres://{host}{}{}",
                    port.unwrap_or_default(),
                    url.path()
                )
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The runs and rows of one database. A clone is another handle to the same database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(super) pool: AnyPool,
    pub(super) at: DatabaseUrl,
}

impl Store {
    /// Waits until every statement has ended, and closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let asked = sqlx::query("SELECT 1").execute(&self.pool).await;
        asked.map(|_| ()).map_err(|e| self.fault("answer", e))
    }

    /// Writes as many bytes as an answer takes, so that no answer is requested that could not be
    /// stored.
    ///
    /// # Errors
    /// [`StoreError::Full`], or the database refuses the write for another reason.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        // A different text each time: SQLite does not write a page that stays the same.
        let padding = format!("{:032x}", now.unwrap_or_default().as_nanos()).repeat(512);
        sqlx::query(self.sql(
            "INSERT INTO pulse (id, at_ms, padding) VALUES (1, {now}, $1)
             ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms, padding = excluded.padding",
        ))
        .bind(padding)
        .execute(&self.pool)
        .await
        .map_err(|e| self.fault("write anything", e))?;
        Ok(())
    }

    /// Changes the database as another program or version might have.
    #[cfg(test)]
    pub(crate) async fn tamper(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.pool).await.unwrap();
    }

    /// Translates a statement for this database: `{now}` is the database's clock in milliseconds
    /// since 1970, so that workers on machines with different clocks agree; `{skip}` skips rows
    /// locked by another transaction; `{run}` and `{row}` are the columns that we read of these
    /// tables; `{leased}` is the column that tells whether a worker is answering a run.
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

    /// A transaction that writes. SQLite takes the write lock at once: a transaction that began by
    /// reading could not wait for it.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, sqlx::Any>, StoreError> {
        let begun = match self.at {
            DatabaseUrl::Sqlite(_) => self.pool.begin_with("BEGIN IMMEDIATE").await,
            DatabaseUrl::Postgres(_) => self.pool.begin().await,
        };
        begun.map_err(|e| self.fault("begin a transaction", e))
    }

    pub(super) fn fault(&self, doing: &'static str, source: sqlx::Error) -> StoreError {
        let code = source.as_database_error().and_then(|error| error.code());
        let code = code.unwrap_or_default();
        let (full, rejected) = match &self.at {
            DatabaseUrl::Sqlite(_) => {
                // Extended codes have the primary code in the low byte.
                let kind = code.parse::<u32>().unwrap_or_default() & 0xff;
                // SQLITE_BUSY, SQLITE_LOCKED.
                if matches!(kind, 5 | 6) {
                    let database = Box::new(self.at.clone());
                    return StoreError::Busy { doing, database };
                }
                // SQLITE_FULL; SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH.
                (kind == 13, matches!(kind, 18..=20))
            }
            DatabaseUrl::Postgres(_) => {
                let classes = ["22", "23", "54"];
                // disk_full; data exceptions, constraint violations, program limits.
                (
                    code == "53100",
                    classes.iter().any(|class| code.starts_with(class)),
                )
            }
        };
        match (full, rejected) {
            (true, _) => StoreError::Full {
                database: Box::new(self.at.clone()),
                source,
            },
            (_, true) => StoreError::Rejected { doing, source },
            _ => StoreError::Query { doing, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_servers_are_told_apart() {
        let file = |path: &str| Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        for (text, want) in [
            ("t.db", file("t.db")),
            ("a/b: c.db", file("a/b: c.db")),
            ("./x://y", file("./x://y")),
            ("sqlite:t.db", file("t.db")),
            ("sqlite://t.db", file("t.db")),
            ("sqlite:///tmp/t.db?mode=rwc", file("/tmp/t.db")),
            ("SQLite:t.db", file("t.db")),
            ("sqlite::memory:", Err(DatabaseUrlError::NoFile)),
            ("sqlite://", Err(DatabaseUrlError::NoFile)),
            ("postgres://[", Err(DatabaseUrlError::Postgres)),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>(), want, "{text}");
        }
        for text in ["mysql://u:secret@h/d", "postgresql+psycopg://u:secret@h/d"] {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            let (scheme, _) = text.split_once("://").unwrap();
            assert_eq!(error, DatabaseUrlError::Scheme(scheme.to_owned()));
            let said = error.to_string();
            assert!(said.contains(scheme) && !said.contains("secret"), "{said}");
        }
        let server: DatabaseUrl = "postgres://u:secret@h:5433/d".parse().unwrap();
        assert_eq!(server.to_string(), "postgres://h:5433/d");
    }
}
