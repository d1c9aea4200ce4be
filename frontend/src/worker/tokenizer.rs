//! What counts tokens: a tokenizer, with its chat template. Pure.

use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_kernels::model::tokenizer::tiktoken::{Tiktoken, TiktokenEncoding};
use fathom_shared::prompt::{ChatTemplate, DialogueRenderer, Prompt};
use fathom_shared::task::Sample;
use fathom_shared::tokens::{TokenCounter, Tokens};
use flate2::read::GzDecoder;

use super::token_boundary;

/// The tokenizer of the model that a first visit runs, so that counts are right before it is here.
const TOKENIZER: &[u8] = include_bytes!("../../../models/smollm2-135m-instruct/tokenizer.json.gz");
const TEMPLATE: &str = include_str!("../../../models/smollm2-135m-instruct/chat_template.jinja");
const NAME: &str = "SmolLM2-135M-Instruct";

/// Counts, under a name.
pub(super) struct PageTokenizer {
    pub(super) counter: TokenCounter<'static>,
    pub(super) dialogue: DialogueRenderer,
    /// The one that reads whole prompts, where it tells special tokens apart in them.
    prompts: Option<Arc<Tokenizer>>,
    /// How the spellings begin with which a prompt must be read as a whole; nothing where it
    /// always must.
    marks: Option<Vec<String>>,
}

impl PageTokenizer {
    /// The tokenizer and template of the model that a first visit runs.
    ///
    /// # Errors
    /// A sentence; only a damaged page has one.
    pub(super) fn our_model() -> Result<Self, String> {
        let json = unpacked(TOKENIZER);
        let json = json.map_err(|error| format!("The page's own tokenizer is damaged: {error}"))?;
        let tokenizer = Tokenizer::from_json(&json).map_err(|error| error.to_string())?;
        let template = ChatTemplate::new(TEMPLATE, "<|im_start|>", "<|im_end|>");
        let template = template.map_err(|error| error.to_string())?;
        // SmolLM2's is known to divide a text as GPT-2's does; asking it takes a while.
        Ok(Self::of_model(
            NAME,
            Arc::new(tokenizer),
            Some(Vec::new()),
            Some(template),
        ))
    }

