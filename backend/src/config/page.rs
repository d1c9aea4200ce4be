//! What the file says of the page.

use std::fmt;

use serde::Deserialize;

use super::ConfigValueError;

/// The table `[page]`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageTable {
    /// Which sites may show embedded parts of the page.
    #[serde(default)]
    pub(super) frame_ancestors: Vec<FrameAncestor>,
}

/// A site that may show embedded parts of the page in a frame: `self`, or an origin such as
/// `https://school.example` or `https://*.school.example`.
///
/// Invariant: it is one source of the directive `frame-ancestors`, and nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct FrameAncestor(String);

impl fmt::Display for FrameAncestor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FrameAncestor {
    type Error = ConfigValueError;
    fn try_from(text: String) -> Result<Self, ConfigValueError> {
        if text == "self" {
            return Ok(Self("'self'".to_owned()));
        }
        match is_origin(&text) {
            true => Ok(Self(text)),
            false => Err(ConfigValueError::new(format!(
                "got `{text}`, expected `self` or an origin such as `https://school.example`"
            ))),
        }
    }
}

/// Whether `text` is a scheme, a host that may begin with `*.`, and perhaps a port.
fn is_origin(text: &str) -> bool {
    let host = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let Some(host) = host else {
        return false;
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    !name.is_empty() && name.bytes().all(fits) && port.parse::<u16>().is_ok()
}
