//! A model's own chat template, as it stands in the model's metadata (Jinja).

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

pub use super::chat_message::ChatMessage;
use super::jinja::{Date, TemplateInput};

/// A chat template with the special tokens it names.
#[derive(Clone, PartialEq, Debug)]
pub struct ChatTemplate {
    source: String,
    tokens: BTreeMap<String, String>,
    date: Date,
    /// What stands around a message that says nothing in particular, where that is in it once.
    around: Option<(String, String)>,
}

static DATE: OnceLock<Date> = OnceLock::new();

/// The day that the templates of this process are told from now on. The first call counts.
pub fn set_date(date: Date) {
    // Whoever is first has set it.
    let _first = DATE.set(date);
}

/// The day that the templates of this process are told.
pub fn date() -> Date {
    DATE.get().copied().unwrap_or_default()
}

/// Why a chat prompt was not made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChatError {
    /// The model carries none.
    #[error("the model has no chat template, and the mode is chat; ask in completion mode")]
    Missing,
    /// The template itself is at fault.
    #[error("the model's chat template does not render: {reason}")]
    Render {
        /// What the template engine says, with the line.
        reason: String,
    },
    /// The message is not in the rendered text, or a beginning that is to go on is there twice.
    #[error("the model's chat template gives the message {got} times, expected once")]
    Message {
        /// How often it was found.
        got: usize,
    },
}

/// How a rendered dialogue ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DialogueEnding {
    /// The assistant is to speak next: `add_generation_prompt` of Hugging Face.
    #[default]
    Answer,
    /// Within the last message, which the model goes on with: `continue_final_message`.
    Continue,
    /// After the last message.
    Closed,
}

/// Stands for the message while the template renders, so that a message which happens to hold
/// template text or special tokens is found again without doubt.
const MARK: &str = "\u{E000}fathom-message\u{E001}";
/// Another message, of another length.
const OTHER: &str = "What is asked here?";

impl ChatTemplate {
    /// `source` is the Jinja text; the two tokens are the spellings of the model's first and last
    /// special token, empty where it has none.
    ///
    /// # Errors
    /// [`ChatError::Render`] where the source does not parse or render.
    pub fn new(source: &str, bos_token: &str, eos_token: &str) -> Result<Self, ChatError> {
        let named = [("bos_token", bos_token), ("eos_token", eos_token)];
        let named = named.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self::with_tokens(source, named.into())
    }

