//! What a script may spend.
//!
//! Every limit counts something that is the same on every machine, so that a script which passes
//! on one passes on all. Time is bounded by operations; who has a clock may end a script sooner
//! with a [`ScriptWatch`](super::ScriptWatch).

use crate::tokens::Tokens;

/// Bytes of a script.
pub const SCRIPT_BYTES: usize = 256 * 1024;
/// Operations of one call: about a second.
pub const OPERATIONS: u64 = 10_000_000;
/// Functions that call one another.
pub const CALLS: usize = 24;
/// Expressions and blocks within one another.
pub const NESTING: usize = 48;
/// Variables of one function.
pub const VARIABLES: usize = 128;
/// Bytes of a string, and of all strings in one array or map. A haystack may be longer.
pub const STRING_BYTES: usize = 256 * 1024;
/// Items of an array, with those within them. A haystack may have more.
///
/// With [`FIELDS`] also the depth to which arrays and maps can be put into one another. It is no
/// more because what is nested is walked, copied and dropped on the stack, and a browser's is
/// full at some 8,000.
pub const ITEMS: usize = 2048;
/// Fields of a map, with those within them.
pub const FIELDS: usize = 512;
/// Functions of a script.
pub const FUNCTIONS: usize = 256;
/// References of a sample.
pub const REFERENCES: usize = 100;
/// Room that a script may ask for its answer.
pub const ANSWER: Tokens = Tokens(4096);
/// Lines that one call may print, and bytes of each; the rest is cut.
pub const CONSOLE_LINES: usize = 200;
/// Bytes of a printed line.
pub const CONSOLE_BYTES: usize = 2000;
/// After so many operations a watch is asked whether to stop.
pub const STOP_EVERY: u64 = 256;

/// Bytes that the haystacks of one call may take together, counting what was thrown away.
pub fn haystack_bytes(max_seq_length: Tokens) -> usize {
    /// Generous: a UUID, one word for a counter of words, has 36.
    const PER_TOKEN: usize = 256;
    (4 << 20).max(max_seq_length.0 as usize * PER_TOKEN)
}
