//! The configuration file, `fathom.toml`: the endpoints that may be asked, no other address is; and
//! who may embed the page.

mod embeddings; // the server that makes embeddings
mod endpoint; // one endpoint of the file
mod key; // API keys
mod page; // who may embed the page
mod value; // values that are validated as they are parsed

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::base_strategy::BaseStrategy;
use serde::Deserialize;

use crate::errors::in_words;
use crate::named_file::{self, SMALL};

pub use embeddings::EmbeddingsConfig;
pub use endpoint::{Endpoint, EndpointApi, MaxTokensField, PrefixStyle, Timeouts, TokenPrice};
pub use key::{ApiKey, ApiKeyError};
pub use page::FrameAncestor;
pub use value::{BaseUrl, ConfigValueError, EndpointId, Seconds};

/// The file's name in fathom's folder of the user's configuration.
const FILE: &str = "fathom/fathom.toml";

/// What the file says. A clone is another handle.
#[derive(Clone, Debug, Default)]
pub struct Config {
    endpoints: Arc<[Endpoint]>,
    embeddings: Option<Arc<EmbeddingsConfig>>,
    frame_ancestors: Arc<[FrameAncestor]>,
}

/// Why a file is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something in it is not understood.
    #[error("the configuration `{}`, line {line}{}: {reason}", path.display(), FieldName(field))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The field, as `endpoint[0].context`; empty where the text is no TOML at all.
        field: String,
        /// What was got and what was expected.
        reason: String,
    },
    /// The fields of an endpoint, or two endpoints, contradict each other.
    #[error("the configuration `{}`, endpoint `{id}`: {reason}", path.display())]
    Endpoint {
        /// The file.
        path: PathBuf,
        /// The endpoint's id.
        id: String,
        /// What was got and what was expected.
        reason: String,
    },
    /// The fields of `[embeddings]` contradict each other.
    #[error("the configuration `{}`, embeddings: {reason}", path.display())]
    Embeddings {
        /// The file.
        path: PathBuf,
        /// What was got and what was expected.
        reason: String,
    },
}

/// A field's name behind a line's number, where there is one.
struct FieldName<'a>(&'a str);

impl fmt::Display for FieldName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" | "." => Ok(()),
            field => write!(f, ", {field}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigToml {
    #[serde(default)]
    endpoint: Vec<Endpoint>,
    embeddings: Option<EmbeddingsConfig>,
    #[serde(default)]
    page: page::PageTable,
}

impl Config {
    /// Reads the file at `path`, or the one at `default`, see [`default_path`], which need not exist.
    ///
    /// # Errors
    /// [`ConfigError`]; a file that was asked for by name must exist.
    pub fn load(path: Option<&Path>, default: &Path) -> Result<Self, ConfigError> {
        let read = |path: &Path, source| ConfigError::Read {
            path: path.to_owned(),
            source,
        };
        let text = named_file::read_text(path.unwrap_or(default), SMALL);
        match (path, text) {
            (Some(path), text) => Self::parse(&text.map_err(|e| read(path, e))?, path),
            (None, Ok(text)) => Self::parse(&text, default),
            (None, Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            (None, Err(error)) => Err(read(default, error)),
        }
    }

    /// Reads `text`, which stands in the file at `path`. Paths in it are relative to that file.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`] and [`ConfigError::Endpoint`]. The messages show no line of the
    /// file, as someone may have put a key there.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let syntax = |field: String, error: &toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            line: line(text, error.span()),
            field,
            reason: in_words(error.message()),
        };
        let toml = toml::Deserializer::parse(text).map_err(|e| syntax(String::new(), &e))?;
        let file: ConfigToml = serde_path_to_error::deserialize(toml)
            .map_err(|error| syntax(error.path().to_string(), error.inner()))?;
        let mut endpoints = file.endpoint;
        let folder = path.parent().unwrap_or(Path::new(""));
        for at in 0..endpoints.len() {
            let (before, rest) = endpoints.split_at_mut(at);
            let endpoint = &mut rest[0];
            endpoint.resolve(folder);
            let twice = before.iter().any(|other| other.id == endpoint.id);
            let fault = twice.then(|| "the id is given twice".to_owned());
            if let Some(reason) = fault.or_else(|| endpoint.fault()) {
                return Err(ConfigError::Endpoint {
                    path: path.to_owned(),
                    id: endpoint.id.to_string(),
                    reason,
                });
            }
        }
        let mut embeddings = file.embeddings;
        if let Some(table) = &mut embeddings {
            table.resolve(folder);
            if let Some(reason) = table.fault() {
                let path = path.to_owned();
                return Err(ConfigError::Embeddings { path, reason });
            }
        }
        Ok(Self {
            endpoints: endpoints.into(),
            embeddings: embeddings.map(Arc::new),
            frame_ancestors: file.page.frame_ancestors.into(),
        })
    }

    /// The endpoint of this id.
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|known| known.id.as_str() == id)
    }

    /// Who makes embeddings, where anybody does.
    pub fn embeddings(&self) -> Option<&Arc<EmbeddingsConfig>> {
        self.embeddings.as_ref()
    }

    /// Which sites may show embedded parts of the page; none by default.
    pub fn frame_ancestors(&self) -> &[FrameAncestor] {
        &self.frame_ancestors
    }

    /// All endpoints, in the file's order.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }
}

/// The default path of the file: in the user's configuration folder, or below the current folder if
/// there is no home folder.
pub fn default_path(user: Option<&impl BaseStrategy>) -> PathBuf {
    let base = user.map_or_else(|| ".config".into(), BaseStrategy::config_dir);
    base.join(FILE)
}

fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start).min(text.len());
    1 + text.as_bytes()[..start]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}

#[cfg(test)]
mod tests;
