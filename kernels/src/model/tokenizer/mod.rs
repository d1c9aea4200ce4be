//! Text to tokens and back, with the model's own tokenizer.

mod byte_level; // how byte-level vocabularies spell bytes (GPT-2's `bytes_to_unicode`)
mod family; // detects tokenizers that split text into words, digits and punctuation first
mod folder; // tokenizers from a Hugging Face folder
mod gguf; // tokenizers from a GGUF file
mod options; // token sequences that tell the options of a choice apart
mod pre_tokenizer; // splits text before merges, by llama.cpp's pre-tokenizer names
mod sentencepiece; // SentencePiece vocabularies in GGUF files (`tokenizer.ggml.model` = `llama`)
#[cfg(test)]
mod tests;
pub mod tiktoken; // OpenAI's tokenizers

use std::fmt;

use tokenizers::{
    DecoderWrapper, ModelWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
    tokenizer::DecodeStream,
};

/// A model's tokenizer.
pub struct Tokenizer {
    /// Takes special tokens in a text for what they are.
    prompt: tokenizers::Tokenizer,
    /// Takes them for ordinary text.
    plain: tokenizers::Tokenizer,
    ends: Vec<u32>,
    first: Option<u32>,
    bos: String,
    eos: String,
    /// Whether spellings stand for bytes, as GPT-2's do.
    byte_level: bool,
}

/// Why there is no tokenizer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The file's metadata lack something.
    #[error("the GGUF file's tokenizer lacks `{key}`")]
    Missing {
        /// The metadata's key.
        key: &'static str,
    },
    /// A kind that we do not build.
    #[error("the GGUF file's `{key}` is `{got}`, expected {want}")]
    Kind {
        /// The metadata's key.
        key: &'static str,
        /// What the file says.
        got: String,
        /// What would do.
        want: &'static str,
    },
    /// How texts are cut is not said: the tokens would be guesses, and so would every length.
    #[error(
        "the GGUF file does not say how its vocabulary cuts a text (`tokenizer.ggml.pre` is {got}), so tokens would be miscounted: convert the model anew with a current llama.cpp"
    )]
    Unnamed {
        /// `missing`, or what stands there.
        got: &'static str,
    },
    /// A number that no token has.
    #[error("the GGUF file's `{key}` is {got}, expected below {tokens}, the number of its tokens")]
    Id {
        /// The metadata's key.
        key: &'static str,
        /// What the file says.
        got: u64,
        /// Tokens of the vocabulary.
        tokens: usize,
    },
    /// Its vocabulary is not the model's.
    #[error(
        "the tokenizer has {got} tokens, the model's embedding {want}: they do not belong together"
    )]
    Vocabulary {
        /// Tokens of the tokenizer.
        got: usize,
        /// Rows of the embedding.
        want: usize,
    },
    /// The tokenizer's own library refuses it.
    #[error("the tokenizer cannot be built: {reason}")]
    Build {
        /// What it says.
        reason: String,
    },
}

/// Spellings that end a turn in one family or another, besides what a file says.
const ENDS: [&str; 5] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|end|>",
    "</s>",
];

/// A text of every kind of character, read once at the start.
const PROBE: &str = "One of the special magic numbers for caf\u{e9} is: 1,234,567.\n\n  \t\u{65e5}\u{672c} \u{1f600} <x>'ll aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Letters from a to z.
const LETTERS: usize = 26;

/// How many of them leave no token, each as a word of its own: those that a vocabulary has no token
/// for, nor one for what is unknown.
fn dropped(tokenizer: &tokenizers::Tokenizer) -> usize {
    let leaves_nothing = |letter: &char| {
        let read = tokenizer.encode_fast(letter.to_string(), false);
        read.is_ok_and(|read| read.get_ids().is_empty())
    };
    ('a'..='z').filter(leaves_nothing).count()
}

