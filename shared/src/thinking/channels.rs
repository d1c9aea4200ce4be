//! The headers of gpt-oss' channels:
//!
//! ```text
//! <|channel|>analysis<|message|>                     a thought
//! <|channel|>commentary to=tool <|constrain|>json<|message|>
//! <|channel|>final<|message|>                        the answer
//! <|channel|>final <|constrain|>json<|message|>      the answer, which is to be JSON
//! ```

/// What begins a header, and what ends it.
const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const FINAL: &str = "final";
/// The channels that are no answer.
const THOUGHTS: [&str; 2] = ["analysis", "commentary"];
const CONSTRAIN: &str = "<|constrain|>";
/// As many bytes are looked at behind a channel's name.
const MOST: usize = 100;

/// What of a header stands at the beginning of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ChannelHeader {
    /// Nothing.
    None,
    /// A part of one: what follows decides.
    Begun,
    /// That of a thought, to the end of its name.
    Thought { name: &'static str, len: usize },
    /// That of the answer, to the end of the header.
    Final { len: usize },
}

/// The header at the beginning of `text`; `ended` where nothing follows.
pub(super) fn header(text: &[u8], ended: bool) -> ChannelHeader {
    let begun = || match ended {
        true => ChannelHeader::None,
        false => ChannelHeader::Begun,
    };
    let Some(after) = after(text, CHANNEL) else {
        return match is_part(text, CHANNEL) {
            true => begun(),
            false => ChannelHeader::None,
        };
    };
    let spaces = after.iter().take_while(|byte| **byte == b' ').count();
    let name = &after[spaces..];
    for thought in THOUGHTS {
        if self::after(name, thought).is_some() {
            let len = CHANNEL.len() + spaces + thought.len();
            return ChannelHeader::Thought { name: thought, len };
        }
    }
    let Some(rest) = self::after(name, FINAL) else {
        let is_begun = THOUGHTS
            .iter()
            .chain([&FINAL])
            .any(|all| is_part(name, all));
        return match is_begun {
            true => begun(),
            false => ChannelHeader::None,
        };
    };
    if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
        return ChannelHeader::None;
    }
    let named = text.len() - rest.len();
    match constraint(rest) {
        Constraint::To(len) => ChannelHeader::Final { len: named + len },
        Constraint::Begun if !ended => ChannelHeader::Begun,
        // A server left out the rest of it.
        Constraint::Begun | Constraint::None => ChannelHeader::Final { len: named },
    }
}

/// What stands between a channel's name and its message.
enum Constraint {
    /// Nothing that belongs to a header.
    None,
    /// As far as the text goes it may be one.
    Begun,
    /// So many bytes, with the mark of the message.
    To(usize),
}

/// What stands at the beginning of `text`, which follows a channel's name.
fn constraint(text: &[u8]) -> Constraint {
    let near = &text[..text.len().min(MOST)];
    let line = near.iter().position(|byte| *byte == b'\n');
    let line = &near[..line.unwrap_or(near.len())];
    let mut at = 0;
    while let Some(mark) = line[at..].windows(2).position(|pair| pair == b"<|") {
        let tail = &line[at + mark..];
        if after(tail, MESSAGE).is_some() {
            return Constraint::To(at + mark + MESSAGE.len());
        }
        if after(tail, CONSTRAIN).is_none() {
            let is_begun = is_part(tail, MESSAGE) || is_part(tail, CONSTRAIN);
            match is_begun {
                true => break,
                false => return Constraint::None,
            }
        }
        at += mark + CONSTRAIN.len();
    }
    match line.len() == text.len() && text.len() < MOST {
        true => Constraint::Begun,
        false => Constraint::None,
    }
}

/// What follows `word`, compared without regard to case, at the beginning of `text`.
fn after<'a>(text: &'a [u8], word: &str) -> Option<&'a [u8]> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    begin.eq_ignore_ascii_case(word.as_bytes()).then_some(rest)
}

/// Whether `text` is the beginning of `word` and nothing else.
fn is_part(text: &[u8], word: &str) -> bool {
    let begin = word.as_bytes().get(..text.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(text))
}
