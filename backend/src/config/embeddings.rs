//! The server that makes embeddings, through OpenAI's `/embeddings`.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::key;
use super::{ApiKey, ApiKeyError, BaseUrl, Seconds};

/// The table `[embeddings]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbeddingsConfig {
    /// Where the server's paths begin.
    pub base_url: BaseUrl,
    /// The model, as the server calls it.
    pub model: String,
    /// Texts in one request.
    #[serde(default = "batch")]
    pub batch: NonZeroU32,
    /// How long one request may take.
    #[serde(default = "timeout")]
    pub timeout_s: Seconds,
    key_env: Option<String>,
    key_file: Option<PathBuf>,
}

fn batch() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(63)
}

fn timeout() -> Seconds {
    Seconds::new(300)
}

impl EmbeddingsConfig {
    /// The key, where one is configured.
    ///
    /// # Errors
    /// [`ApiKeyError`]: it is not there, or others can read it.
    pub fn key(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<ApiKey>, ApiKeyError> {
        ApiKey::find(self.key_env.as_deref(), self.key_file.as_deref(), variable)
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Some(path) = &mut self.key_file {
            *path = folder.join(&*path);
        }
    }

    pub(super) fn fault(&self) -> Option<String> {
        key::fault(self.key_env.as_deref(), self.key_file.as_deref())
    }
}