impl Tokenizer {
    /// Reads a `tokenizer.json` of Hugging Face.
    ///
    /// # Errors
    /// [`TokenizerError::Build`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, TokenizerError> {
        let build = |reason: tokenizers::Error| TokenizerError::Build {
            reason: reason.to_string(),
        };
        // The library panics at some files.
        let read = || tokenizers::Tokenizer::from_bytes(bytes);
        let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
        let failed = || TokenizerError::Build {
            reason: "its library fails at it".to_owned(),
        };
        let mut prompt = read.map_err(|_| failed())?.map_err(build)?;
        // A file may ask to cut or fill texts for a model's input; a length is a length.
        prompt.with_truncation(None).map_err(build)?;
        prompt.with_padding(None);
        // What fails at a text would count no tokens.
        let probe = || prompt.encode_fast(PROBE, false).map(|_| ());
        let probe = std::panic::catch_unwind(std::panic::AssertUnwindSafe(probe));
        probe.map_err(|_| failed())?.map_err(build)?;
        let dropped = || dropped(&prompt);
        let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(dropped));
        let dropped = dropped.map_err(|_| failed())?;
        if dropped > LETTERS / 2 {
            let reason = format!(
                "{dropped} of the {LETTERS} letters from a to z leave no token, and lengths would be wrong"
            );
            return Err(TokenizerError::Build { reason });
        }
        let mut plain = prompt.clone();
        plain.set_encode_special_tokens(true);
        let ends = ENDS
            .iter()
            .filter_map(|end| prompt.token_to_id(end))
            .collect();
        let (bos, eos) = (String::new(), String::new());
        // SentencePiece's write a space as U+2581 and bytes without a piece as <0x0A>.
        let byte_level = match prompt.get_decoder() {
            Some(decoder) => matches!(decoder, DecoderWrapper::ByteLevel(_)),
            None => true,
        };
        Ok(Self {
            prompt,
            plain,
            ends,
            first: None,
            bos,
            eos,
            byte_level,
        })
    }

    /// The ids of a prompt, in which special tokens are recognised.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let ids = ids(&self.prompt, text);
        match self.first {
            Some(first) if ids.first() != Some(&first) => [&[first], &ids[..]].concat(),
            _ => ids,
        }
    }

    /// How many tokens a plain text has.
    pub fn count(&self, text: &str) -> usize {
        ids(&self.plain, text).len()
    }

    /// The byte at which each token of a plain text starts.
    pub fn starts(&self, text: &str) -> Vec<usize> {
        let encoding = self.plain.encode(text, false);
        encoding.map_or_else(
            |_| Vec::new(),
            |encoding| {
                encoding
                    .get_offsets()
                    .iter()
                    .map(|(start, _)| *start)
                    .collect()
            },
        )
    }

    /// Whether no token crosses the places where GPT-2's rule and its heirs' cut a text before
    /// anything is merged: then the spellings that are taken as one token wherever they stand in a
    /// plain text, and nothing for any other kind of tokenizer.
    pub fn cuts_words(&self) -> Option<Vec<String>> {
        let json = serde_json::to_value(&*self.plain).ok()?;
        family::cuts_words(&json)
    }

    /// The spellings that a prompt takes as one token wherever they stand.
    pub fn added(&self) -> Vec<String> {
        let added = self.prompt.get_added_tokens_decoder();
        added.into_values().map(|token| token.content).collect()
    }

    /// The `tokenizer.json` that says the same.
    ///
    /// # Errors
    /// [`TokenizerError::Build`].
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        let text = self.prompt.to_string(false);
        text.map_err(|reason| TokenizerError::Build {
            reason: reason.to_string(),
        })
    }

    /// How many tokens there are; an id is below it.
    pub fn size(&self) -> usize {
        self.prompt.get_vocab_size(true)
    }

    /// The bytes that a token stands for: not always whole characters. A special token's are its
    /// spelling's; an unknown id has none.
    pub fn bytes(&self, id: u32) -> Vec<u8> {
        let spelling = self.prompt.id_to_token(id).unwrap_or_default();
        if self.is_special(id) {
            return spelling.into_bytes();
        }
        match self.byte_level {
            true => byte_level::bytes(&spelling).unwrap_or_else(|| self.decode(&[id]).into_bytes()),
            false => sentencepiece::bytes(&spelling),
        }
    }

    /// Whether a token is taken as one wherever it stands, and has no text of its own.
    pub fn is_special(&self, id: u32) -> bool {
        let added = self.prompt.get_added_vocabulary();
        added
            .get_added_tokens_decoder()
            .get(&id)
            .is_some_and(|token| token.special)
    }

    /// Whether a token ends the model's turn.
    pub fn is_end(&self, id: u32) -> bool {
        self.ends.contains(&id)
    }

    /// The spelling of the token that begins a text; empty where there is none.
    pub fn bos(&self) -> &str {
        &self.bos
    }

    /// The spelling of the token that ends a text; empty where there is none.
    pub fn eos(&self) -> &str {
        &self.eos
    }

    /// Turns tokens into text as they come.
    pub fn decoder(&self) -> TokenDecoder<'_> {
        TokenDecoder {
            tokenizer: self,
            stream: self.prompt.decode_stream(true),
            held: Vec::new(),
        }
    }

    /// The text of tokens, special ones spelled out.
    pub fn decode(&self, ids: &[u32]) -> String {
        self.prompt.decode(ids, false).unwrap_or_default()
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Tokenizer");
        fields
            .field("tokens", &self.prompt.get_vocab_size(true))
            .finish_non_exhaustive()
    }
}

/// Turns tokens into text as they come; special tokens have none.
pub struct TokenDecoder<'a> {
    tokenizer: &'a Tokenizer,
    stream: DecodeStream<
        'a,
        ModelWrapper,
        NormalizerWrapper,
        PreTokenizerWrapper,
        PostProcessorWrapper,
        DecoderWrapper,
    >,
    held: Vec<u32>,
}

impl TokenDecoder<'_> {
    /// The new text, held back while a character is not whole.
    pub fn push(&mut self, id: u32) -> Option<String> {
        self.held.push(id);
        let text = self.stream.step(id).ok().flatten()?;
        self.held.clear();
        Some(text)
    }

    /// What is still held back when nothing more comes.
    pub fn finish(&mut self) -> Option<String> {
        let held = std::mem::take(&mut self.held);
        let text = self
            .tokenizer
            .prompt
            .decode(&held, true)
            .unwrap_or_default();
        Some(text).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for TokenDecoder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

fn ids(tokenizer: &tokenizers::Tokenizer, text: &str) -> Vec<u32> {
    // Byte-level BPE has a token for every byte; another kind without one for unknown text has
    // no tokens for it.
    let encoding = tokenizer.encode_fast(text, false);
    encoding.map_or_else(|_| Vec::new(), |encoding| encoding.get_ids().to_vec())
}
