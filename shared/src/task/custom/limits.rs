//! Resource limits of scripts.
//!
//! Every limit counts something that is the same on every machine, so that a script that passes on
//! one passes on all. The limit on operations bounds the time; a caller with a clock may stop a
//! script sooner with a [`ScriptWatch`](super::ScriptWatch).

use crate::tokens::Tokens;

/// Size of a script, in bytes.
pub const SCRIPT_BYTES: usize = 256 * 1024;
/// Operations in one call: about a second.
pub const OPERATIONS: u64 = 10_000_000;
/// Depth of nested function calls.
pub const CALLS: usize = 24;
/// Depth of nested expressions and blocks.
pub const NESTING: usize = 48;
/// Variables in one function.
pub const VARIABLES: usize = 128;
/// Bytes of a string, and of all strings in one array or map. A haystack may be longer.
pub const STRING_BYTES: usize = 256 * 1024;
/// Items in an array, including nested ones. A haystack may have more.
///
/// Together with [`FIELDS`], this also limits how deeply arrays and maps can be nested. It is not
/// higher because nested values are walked, copied and dropped on the stack, and a browser's stack
/// is full at about 8,000.
pub const ITEMS: usize = 2048;
/// Fields in a map, including nested ones.
pub const FIELDS: usize = 512;
/// Functions in a script.
pub const FUNCTIONS: usize = 256;
/// References in a sample.
pub const REFERENCES: usize = 100;
/// The most answer tokens that a script may request.
pub const ANSWER: Tokens = Tokens(4096);
/// Lines that one call may print; the rest is cut.
pub const CONSOLE_LINES: usize = 200;
/// Bytes of a printed line.
pub const CONSOLE_BYTES: usize = 2000;
/// The watch is asked whether to stop after every so many operations.
pub const STOP_EVERY: u64 = 256;

/// Bytes that the haystacks of one call may use together, including those that were discarded.
pub fn haystack_bytes(max_seq_length: Tokens) -> usize {
    /// Generous: a UUID, which a counter of words counts as one token, has 36.
    const PER_TOKEN: usize = 256;
    (4 << 20).max(max_seq_length.0 as usize * PER_TOKEN)
}
