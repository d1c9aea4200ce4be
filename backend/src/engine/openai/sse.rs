//! Server-sent events, as far as OpenAI's streams use them: the data of each event.
//!
//! Source: WHATWG HTML, "Server-sent events", section "Parsing an event stream". Two forms that
//! it does not allow are accepted as well: events without an empty line between them, if each is
//! complete on its own line, and a last event without an end.
//!
//! Why not `eventsource-stream` (0.2.3): it searches an incomplete line again with every
//! piece that arrives (an event of 1, 2 and 4 MB in pieces of 1 KB took 0.4, 1.4 and 9.4 s), has no
//! longest line, refuses bytes that are not UTF-8 although a server's words should be shown, drops
//! an event that nothing ended, and does not split events without an empty line between them. The
//! reader of the body (`wait`) enforces deadlines, not this module.

/// A line longer than this is no event of a completion.
const LONGEST: usize = 8 << 20;

/// An event that is too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct EventTooLong;

/// A whole event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SseEvent<'a> {
    pub(super) data: &'a [u8],
    /// Whether its name is `error`.
    pub(super) error: bool,
}

/// Takes bytes as they arrive and returns complete events, in time linear in the number of bytes.
#[derive(Debug, Default)]
pub(super) struct SseParser {
    /// The line that has not ended.
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    error: bool,
    /// Whether the last byte was a carriage return, which a line feed may follow.
    returned: bool,
}

impl SseParser {
    /// Adds `bytes`; calls `each` with every event that is now whole.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(SseEvent<'_>),
    ) -> Result<(), EventTooLong> {
        let mut rest = bytes;
        if std::mem::take(&mut self.returned) {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.line.extend_from_slice(&rest[..end]);
            let line = std::mem::take(&mut self.line);
            self.end_line(&line, &mut each);
            // The buffer is used again.
            self.line = line;
            self.line.clear();
            let returned = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if returned {
                self.returned = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.line.extend_from_slice(rest);
        match self.line.len().max(self.data.len()) > LONGEST {
            true => Err(EventTooLong),
            false => Ok(()),
        }
    }

    /// The event that nothing ended; whether it is whole is for its reader to say.
    pub(super) fn finish(mut self, mut each: impl FnMut(SseEvent<'_>)) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.end_line(&line, &mut each);
        }
        self.end_event(&mut each);
    }

    fn end_line(&mut self, line: &[u8], each: &mut impl FnMut(SseEvent<'_>)) {
        if line.is_empty() {
            self.end_event(each);
        } else if let Some(value) = line.strip_prefix(b"data:") {
            let value = value.strip_prefix(b" ").unwrap_or(value);
            if self.has_data && self.is_next(value) {
                self.end_event(each);
            }
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        } else if let Some(value) = line.strip_prefix(b"error:") {
            // llama.cpp's and TGI's word for an error in a stream.
            self.end_event(each);
            let data = value.trim_ascii();
            each(SseEvent { data, error: true });
        } else if let Some(name) = line.strip_prefix(b"event:") {
            self.error = name.trim_ascii() == b"error";
        } else if line.starts_with(b"{") {
            // A document that came after comments, and not as an event.
            self.end_event(each);
            each(SseEvent {
                data: line,
                error: false,
            });
        } else if is_trouble(line) {
            self.end_event(each);
            let data = line.trim_ascii();
            each(SseEvent { data, error: true });
        }
    }

    /// Whether `value` begins another event although no empty line came before.
    fn is_next(&self, value: &[u8]) -> bool {
        let whole = self.data.trim_ascii_end().ends_with(b"}");
        let value = value.trim_ascii_start();
        whole && (value.starts_with(b"{") || value.starts_with(b"[DONE]"))
    }

    fn end_event(&mut self, each: &mut impl FnMut(SseEvent<'_>)) {
        let error = std::mem::take(&mut self.error);
        if std::mem::take(&mut self.has_data) || error {
            let data = &self.data;
            each(SseEvent { data, error });
            self.data.clear();
        }
    }
}

/// Whether a line that is no field says that something failed: what a proxy writes into a stream
/// whose server is gone. Comments and other fields say nothing.
fn is_trouble(line: &[u8]) -> bool {
    const WORDS: [&str; 8] = [
        "error",
        "bad gateway",
        "unavailable",
        "timeout",
        "timed out",
        "overloaded",
        "exception",
        "terminated",
    ];
    let line = line.trim_ascii();
    let fields = [&b":"[..], b"id:", b"retry:"];
    if fields.iter().any(|field| line.starts_with(field)) {
        return false;
    }
    let text = String::from_utf8_lossy(line).to_lowercase();
    line.starts_with(b"<") || WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    /// The events of `text` when it comes in pieces of `size` bytes.
    fn events(text: &str, size: usize) -> Vec<String> {
        let (mut events, mut got) = (SseParser::default(), Vec::new());
        let mut each =
            |event: SseEvent<'_>| got.push(String::from_utf8(event.data.to_vec()).unwrap());
        for piece in text.as_bytes().chunks(size) {
            events.push(piece, &mut each).unwrap();
        }
        events.finish(&mut each);
        got
    }

    #[test]
    fn events_do_not_depend_on_the_pieces() {
        let text = ": ping\n\ndata: {\"a\":1}\r\n\r\nevent: x\nid: 7\ndata:one\ndata: zwö\n\n\ndata: {}\rdata: {}\r\rdata: [DONE]\n\ndata: last";
        let want = ["{\"a\":1}", "one\nzwö", "{}", "{}", "[DONE]", "last"];
        for size in 1..text.len() {
            assert_eq!(events(text, size), want, "pieces of {size}");
        }
    }

    #[test]
    fn an_event_that_is_an_error_says_so() {
        let (mut events, mut got) = (SseParser::default(), Vec::new());
        let text = b"event: error\ndata: {}\n\ndata: {}\n\n";
        events.push(text, |event| got.push(event.error)).unwrap();
        assert_eq!(got, [true, false]);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut events = SseParser::default();
        let line = vec![b'x'; LONGEST + 1];
        assert_eq!(events.push(&line, |_| ()), Err(EventTooLong));
    }

    #[test]
    fn a_long_line_in_small_pieces_takes_no_longer_than_in_one() {
        let mut events = SseParser::default();
        let began = Instant::now();
        for _ in 0..LONGEST {
            events.push(b"x", |_| ()).unwrap();
        }
        // Looked through from its beginning each time it would take hours.
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
