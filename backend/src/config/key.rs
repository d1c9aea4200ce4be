//! Keys: from the environment or from a file that only its owner reads. They reach the header of
//! a request and nothing else.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::named_file::{self, SMALL};

/// What replaces a key in messages.
const HIDDEN: &str = "[key]";

/// A key. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// The variable is not set.
    #[error("the environment variable `{name}` is not set, expected the key of the endpoint")]
    Unset {
        /// The variable.
        name: String,
    },
    /// The file cannot be read.
    #[error("cannot read the key file `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others may read the file.
    #[error("the key file `{}` has mode {mode:03o}, expected 600: chmod 600 it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not one line of printable ASCII.
    #[error("the key in {place} is no key: expected 1 to 4096 printable ASCII characters")]
    Shape {
        /// The variable or the file.
        place: String,
    },
}

/// What is wrong with the place that a key is to be read from.
pub(super) fn fault(env: Option<&str>, file: Option<&Path>) -> Option<String> {
    // Someone may have put the key itself there, so the name is not repeated.
    let name = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let is_name = |text: &str| !text.is_empty() && text.bytes().all(name);
    if env.is_some_and(|text| !is_name(text)) {
        return Some("key_env is no name of a variable, expected A-Z, 0-9 and _".to_owned());
    }
    let both = env.is_some() && file.is_some();
    both.then(|| "got both key_env and key_file, expected one of them".to_owned())
}

impl ApiKey {
    /// The key in a variable or a file, where either is named.
    ///
    /// # Errors
    /// [`ApiKeyError`].
    pub fn find(
        env: Option<&str>,
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, ApiKeyError> {
        match (env, file) {
            (Some(name), _) => Self::from_env(name, variable).map(Some),
            (None, Some(path)) => Self::from_file(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The key in the environment variable `name`, which `variable` reads.
    ///
    /// # Errors
    /// [`ApiKeyError`].
    pub fn from_env(
        name: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ApiKeyError> {
        let unset = || ApiKeyError::Unset {
            name: name.to_owned(),
        };
        Self::checked(&variable(name).ok_or_else(unset)?, || format!("`{name}`"))
    }

    /// The key in the file at `path`.
    ///
    /// # Errors
    /// [`ApiKeyError`], also where group or others may read the file.
    pub fn from_file(path: &Path) -> Result<Self, ApiKeyError> {
        let read = |source| ApiKeyError::Read {
            path: path.to_owned(),
            source,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_err(read)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                let path = path.to_owned();
                return Err(ApiKeyError::Open { path, mode });
            }
        }
        let text = named_file::read_text(path, SMALL).map_err(read)?;
        Self::checked(&text, || format!("`{}`", path.display()))
    }

    fn checked(text: &str, place: impl Fn() -> String) -> Result<Self, ApiKeyError> {
        let key = text.trim();
        match (1..=4096).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
            true => Ok(Self(key.to_owned())),
            false => Err(ApiKeyError::Shape { place: place() }),
        }
    }

    /// What the header `Authorization` says.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// `text` without the key: servers repeat it in their errors.
    pub fn scrub(&self, text: &str) -> String {
        text.replace(&self.0, HIDDEN)
    }
}
