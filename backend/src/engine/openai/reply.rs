//! What comes back: a whole reply, or the chunks of a stream. Both APIs in one form, as servers
//! differ less in what they send than in what they leave out. Fields that are not known, or null, or
//! of another form than the document says, refuse nothing; what is missing in the end does.

use fathom_shared::thinking::{OpenThinking, ThinkingSplitter};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FinishReason, TokenUsage};
use serde_json::{Map, Value as Json};

use super::content_parts;
use super::error::{RequestError, short};
use super::finish_reason::{self, FinishMeaning};
use super::json::{self, HalfCharacters};
use super::logprobs;

/// No token has more bytes than this: a server whose text is longer for its tokens does not heed
/// the room it was given.
const BYTES: usize = 256;
/// Room is not counted to the byte: ends of turns and white space come on top.
const SLACK: usize = 64 << 10;
/// Fields that are told of a reply which is none.
const FIELDS: usize = 8;

/// An answer as it grows.
#[derive(Debug)]
pub(super) struct StreamedAnswer {
    pub(super) split: ThinkingSplitter,
    /// Bytes of text and thinking, and how many are too many.
    bytes: (usize, usize),
    /// Room for the answer, in tokens.
    room: Tokens,
    finish: Option<FinishMeaning>,
    prompt: Option<Tokens>,
    written: Option<Tokens>,
    /// Of these, tokens of thinking.
    thought: Option<Tokens>,
    /// The block of thinking in which the answer begins.
    opened: Option<OpenThinking>,
    /// The choice that is read, where there are several: the lowest that came.
    index: Option<u64>,
    /// Whether the reply came in one piece.
    whole: bool,
    /// Whether pieces came: a whole message beside them repeats them.
    pieces: bool,
    /// How many pieces of text or thinking came.
    pub(super) grown: usize,
    /// How many documents came.
    pub(super) read: usize,
    /// Whether the server said that nothing more comes.
    pub(super) over: bool,
    /// The likeliest first tokens, where they were asked for.
    likely: Vec<(String, f64)>,
    /// Characters that are cut between two pieces: of the text, and of the thinking.
    halves: (HalfCharacters, HalfCharacters),
    /// Whether a text was there, if only an empty one, and whether null stood in its place.
    texts: (bool, bool),
    /// Whether choices came, and the fields of a document that had none.
    chose: bool,
    fields: Vec<String>,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct WholeAnswer {
    pub(super) text: String,
    pub(super) thinking: Option<String>,
    pub(super) finish: FinishReason,
    pub(super) usage: Option<TokenUsage>,
    /// Tokens written, where the server told.
    pub(super) written: Option<Tokens>,
    /// The likeliest first tokens, where they were asked for.
    pub(super) likely: Vec<(String, f64)>,
}

impl StreamedAnswer {
    /// `opened` is the block of thinking in which the answer begins; it may take `room`.
    pub(super) fn new(opened: Option<OpenThinking>, room: Tokens) -> Self {
        let most = (room.0 as usize)
            .saturating_mul(BYTES)
            .saturating_add(SLACK);
        Self {
            split: ThinkingSplitter::new(opened),
            bytes: (0, most),
            room,
            finish: None,
            prompt: None,
            written: None,
            thought: None,
            opened,
            index: None,
            whole: false,
            pieces: false,
            grown: 0,
            read: 0,
            over: false,
            likely: Vec::new(),
            halves: Default::default(),
            texts: (false, false),
            chose: false,
            fields: Vec::new(),
        }
    }

    /// Adds a reply in one piece: a document, or several, one a line.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn add_whole(&mut self, body: &[u8]) -> Result<(), RequestError> {
        self.whole = true;
        self.add(body, false)?;
        self.over = true;
        Ok(())
    }