    /// The same with all special tokens, by their names in `tokenizer_config.json`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_tokens(source: &str, tokens: BTreeMap<String, String>) -> Result<Self, ChatError> {
        let mut template = Self {
            source: source.to_owned(),
            tokens,
            date: date(),
            around: None,
        };
        template.around = template.render_around()?;
        Ok(template)
    }

    /// What stands before and after one user message when the assistant is to speak next; empty
    /// where the template changes or repeats a message.
    pub fn around_user(&self) -> (&str, &str) {
        let around = self.around.as_ref();
        around.map_or(("", ""), |(before, after)| (before, after))
    }

    /// One user message with what the template makes of it, when the assistant is to speak next,
    /// and where the message stands.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// # Example
    /// ```
    /// use fathom_shared::prompt::ChatTemplate;
    /// let template = ChatTemplate::new("<{{ messages[0].content|trim }}>", "", "")?;
    /// let (text, message) = template.user(" 2 + 2?\n")?;
    /// assert_eq!((text.as_str(), &text[message]), ("<2 + 2?>", "2 + 2?"));
    /// # Ok::<(), fathom_shared::prompt::ChatError>(())
    /// ```
    pub fn user(&self, message: &str) -> Result<(String, Range<usize>), ChatError> {
        let text = self.of_user(message)?;
        let place = self.place(&text, message);
        Ok((text, place))
    }

    /// Where `message` stands in `text`, or what the template made of it.
    fn place(&self, text: &str, message: &str) -> Range<usize> {
        let (before, after) = self.around_user();
        let inner = text
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        let from = match inner {
            Some(inner) if inner == message => before.len(),
            // Shown more than once, it is the last that is answered.
            _ => match text.rfind(message).filter(|_| !message.is_empty()) {
                Some(from) => from,
                None => return between(text, before, after),
            },
        };
        from..from + message.len()
    }

    fn of_user(&self, message: &str) -> Result<String, ChatError> {
        let message = ChatMessage {
            role: "user".to_owned(),
            content: message.to_owned(),
        };
        self.render(&[message], true)
    }

    /// The day that the template is told, where it asks for it.
    pub fn told_date(&self) -> Option<Date> {
        self.source.contains("strftime_now").then_some(self.date)
    }

    fn render_around(&self) -> Result<Option<(String, String)>, ChatError> {
        let text = self.of_user(MARK)?;
        // A part of it may stand elsewhere.
        let split = at_mark(&text).ok();
        let whole = |(before, after): &(&str, &str)| {
            ![before, after].iter().any(|side| side.contains('\u{E000}'))
        };
        if let Some((before, after)) = split.filter(whole) {
            return Ok(Some((before.to_owned(), after.to_owned())));
        }
        // It may be told in other letters, or twice; where another is told alike, it is dropped.
        match self.of_user(OTHER)? == text {
            true => Err(ChatError::Message { got: 0 }),
            false => Ok(None),
        }
    }

    /// A whole dialogue in the model's words.
    ///
    /// # Errors
    /// [`ChatError`] when the template fails, or does not give a message that is to go on once.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::prompt::ChatTemplate;
    /// use fathom_shared::prompt::chat::{DialogueEnding, ChatMessage};
    /// let source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
    /// let template = ChatTemplate::new(source, "", "")?;
    /// let said = |role: &str, content: &str| ChatMessage { role: role.to_owned(), content: content.to_owned() };
    /// let dialogue = [said("user", "2 + 2?"), said("assistant", "It is")];
    /// assert_eq!(
    ///     template.dialogue(&dialogue, DialogueEnding::Continue)?,
    ///     "<user>2 + 2?</><assistant>It is"
    /// );
    /// assert!(template.dialogue(&dialogue[..1], DialogueEnding::Answer)?.ends_with("</><assistant>"));
    /// # Ok::<(), fathom_shared::prompt::ChatError>(())
    /// ```
    pub fn dialogue(
        &self,
        messages: &[ChatMessage],
        ending: DialogueEnding,
    ) -> Result<String, ChatError> {
        if ending != DialogueEnding::Continue {
            return self.render(messages, ending == DialogueEnding::Answer);
        }
        let mut messages = messages.to_vec();
        if let Some(last) = messages.last_mut() {
            last.content.push_str(MARK);
        }
        let text = self.render(&messages, false)?;
        Ok(at_mark(&text)?.0.to_owned())
    }

    fn render(&self, messages: &[ChatMessage], answer: bool) -> Result<String, ChatError> {
        let rendering = TemplateInput {
            source: self.source.clone(),
            tokens: self.tokens.clone(),
            date: self.date,
            messages: messages.to_vec(),
            answer,
        };
        let text = rendering.text();
        text.map_err(|reason| ChatError::Render { reason })
    }
}

/// What of `text` is neither of `before`, with which it begins, nor of `after`, with which it ends.
fn between(text: &str, before: &str, after: &str) -> Range<usize> {
    let alike = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let bytes = |text: &str, count| text.chars().take(count).map(char::len_utf8).sum::<usize>();
    let from = bytes(text, alike(text, before));
    let rest = &text[from..];
    let behind = rest.chars().rev().zip(after.chars().rev());
    let behind = behind.take_while(|(a, b)| a == b);
    from..text.len() - behind.map(|(c, _)| c.len_utf8()).sum::<usize>()
}

