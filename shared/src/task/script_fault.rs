//! What kind of thing went wrong in a script.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of thing went wrong in a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScriptFault {
    /// It does not compile.
    Syntax,
    /// A call, an operator or a `throw` failed.
    Runtime,
    /// What a function returned has not the shape that is wanted.
    Shape,
    /// It took more than [`OPERATIONS`](crate::task::custom::limits::OPERATIONS).
    Operations,
    /// A value or the haystack grew too large.
    Memory,
    /// Functions called one another too deep.
    Depth,
    /// The caller's [`ScriptWatch`](crate::task::custom::ScriptWatch) ended it.
    Stopped,
}

impl fmt::Display for ScriptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "syntax",
            Self::Runtime => "runtime",
            Self::Shape => "shape",
            Self::Operations => "operations",
            Self::Memory => "memory",
            Self::Depth => "depth",
            Self::Stopped => "stopped",
        })
    }
}
