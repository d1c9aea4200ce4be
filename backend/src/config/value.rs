//! Values of the file that are checked as they are read, so that an error has their line.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

/// A value that will not do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigValueError(String);

impl ConfigValueError {
    pub(super) fn new(message: String) -> Self {
        Self(message)
    }
}

/// An endpoint's name: what stands behind `openai:` in a run spec.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct EndpointId(String);

impl EndpointId {
    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EndpointId {
    type Error = ConfigValueError;
    fn try_from(text: String) -> Result<Self, ConfigValueError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        match (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            true => Ok(Self(text)),
            false => Err(ConfigValueError(format!(
                "got `{text}`, expected 1 to 64 letters, digits and `-_.`"
            ))),
        }
    }
}

/// Where a server's paths begin, as `http://localhost:8000/v1`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// `path` below the base: `models` gives `http://localhost:8000/v1/models`.
    pub fn join(&self, path: &str) -> Url {
        Self::below(&self.0, self.0.path(), path)
    }

    /// `path` beside the version, where vLLM, SGLang and llama-server keep what is not OpenAI's:
    /// `tokenize` gives `http://localhost:8000/tokenize`.
    pub fn beside(&self, path: &str) -> Url {
        let base = self.0.path().trim_end_matches('/');
        Self::below(&self.0, base.strip_suffix("/v1").unwrap_or(base), path)
    }

    fn below(url: &Url, base: &str, path: &str) -> Url {
        let mut joined = url.clone();
        joined.set_path(&format!("{}/{path}", base.trim_end_matches('/')));
        joined
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = ConfigValueError;
    fn try_from(text: String) -> Result<Self, ConfigValueError> {
        // What may hold a password is not repeated.
        let url = Url::parse(&text).map_err(|error| {
            ConfigValueError(format!("got no address ({error}), expected http://…"))
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            let got = url.scheme();
            return Err(ConfigValueError(format!(
                "got an address of {got}, expected http or https"
            )));
        }
        if !url.username().is_empty() || url.password().is_some() {
            let reason = "got an address with a name or password, expected none: a key comes by `key_env` or `key_file`";
            return Err(ConfigValueError(reason.to_owned()));
        }
        if url.query().is_some() || url.fragment().is_some() {
            let reason = "got an address with `?` or `#`, expected one that paths can follow";
            return Err(ConfigValueError(reason.to_owned()));
        }
        Ok(Self(url))
    }
}

/// A span of time, given in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub struct Seconds(Duration);

impl Seconds {
    pub(super) const fn new(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// As the standard library has it.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0.as_secs_f64())
    }
}

impl TryFrom<f64> for Seconds {
    type Error = ConfigValueError;
    fn try_from(got: f64) -> Result<Self, ConfigValueError> {
        const WEEK: f64 = 604_800.0;
        match got > 0.0 && got <= WEEK {
            true => Ok(Self(Duration::from_secs_f64(got))),
            false => Err(ConfigValueError(format!(
                "got {got}, expected seconds, above 0 and at most {WEEK}"
            ))),
        }
    }
}