    /// Those of a GGUF file, of which `header` is the beginning.
    ///
    /// # Errors
    /// A sentence: what the file lacks.
    pub(super) fn of_gguf(name: &str, header: &[u8]) -> Result<Self, String> {
        let say = |error: &dyn std::error::Error| format!("`{name}`: {error}.");
        let gguf = Gguf::header(header).map_err(|error| say(&error))?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|error| say(&error))?;
        Self::of_parsed(name, &gguf, Arc::new(tokenizer))
    }

    /// Those of a GGUF file that was read already, as was its tokenizer.
    ///
    /// # Errors
    /// A sentence: what is wrong with its template.
    pub(super) fn of_parsed(
        name: &str,
        gguf: &Gguf,
        tokenizer: Arc<Tokenizer>,
    ) -> Result<Self, String> {
        let template = gguf
            .str("tokenizer.chat_template")
            .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
            .transpose()
            .map_err(|error| format!("`{name}`: {error}."))?;
        let whole = tokenizer.cuts_words();
        Ok(Self::of_model(name, tokenizer, whole, template))
    }

    /// A `tokenizer.json`, which has no template.
    ///
    /// # Errors
    /// A sentence: what is wrong with the file.
    pub(super) fn of_json(name: &str, json: &[u8]) -> Result<Self, String> {
        let tokenizer = Tokenizer::from_json(json).map_err(|error| {
            format!("`{name}` is not a tokenizer.json that Fathom can read: {error}.")
        })?;
        let whole = tokenizer.cuts_words();
        Ok(Self::of_model(name, Arc::new(tokenizer), whole, None))
    }

    /// One of OpenAI's, by its name, with its list of tokens; packed, unless who sent it unpacked
    /// it. Special tokens are plain text to it.
    ///
    /// # Errors
    /// A sentence: what is wrong with the name or the list.
    pub(super) fn of_tiktoken(name: &str, list: &[u8]) -> Result<Self, String> {
        let encoding = TiktokenEncoding::find(name)
            .ok_or_else(|| format!("`{name}` is not an OpenAI tokenizer that Fathom includes."))?;
        let list = match list {
            [0x1f, 0x8b, ..] => {
                let list = unpacked(list);
                Cow::Owned(
                    list.map_err(|error| format!("The token list of {name} is damaged: {error}."))?,
                )
            }
            plain => Cow::Owned(plain.to_vec()),
        };
        let tokenizer = Tiktoken::new(encoding, list).map_err(|error| format!("{error}."))?;
        let tokenizer = Rc::new(tokenizer);
        let (count, starts) = (Rc::clone(&tokenizer), tokenizer);
        let counter = TokenCounter::new(
            name,
            move |text| count.count(text),
            move |text| starts.starts(text),
        );
        Ok(Self {
            counter: counter.in_parts(Vec::new()),
            dialogue: DialogueRenderer::Unknown,
            prompts: None,
            marks: Some(Vec::new()),
        })
    }

    /// `whole` as [`Tokenizer::cuts_words`] says.
    fn of_model(
        name: &str,
        tokenizer: Arc<Tokenizer>,
        whole: Option<Vec<String>>,
        template: Option<ChatTemplate>,
    ) -> Self {
        let (count, starts) = (Arc::clone(&tokenizer), Arc::clone(&tokenizer));
        let counter = TokenCounter::new(
            name,
            move |text| count.count(text),
            move |text| starts.starts(text),
        );
        let marks = whole.as_ref().map(|whole| {
            let spellings = tokenizer.added().into_iter().chain(whole.iter().cloned());
            let mut marks: Vec<String> = spellings.map(|s| s.chars().take(2).collect()).collect();
            marks.sort_unstable();
            marks.dedup();
            marks
        });
        Self {
            counter: match whole {
                Some(whole) => counter.in_parts(whole),
                None => counter,
            },
            dialogue: template.into(),
            prompts: Some(tokenizer),
            marks,
        }
    }

    /// The tokens of a prompt, in which special ones are told apart.
    pub(super) fn encode(&self, prompt: &str) -> usize {
        match &self.prompts {
            Some(tokenizer) => tokenizer.encode(prompt).len(),
            None => self.counter.count(prompt).0 as usize,
        }
    }

    /// What `encode` of the whole prompt would count, from what was counted already: only the
    /// template and the input's ends beside it are read again.
    pub(super) fn prompt_tokens(&self, prompt: &Prompt, sample: &Sample) -> Tokens {
        let encode = |text: &str| self.encode(text);
        let input = &prompt.text[prompt.input.clone()];
        let whole = match &self.marks {
            Some(marks) => marks.iter().any(|mark| input.contains(mark)),
            None => true,
        };
        let (head, tail) = token_boundary::ends(input);
        let length = if whole || head >= tail {
            encode(&prompt.text)
        } else {
            let (head, tail) = (prompt.input.start + head, prompt.input.start + tail);
            let count = |bytes: Range<usize>| self.counter.count(&prompt.text[bytes]).0 as usize;
            let inner = sample.input_tokens.0 as usize
                - count(prompt.input.start..head)
                - count(tail..prompt.input.end);
            // What begins a prompt is added to the first part, and must not be to the second.
            encode(&prompt.text[..head]) + inner + encode(&prompt.text[tail..]) - encode("")
        };
        Tokens(u32::try_from(length).unwrap_or(u32::MAX))
    }
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = include_bytes!("../../../models/openai/o200k_base.tokens.gz");

    #[test]
    fn openais_list_may_come_packed_or_not() {
        let packed = PageTokenizer::of_tiktoken("o200k_base", LIST).unwrap();
        let plain = PageTokenizer::of_tiktoken("o200k_base", &unpacked(LIST).unwrap()).unwrap();
        let text = "Call me Ishmael. Some years ago, never mind how long precisely.";
        assert_eq!(packed.counter.count(text), plain.counter.count(text));
        assert_eq!(
            packed.counter.starts(text).len(),
            packed.counter.count(text).0 as usize
        );
        assert!(packed.dialogue == DialogueRenderer::Unknown);
    }

    #[test]
    fn what_is_none_is_named() {
        let says = |counting: Result<PageTokenizer, String>| counting.err().unwrap();
        assert!(
            says(PageTokenizer::of_tiktoken("p50k_base", LIST)).starts_with("`p50k_base` is no")
        );
        let cut = &LIST[..LIST.len() / 2];
        assert!(
            says(PageTokenizer::of_tiktoken("o200k_base", cut))
                .contains("token list of o200k_base is damaged")
        );
        let json = says(PageTokenizer::of_json("mine.json", b"{}"));
        assert!(
            json.starts_with("`mine.json` is not a tokenizer.json"),
            "{json}"
        );
        let gguf = says(PageTokenizer::of_gguf("mine.gguf", b"PK"));
        assert!(gguf.starts_with("`mine.gguf`: "), "{gguf}");
    }

    #[test]
    fn our_tokenizer_as_a_file_counts_the_same() {
        let ours = PageTokenizer::our_model().unwrap();
        let file = PageTokenizer::of_json("tokenizer.json", &unpacked(TOKENIZER).unwrap()).unwrap();
        let text = "1 of 12,345 needles.\nOne\tmore <|im_end|> \u{e9}";
        assert_eq!(ours.counter.count(text), file.counter.count(text));
        assert!(file.marks.is_some(), "it cuts a text as GPT-2's does");
    }
}
