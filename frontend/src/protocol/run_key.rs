//! A run by its number and by who keeps it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::results::SetKey;

/// A run as addresses name it: `7` is kept by the server, `page-7` by this browser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunKey {
    /// Kept by the server.
    Server(i64),
    /// Kept by this browser.
    Page(i64),
}

const PAGE: &str = "page-";

impl RunKey {
    /// The number on the server, where that keeps it.
    pub(crate) fn on_server(self) -> Option<i64> {
        match self {
            Self::Server(id) => Some(id),
            Self::Page(_) => None,
        }
    }

    /// Whether this browser keeps it.
    pub(crate) fn is_in_page(self) -> bool {
        matches!(self, Self::Page(_))
    }

    /// The name of its result set.
    pub(crate) fn set(self) -> SetKey {
        format!("run:{self}")
    }
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(id) => write!(f, "{id}"),
            Self::Page(id) => write!(f, "{PAGE}{id}"),
        }
    }
}

/// A word that names no run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoRunKey;

impl FromStr for RunKey {
    type Err = NoRunKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse().map_err(|_| NoRunKey);
        match text.trim().strip_prefix(PAGE) {
            Some(id) => number(id).map(Self::Page),
            None => number(text.trim()).map(Self::Server),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_back_from_its_name() {
        for key in [RunKey::Server(7), RunKey::Page(7)] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!(RunKey::Page(2).set(), "run:page-2");
        for none in ["", "page-", "page-x", "x", "page 1"] {
            assert_eq!(none.parse::<RunKey>(), Err(NoRunKey), "{none}");
        }
    }
}
