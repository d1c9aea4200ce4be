//! What comes back: a whole reply, or the chunks of a stream. Both APIs in one form, as servers
//! differ less in what they send than in what they leave out. Fields that are not known, or null, or
//! of another form than the document says, refuse nothing; what is missing in the end does.

use fathom_shared::thinking::{AnswerStart, ThinkingSplitter};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FailureKind, FinishReason};
use serde_json::{Map, Value as Json};

use super::answer_limit::AnswerRoom;
use super::content_parts;
use super::error::{RequestError, short};
use super::error_messages::is_said;
use super::finish_reason::{self, FinishMeaning};
use super::json::{self, HalfCharacters};
use super::logprobs;
use super::token_counts::TokenCounts;
use super::whole_answer::WholeAnswer;

/// The most fields that are named in the error about an unusable reply.
const FIELDS: usize = 8;

/// An answer as it grows.
#[derive(Debug, Default)]
pub(super) struct StreamedAnswer {
    pub(super) split: ThinkingSplitter,
    room: AnswerRoom,
    finish: Option<FinishMeaning>,
    counts: TokenCounts,
    /// Where the answer begins.
    opened: AnswerStart,
    /// The choice that is read, where there are several: the lowest that came.
    index: Option<u64>,
    /// Whether the reply came in one piece.
    whole: bool,
    /// Whether pieces arrived; a whole message that follows repeats them.
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
    /// Whether a text was there, if only an empty one.
    has_text: bool,
    /// What the reply has instead of a text.
    no_text: Option<String>,
    /// The message that came before, where a server sends all of it with each piece.
    last_message: String,
    /// Whether tools were called.
    calls: bool,
    /// Whether more than white space came as text.
    has_words: bool,
    /// What the model said in place of an answer.
    refusal: String,
    /// Whether choices came, and the fields of a document that had none.
    chose: bool,
    fields: Vec<String>,
}

impl StreamedAnswer {
    /// `opened` says whether the answer begins in a block of thinking; it may take `room`.
    pub(super) fn new(opened: AnswerStart, room: Tokens) -> Self {
        Self {
            split: ThinkingSplitter::new(opened),
            room: AnswerRoom::new(room),
            opened,
            ..Self::default()
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
        let data = json::trimmed(data);
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
            Err(_) if error => {
                let said = String::from_utf8_lossy(data);
                Err(RequestError::in_event(&said, self.grown > 0))
            }
            Err(fault) => self.lines(data, &fault),
        }
    }

