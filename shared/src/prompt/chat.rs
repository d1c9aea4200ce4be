//! A model's own chat template, as it stands in the model's metadata (Jinja).

use minijinja::{Environment, Error, ErrorKind, context, syntax::SyntaxConfig};

/// A chat template with the special tokens it names.
#[derive(Clone, PartialEq, Debug)]
pub struct ChatTemplate {
    source: String,
    bos_token: String,
    eos_token: String,
}

/// Why a chat prompt was not made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChatError {
    /// The model carries none.
    #[error("the model's metadata has no `tokenizer.chat_template`; ask in completion mode")]
    Missing,
    /// The template itself is at fault.
    #[error("the model's chat template does not render: {reason}")]
    Render {
        /// What the template engine says, with the line.
        reason: String,
    },
    /// The message is not in the rendered text exactly once.
    #[error("the model's chat template gives the user's message {got} times, expected once")]
    Message {
        /// How often it was found.
        got: usize,
    },
}

/// Stands for the message while the template renders, so that a message which happens to hold
/// template text or special tokens is found again without doubt.
const MARK: &str = "\u{E000}fathom-message\u{E001}";

impl ChatTemplate {
    /// `source` is the Jinja text; the two tokens are the spellings of the model's first and last
    /// special token, empty where it has none.
    ///
    /// # Errors
    /// [`ChatError::Render`] where the source does not parse.
    pub fn new(source: &str, bos_token: &str, eos_token: &str) -> Result<Self, ChatError> {
        let template = Self {
            source: source.to_owned(),
            bos_token: bos_token.to_owned(),
            eos_token: eos_token.to_owned(),
        };
        template.around_user()?;
        Ok(template)
    }

    /// What stands before and after one user message when the assistant is to speak next.
    ///
    /// # Errors
    /// [`ChatError`] when the template fails, or gives the message not exactly once.
    pub fn around_user(&self) -> Result<(String, String), ChatError> {
        let text = self.render(MARK).map_err(|error| ChatError::Render {
            reason: error.to_string(),
        })?;
        let got = text.matches(MARK).count();
        match text.split_once(MARK) {
            Some((before, after)) if got == 1 => Ok((before.to_owned(), after.to_owned())),
            _ => Err(ChatError::Message { got }),
        }
    }

    fn render(&self, content: &str) -> Result<String, Error> {
        let mut engine = Environment::new();
        // What transformers sets, and so what every published template expects.
        engine.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()?,
        );
        // A template comes from a file that anyone may have made: it must end.
        engine.set_fuel(Some(1_000_000));
        engine.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        engine.add_function("raise_exception", |reason: String| -> Result<(), Error> {
            Err(Error::new(ErrorKind::InvalidOperation, reason))
        });
        engine.template_from_str(&self.source)?.render(context! {
            messages => [context! { role => "user", content => content }],
            add_generation_prompt => true,
            bos_token => self.bos_token.as_str(),
            eos_token => self.eos_token.as_str(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMOLLM2: &str = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    #[test]
    fn smollm2_puts_its_system_message_first() {
        let template = ChatTemplate::new(SMOLLM2, "<|im_start|>", "<|im_end|>").unwrap();
        let (before, after) = template.around_user().unwrap();
        assert_eq!(
            before,
            "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\n"
        );
        assert_eq!(after, "<|im_end|>\n<|im_start|>assistant\n");
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
        let twice = "{{ messages[0].content }}{{ messages[0].content }}";
        assert_eq!(
            ChatTemplate::new(twice, "", "").unwrap_err(),
            ChatError::Message { got: 2 }
        );
        let refusing = ChatTemplate::new("{{ raise_exception('no system') }}", "", "").unwrap_err();
        assert!(refusing.to_string().contains("no system"), "{refusing}");
    }
}