/// What stands before and after the mark, which must be there once.
fn at_mark(text: &str) -> Result<(&str, &str), ChatError> {
    let got = text.matches(MARK).count();
    text.split_once(MARK)
        .filter(|_| got == 1)
        .ok_or(ChatError::Message { got })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMOLLM2: &str = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    #[test]
    fn smollm2_puts_its_system_message_first() {
        let template = ChatTemplate::new(SMOLLM2, "<|im_start|>", "<|im_end|>").unwrap();
        let (before, after) = template.around_user();
        assert_eq!(
            before,
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\n"
        );
        assert_eq!(after, "<|im_end|>\n<|im_start|>assistant\n");
    }

    fn said(role: &str, content: &str) -> ChatMessage {
        let (role, content) = (role.to_owned(), content.to_owned());
        ChatMessage { role, content }
    }

    #[test]
    fn several_turns_with_a_system_message_of_their_own() {
        let template = ChatTemplate::new(SMOLLM2, "<|im_start|>", "<|im_end|>").unwrap();
        let dialogue = [
            said("system", "Be short."),
            said("user", "Hello"),
            said("assistant", "Hi"),
            said("user", "{{ bos_token }}"),
        ];
        let told = "<|im_start|>system\nBe short.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi<|im_end|>\n<|im_start|>user\n{{ bos_token }}<|im_end|>\n";
        assert_eq!(
            template
                .dialogue(&dialogue, DialogueEnding::Closed)
                .unwrap(),
            told
        );
        assert_eq!(
            template
                .dialogue(&dialogue, DialogueEnding::Answer)
                .unwrap(),
            format!("{told}<|im_start|>assistant\n")
        );
    }

    #[test]
    fn an_answer_goes_on_where_it_was_left() {
        let template = ChatTemplate::new(SMOLLM2, "<|im_start|>", "<|im_end|>").unwrap();
        // Said before, and with a space at its end that must stay.
        let dialogue = [said("user", "One: "), said("assistant", "One: ")];
        assert_eq!(
            template
                .dialogue(&dialogue, DialogueEnding::Continue)
                .unwrap(),
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\nOne: <|im_end|>\n<|im_start|>assistant\nOne: "
        );
        let first_only = "{{ messages[0].content }}";
        let error = ChatTemplate::new(first_only, "", "")
            .unwrap()
            .dialogue(&dialogue, DialogueEnding::Continue);
        assert_eq!(error.unwrap_err(), ChatError::Message { got: 0 });
    }

    /// As `transformers` renders the same templates and message.
    #[test]
    fn a_template_may_look_into_the_message() {
        let message = " A special \"number\" is:\n42? ";
        for (source, want, place) in [
            ("<{{ C }}>", "< A special \"number\" is:\n42? >", message),
            (
                "<{{ C|trim }}>",
                "<A special \"number\" is:\n42?>",
                "A special \"number\" is:\n42?",
            ),
            (
                "<{{ C|tojson }}>",
                "<\" A special \\\"number\\\" is:\\n42? \">",
                " A special \\\"number\\\" is:\\n42? ",
            ),
            (
                "<{{ C.replace('\\n', ' ') }}>",
                "< A special \"number\" is: 42? >",
                " A special \"number\" is: 42? ",
            ),
            (
                "<{{ C|upper }}>",
                "< A SPECIAL \"NUMBER\" IS:\n42? >",
                "< A SPECIAL \"NUMBER\" IS:\n42? >",
            ),
            (
                "<{% if C|length > 20 %}long{% else %}short{% endif %}>{{ C }}</>",
                "<long> A special \"number\" is:\n42? </>",
                message,
            ),
            (
                "{{ C }}|{{ C }}",
                " A special \"number\" is:\n42? | A special \"number\" is:\n42? ",
                message,
            ),
            (
                "{{ C.lstrip(' A')[:7] }}|{{ C }}",
                "special| A special \"number\" is:\n42? ",
                message,
            ),
        ] {
            let source = source.replace('C', "messages[0].content");
            let template = ChatTemplate::new(&source, "", "").unwrap();
            let (text, found) = template.user(message).unwrap();
            assert_eq!(text, want, "{source}");
            assert_eq!(&text[found], place, "{source}");
        }
    }

    #[test]
    fn faults_are_named() {
        let broken = ChatTemplate::new("{% for %}", "", "").unwrap_err();
        assert!(
            broken
                .to_string()
                .starts_with("the model's chat template does not render")
        );
        let silent = ChatTemplate::new("nothing", "", "").unwrap_err();
        assert_eq!(silent, ChatError::Message { got: 0 });
        let refusing = ChatTemplate::new("{{ raise_exception('no system') }}", "", "").unwrap_err();
        assert!(refusing.to_string().contains("no system"), "{refusing}");
    }
}