    /// What is no document as a whole may be several, one behind the other or one on each line.
    /// Words that are none are signs of life.
    fn lines(&mut self, data: &[u8], fault: &serde_json::Error) -> Result<(), RequestError> {
        if let Some(values) = json::several(data) {
            return values.iter().try_for_each(|value| self.value(value, false));
        }
        if let Some(lines) = json::lines(data) {
            return lines.into_iter().try_for_each(|line| self.add(line, false));
        }
        let said = String::from_utf8_lossy(data);
        let is_word = !said.starts_with(['{', '[', '"', '<']);
        if is_word && !said.to_lowercase().contains("error") {
            return Ok(());
        }
        // A body without a stated length ends where its connection breaks.
        if self.whole && json::is_cut_off(data) {
            return Err(RequestError::cut_off());
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
        if let Some(fault) = RequestError::in_reply(reply, error, self.grown > 0) {
            return Err(fault);
        }
        self.counts.add(reply);
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
        if let Some(fault) = RequestError::in_choice(choice, self.grown > 0) {
            return Err(fault);
        }
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
        if piece.is_none() && (message.is_some() || choice.contains_key("text")) {
            self.no_text.get_or_insert_with(|| "null".to_owned());
        }
        if let Some(message) = message.filter(|_| !self.whole) {
            self.begin_again(message);
        }
        let before = self.grown;
        for message in [piece, message].into_iter().flatten() {
            self.message(message)?;
        }
        if self.grown == before
            && let Some(text) = of("text")
        {
            self.content(text)?;
        }
        if let Some(reason) = of("finish_reason").and_then(finish_reason::of) {
            self.finish = Some(reason);
        }
        Ok(())
    }

    /// Whether the server said why the answer ended: what follows is of its counts.
    pub(super) fn has_ended(&self) -> bool {
        matches!(
            self.finish,
            Some(FinishMeaning::Ended(_) | FinishMeaning::ContextFull)
        )
    }

    /// Forgets all that came of a choice.
    fn forget(&mut self) {
        self.split = ThinkingSplitter::new(self.opened);
        self.room.empty();
        self.finish = None;
        self.pieces = false;
        self.grown = 0;
        self.likely = Vec::new();
        self.halves = Default::default();
        (self.has_text, self.no_text) = (false, None);
        (self.calls, self.has_words) = (false, false);
        self.refusal.clear();
    }

    /// Some servers send the whole message so far with each piece: what came is in it.
    fn begin_again(&mut self, message: &Json) {
        self.refusal.clear();
        let told = message.get("content").map(content_parts::of);
        let told = told.map(|parts| parts.text).unwrap_or_default();
        let before = std::mem::replace(&mut self.last_message, told);
        let more = self.last_message.strip_prefix(before.as_str());
        if !before.is_empty() && more.is_some_and(|more| !more.is_empty()) {
            self.split = ThinkingSplitter::new(self.opened);
            self.room.empty();
            self.halves = Default::default();
        }
    }

    fn message(&mut self, message: &Json) -> Result<(), RequestError> {
        let Some(fields) = message.as_object() else {
            return self.content(message);
        };
        if let Some(why) = fields.get("refusal").and_then(json::text) {
            self.refuse(why)?;
        }
        let calls = ["tool_calls", "function_call"].into_iter();
        self.calls |= calls.filter_map(|name| fields.get(name)).any(is_said);
        self.think(&content_parts::thinking(fields))?;
        match fields.get("content") {
            Some(content) => self.content(content),
            None => Ok(()),
        }
    }

    fn content(&mut self, content: &Json) -> Result<(), RequestError> {
        let parts = content_parts::of(content);
        self.has_text |= parts.has_text;
        if !parts.has_text && !content.is_null() && parts.thinking.is_empty() {
            self.no_text = Some(short(&content.to_string()));
        }
        self.parts(&parts)
    }

    fn parts(&mut self, parts: &content_parts::ContentParts) -> Result<(), RequestError> {
        if let Some(why) = &parts.refusal {
            self.refuse(why)?;
        }
        self.think(&parts.thinking)?;
        if !parts.text.is_empty() {
            self.grow(parts.text.len())?;
            let text = self.halves.0.join(&parts.text);
            self.has_words |= !text.trim().is_empty();
            self.split.push(&text);
        }
        Ok(())
    }

    fn refuse(&mut self, why: &str) -> Result<(), RequestError> {
        self.grow(why.len())?;
        self.refusal.push_str(why);
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
        self.room.take(more)
    }

    /// The whole answer.
    ///
    /// # Errors
    /// An answer that ended early, or for a reason that makes it no answer.
    pub(super) fn finish(mut self) -> Result<WholeAnswer, RequestError> {
        if !self.refusal.is_empty() {
            return Err(RequestError::refusal(&self.refusal));
        }
        let nothing = self.grown == 0 && self.likely.is_empty();
        if nothing && !self.chose && !self.fields.is_empty() {
            let fields = self.fields.join(", ");
            return Err(RequestError::odd(format!(
                "answered with no reply of OpenAI's chat or completions API; its fields are {fields}"
            )));
        }
        let room = self.room;
        if self
            .counts
            .written
            .is_some_and(|written| !room.may_be(written))
        {
            self.counts.written = None;
        }
        let is_full = matches!(self.finish, Some(FinishMeaning::ContextFull));
        let finish = match self.finish {
            Some(FinishMeaning::Ended(finish)) => finish,
            Some(FinishMeaning::ContextFull) => FinishReason::Length,
            Some(FinishMeaning::Other { said, details }) => {
                return Err(finish_reason::fault(&said, details.as_ref()));
            }
            // Whole, and the server does not say why it ended.
            None if self.over && !nothing => match self.counts.written >= Some(self.room.tokens) {
                true => FinishReason::Length,
                false => FinishReason::Stop,
            },
            None if self.over => {
                let message = "ended the answer without a text and without saying why, expected a finish_reason";
                return Err(RequestError::odd(message));
            }
            None => {
                return Err(RequestError::cut_off());
            }
        };
        let nothing = nothing && self.counts.thought.is_none();
        if nothing && finish == FinishReason::Length && (is_full || self.counts.wrote_none) {
            let room = self.room.tokens;
            return Err(RequestError::new(
                FailureKind::Context,
                format!(
                    "wrote nothing and says that its room is full, where {room} tokens were asked for: the prompt fills its context"
                ),
            ));
        }
        if self.calls && !self.has_words && self.likely.is_empty() {
            return Err(finish_reason::fault("tool_calls", None));
        }
        // Null where the text should be is no text, unless the server says where its tokens went.
        let unsaid = self.no_text.filter(|_| nothing && !self.has_text);
        if let Some(got) = unsaid
            && (finish == FinishReason::Stop || self.counts.written.is_none())
        {
            return Err(RequestError::odd(format!(
                "ended the answer with {got} in place of the text and nothing else"
            )));
        }
        let (text, thinking) = (self.halves.0.rest(), self.halves.1.rest());
        if !thinking.is_empty() {
            self.split.think(thinking);
        }
        self.split.push(text);
        let parted = self.split.finish();
        Ok(WholeAnswer {
            text: parted.answer,
            thinking: parted.thinking,
            end_alone: parted.end_alone,
            finish,
            usage: self.counts.usage(),
            written: self.counts.written,
            likely: self.likely,
        })
    }
}
