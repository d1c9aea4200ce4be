//! Server-sent events, as far as OpenAI's streams use them: the data of each event.
//!
//! Source: WHATWG HTML, "Server-sent events", section "Parsing an event stream".

/// A line longer than this is no event of a completion.
const LONGEST: usize = 8 << 20;

/// An event that is too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooLong;

/// Takes bytes as they come and gives whole events. What is cut off at the end is no event.
#[derive(Debug, Default)]
pub(super) struct Events {
    held: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
}

impl Events {
    /// Adds `bytes`; calls `each` with the data of every event that is now whole.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), TooLong> {
        self.held.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(end) = self.held[from..].iter().position(|byte| *byte == b'\n') {
            let end = from + end;
            let line = &self.held[from..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                if std::mem::take(&mut self.has_data) {
                    each(&self.data);
                    self.data.clear();
                }
            } else if let Some(value) = line.strip_prefix(b"data:") {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push(b'\n');
                }
                let value = value.strip_prefix(b" ").unwrap_or(value);
                self.data.extend_from_slice(value);
            }
            from = end + 1;
        }
        self.held.drain(..from);
        match self.held.len().max(self.data.len()) > LONGEST {
            true => Err(TooLong),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of `text` when it comes in pieces of `size` bytes.
    fn events(text: &str, size: usize) -> Vec<String> {
        let (mut events, mut got) = (Events::default(), Vec::new());
        for piece in text.as_bytes().chunks(size) {
            let each = |data: &[u8]| got.push(String::from_utf8(data.to_vec()).unwrap());
            events.push(piece, each).unwrap();
        }
        got
    }

    #[test]
    fn events_do_not_depend_on_the_pieces() {
        let text = ": ping\n\ndata: {\"a\":1}\r\n\r\nevent: x\nid: 7\ndata:one\ndata: zwö\n\n\ndata: [DONE]\n\ndata: cut";
        let want = ["{\"a\":1}", "one\nzwö", "[DONE]"];
        for size in 1..text.len() {
            assert_eq!(events(text, size), want, "pieces of {size}");
        }
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut events = Events::default();
        let line = vec![b'x'; LONGEST + 1];
        assert_eq!(events.push(&line, |_| ()), Err(TooLong));
    }
}
