//! The room for an answer, in tokens and in bytes.

use fathom_shared::tokens::Tokens;

use super::error::RequestError;

/// The most bytes that a token can have: a server whose text is longer ignores the token limit that
/// it was given.
const BYTES: usize = 256;
/// Bytes allowed beyond that, for ends of turns and white space.
const SLACK: usize = 64 << 10;

/// How much may be written, and how much is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AnswerRoom {
    /// What was asked for.
    pub(super) tokens: Tokens,
    /// Bytes of text and thinking.
    bytes: usize,
}

impl AnswerRoom {
    pub(super) fn new(tokens: Tokens) -> Self {
        Self { tokens, bytes: 0 }
    }

    /// Whether a server's count of what it wrote may be one: it may go on a little beyond the room.
    pub(super) fn may_be(self, written: Tokens) -> bool {
        u64::from(written.0) <= u64::from(self.tokens.0) * 2 + 256
    }

    /// Nothing is written any more.
    pub(super) fn empty(&mut self) {
        self.bytes = 0;
    }

    /// Takes room for `more` bytes.
    ///
    /// # Errors
    /// More than any tokens of the room can be.
    pub(super) fn take(&mut self, more: usize) -> Result<(), RequestError> {
        self.bytes += more;
        let room = self.tokens;
        let most = (room.0 as usize)
            .saturating_mul(BYTES)
            .saturating_add(SLACK);
        if self.bytes > most {
            return Err(RequestError::refused(format!(
                "wrote more than {most} bytes where {room} tokens were asked for: it does not heed the room for an answer"
            )));
        }
        Ok(())
    }
}