    /// Adds an event of a stream, or a whole reply; `error` where it is named one.
    ///
    /// # Errors
    /// What is no chunk, or says that something failed.
    pub(super) fn add(&mut self, data: &[u8], error: bool) -> Result<(), RequestError> {
        let data = data.trim_ascii();
        let unquoted = data.strip_prefix(b"\"").unwrap_or(data);
        if unquoted
            .get(..6)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"[DONE]"))
        {
            self.read += 1;
            self.over = true;
            return Ok(());
        }
        match json::read_piece(data) {
            Ok(value) => self.value(&value, error),
            Err(fault) => self.lines(data, &fault),
        }
    }

    /// What is no document as a whole may be several, one behind the other or one on each line.
    /// Words that are none are signs of life.
    fn lines(&mut self, data: &[u8], fault: &serde_json::Error) -> Result<(), RequestError> {
        if let Some(values) = json::several(data) {
            return values.iter().try_for_each(|value| self.value(value, false));
        }
        let lines = data.split(|byte| matches!(byte, b'\n' | b'\r'));
        let lines = lines.map(|line| {
            let line = line.trim_ascii();
            line.strip_prefix(b"data:").unwrap_or(line).trim_ascii()
        });
        let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
        let whole = |line: &&[u8]| *line == b"[DONE]" || json::read(line).is_ok();
        if lines.len() > 1 && lines.iter().all(whole) {
            return lines.into_iter().try_for_each(|line| self.add(line, false));
        }
        let said = String::from_utf8_lossy(data);
        let is_word = !said.starts_with(['{', '[', '"', '<']);
        if is_word && !said.to_lowercase().contains("error") {
            return Ok(());
        }
        Err(RequestError::odd(format!(
            "answered with something that is no completion: {fault}: `{}`",
            short(&said)
        )))
    }

    fn value(&mut self, value: &Json, error: bool) -> Result<(), RequestError> {
        match value {
            Json::Object(fields) => self.document(fields, error),
            Json::Array(values) => {
                let mut documents = values.iter().filter(|value| value.is_object());
                if !values.is_empty() && documents.clone().next().is_none() {
                    let message = "answered with something that is no completion: a list";
                    return Err(RequestError::odd(message));
                }
                documents.try_for_each(|document| self.value(document, error))
            }
            _ => Ok(()),
        }
    }

    fn document(&mut self, reply: &Map<String, Json>, error: bool) -> Result<(), RequestError> {
        self.read += 1;
        if let Some(fault) = RequestError::in_reply(reply, error) {
            return Err(fault);
        }
        if let Some(usage) = reply.get("usage").and_then(Json::as_object) {
            self.usage(usage);
        }
        let choices = match reply.get("choices") {
            Some(Json::Array(choices)) => choices.as_slice(),
            Some(one @ Json::Object(_)) => std::slice::from_ref(one),
            Some(Json::Null) | None => &[],
            Some(other) => {
                let got = short(&other.to_string());
                let message =
                    format!("answered with something that is no completion: `choices` is {got}");
                return Err(RequestError::odd(message));
            }
        };
        self.chose |= !choices.is_empty() || reply.contains_key("choices");
        if self.fields.is_empty() && !self.chose {
            let names = reply.keys().take(FIELDS);
            self.fields = names.map(|name| format!("`{}`", short(name))).collect();
        }
        (0..)
            .zip(choices)
            .filter_map(|(place, choice)| Some((place, choice.as_object()?)))
            .try_for_each(|(place, choice)| self.choice(place, choice))
    }

    /// A choice, the one at `place` in its list.
    fn choice(&mut self, place: u64, choice: &Map<String, Json>) -> Result<(), RequestError> {
        let index = choice.get("index").and_then(json::count).unwrap_or(place);
        match self.index {
            Some(read) if read < index => return Ok(()),
            // What came of another is none of the answer.
            Some(read) if read > index => self.forget(),
            _ => {}
        }
        self.index = Some(index);
        if let Some(told) = choice.get("logprobs").filter(|_| self.likely.is_empty()) {
            self.likely = logprobs::first(told);
        }
        let of = |name: &str| choice.get(name).filter(|value| !value.is_null());
        let piece = of("delta").filter(|delta| delta.as_object().is_none_or(|its| !its.is_empty()));
        let message = of("message").filter(|_| piece.is_none() && !self.pieces);
        // A whole answer that comes behind its own end is another one, or the same again.
        if self.finish.is_some() && piece.is_none() && (self.whole || message.is_some()) {
            return Ok(());
        }
        self.pieces |= piece.is_some();
        let whole = message.is_some() || choice.contains_key("text");
        self.texts.1 |= whole && piece.is_none();
        let before = self.grown;
        for message in [piece, message].into_iter().flatten() {
            self.message(message)?;
        }
        if self.grown == before
            && let Some(text) = of("text")
        {
            self.texts.0 = true;
            self.parts(&content_parts::of(text))?;
        }
        if let Some(reason) = of("finish_reason").and_then(finish_reason::of) {
            self.finish = Some(reason);
        }
        Ok(())
    }

    /// Forgets all that came of a choice.
    fn forget(&mut self) {
        self.split = ThinkingSplitter::new(self.opened);
        self.bytes.0 = 0;
        self.finish = None;
        self.pieces = false;
        self.grown = 0;
        self.likely = Vec::new();
        self.halves = Default::default();
        self.texts = (false, false);
    }

    fn message(&mut self, message: &Json) -> Result<(), RequestError> {
        let Some(fields) = message.as_object() else {
            return self.parts(&content_parts::of(message));
        };
        if let Some(why) = fields.get("refusal").and_then(json::text) {
            return Err(RequestError::refusal(why));
        }
        self.think(&content_parts::thinking(fields))?;
        match fields.get("content") {
            Some(content) => {
                self.texts.0 |= !content.is_null();
                self.parts(&content_parts::of(content))
            }
            None => Ok(()),
        }
    }

    fn parts(&mut self, parts: &content_parts::ContentParts) -> Result<(), RequestError> {
        if let Some(why) = &parts.refusal {
            return Err(RequestError::refusal(why));
        }
        self.think(&parts.thinking)?;
        if !parts.text.is_empty() {
            self.grow(parts.text.len())?;
            let text = self.halves.0.join(&parts.text);
            self.split.push(&text);
        }
        Ok(())
    }

    fn think(&mut self, thought: &str) -> Result<(), RequestError> {
        if !thought.is_empty() {
            self.grow(thought.len())?;
            let thought = self.halves.1.join(thought);
            self.split.think(&thought);
        }
        Ok(())
    }

    fn grow(&mut self, more: usize) -> Result<(), RequestError> {
        self.grown += 1;
        self.bytes.0 += more;
        let (bytes, most) = self.bytes;
        if bytes > most {
            let room = self.room;
            return Err(RequestError::refused(format!(
                "wrote more than {most} bytes where {room} tokens were asked for: it does not heed the room for an answer"
            )));
        }
        Ok(())
    }

    /// OpenAI's names, or Anthropic's, who counts what was cached apart. A count of 0, or of less
    /// than was cached, is that of the rest of a prompt which the server knew.
    fn usage(&mut self, usage: &Map<String, Json>) {
        let of = |name: &str| usage.get(name).and_then(json::count);
        let cached = usage
            .get("prompt_tokens_details")
            .and_then(|details| json::count(details.get("cached_tokens")?));
        let prompt = match of("prompt_tokens") {
            Some(prompt) => Some(match cached {
                Some(cached) if cached > prompt => prompt + cached,
                _ => prompt,
            }),
            None => of("input_tokens").map(|fresh| {
                let known = ["cache_read_input_tokens", "cache_creation_input_tokens"];
                fresh + known.into_iter().filter_map(of).sum::<u64>()
            }),
        };
        let written = of("completion_tokens").or_else(|| of("output_tokens"));
        let details = ["completion_tokens_details", "output_tokens_details"];
        let details = details.into_iter().find_map(|name| usage.get(name));
        let thought = details.and_then(|details| json::count(details.get("reasoning_tokens")?));
        let thought = thought.or_else(|| of("reasoning_tokens"));
        let tokens = |count: u64| u32::try_from(count).ok().filter(|count| *count > 0);
        self.thought = thought.and_then(tokens).map(Tokens).or(self.thought);
        self.prompt = prompt.and_then(tokens).map(Tokens).or(self.prompt);
        self.written = written.and_then(tokens).map(Tokens).or(self.written);
    }

    /// The whole answer.
    ///
    /// # Errors
    /// An answer that ended early, or for a reason that makes it no answer.
    pub(super) fn finish(mut self) -> Result<WholeAnswer, RequestError> {
        let nothing = self.grown == 0 && self.likely.is_empty();
        if nothing && !self.chose && !self.fields.is_empty() {
            let fields = self.fields.join(", ");
            return Err(RequestError::odd(format!(
                "answered with no reply of OpenAI's chat or completions API; its fields are {fields}"
            )));
        }
        let finish = match self.finish {
            Some(FinishMeaning::Ended(finish)) => finish,
            Some(FinishMeaning::Other(said)) => return Err(finish_reason::fault(&said)),
            // Whole, and the server does not say why it ended.
            None if self.over && !nothing => match self.written >= Some(self.room) {
                true => FinishReason::Length,
                false => FinishReason::Stop,
            },
            None if self.over => {
                let message = "ended the answer without a text and without saying why, expected a finish_reason";
                return Err(RequestError::odd(message));
            }
            None => {
                return Err(RequestError::network(
                    "broke the connection in the middle of the answer",
                ));
            }
        };
        // Null where the text should be is no text, unless the server says where its tokens went.
        let unsaid = nothing && !self.texts.0 && self.texts.1 && self.thought.is_none();
        if unsaid && (finish == FinishReason::Stop || self.written.is_none()) {
            let message = "ended the answer with null in place of the text and nothing else";
            return Err(RequestError::odd(message));
        }
        let (text, thinking) = (self.halves.0.rest(), self.halves.1.rest());
        if !thinking.is_empty() {
            self.split.think(thinking);
        }
        self.split.push(text);
        let parted = self.split.finish();
        let usage = self.prompt.zip(self.written);
        Ok(WholeAnswer {
            text: parted.answer,
            thinking: parted.thinking,
            finish,
            usage: usage.map(|(prompt, completion)| TokenUsage {
                prompt,
                completion,
                thinking: self.thought,
            }),
            written: self.written,
            likely: self.likely,
        })
    }
}
