//! Why a file could not be read.

use std::fmt;

use crate::json::JsonError;

/// A file that is not what it should be: where, what was found, and what was expected.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}{problem}")]
pub struct FormatError {
    /// Where in the file.
    pub place: FileLocation,
    /// What is wrong there.
    pub problem: FormatProblem,
}

impl FormatError {
    /// The line, or 0 if the error is not on one.
    pub(super) fn line(&self) -> usize {
        match self.place {
            FileLocation::Line(number) => number,
            FileLocation::File | FileLocation::Member(_) => 0,
        }
    }
}

/// Where in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileLocation {
    /// The file as a whole.
    File,
    /// A line, from 1.
    Line(usize),
    /// A member of an archive.
    Member(String),
}

impl fmt::Display for FileLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line(number) => write!(f, "line {number}: "),
            Self::Member(name) => write!(f, "member `{name}`: "),
        }
    }
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FormatProblem {
    /// Bytes that are not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON of another kind than expected.
    #[error("got {got}, expected {expected}")]
    Kind {
        /// What it is.
        got: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A field of another kind than expected.
    #[error("field `{field}`: got {got}, expected {expected}")]
    Field {
        /// The path of the field.
        field: String,
        /// What is there.
        got: String,
        /// What should.
        expected: &'static str,
    },
    /// An archive that is damaged or of an unknown kind.
    #[error("{0}")]
    Archive(String),
    /// More than is read.
    #[error("{what} has more than {most} bytes, which is all that is read")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        most: u64,
    },
}

impl FormatProblem {
    /// Whether there is no JSON, as in a line that was cut off.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self, Self::Json(_))
    }

    /// This problem, found in `line`.
    pub(super) fn on_line(self, line: usize) -> FormatError {
        FormatError {
            place: FileLocation::Line(line),
            problem: self,
        }
    }

    /// This problem, found in an archive's member.
    pub(super) fn in_member(self, name: &str) -> FormatError {
        FormatError {
            place: FileLocation::Member(name.to_owned()),
            problem: self,
        }
    }

    /// This problem of the whole file.
    pub(super) fn in_file(self) -> FormatError {
        FormatError {
            place: FileLocation::File,
            problem: self,
        }
    }
}
