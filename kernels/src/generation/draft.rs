//! An answer while it is being written: turns tokens into text and ends it at a stop string.

use super::stop::StopStringMatcher;
use super::{GenerationEvent, TokenLogprob};
use crate::model::tokenizer::{TokenDecoder, Tokenizer};

pub(super) struct TextDraft<'a> {
    decoder: TokenDecoder<'a>,
    stop: StopStringMatcher<'a>,
    /// The text reported so far.
    text: String,
    /// Its length in characters.
    shown: usize,
    /// Characters decoded so far, whether reported or held back.
    decoded: usize,
    tokens: Vec<TokenLogprob>,
    /// How many of `tokens` have been reported.
    told: usize,
    ended: bool,
}

impl<'a> TextDraft<'a> {
    pub(super) fn new(tokenizer: &'a Tokenizer, stop: &'a [String]) -> Self {
        Self {
            decoder: tokenizer.decoder(),
            stop: StopStringMatcher::new(stop),
            text: String::new(),
            shown: 0,
            decoded: 0,
            tokens: Vec::new(),
            told: 0,
            ended: false,
        }
    }

    /// Adds a token, with its log probability and the most likely tokens if they are requested;
    /// returns `true` once the answer contains a stop string.
    pub(super) fn push(
        &mut self,
        id: u32,
        known: Option<(f64, Vec<(u32, f64)>)>,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> bool {
        let offset = self.decoded;
        self.tokens.extend(known.map(|(logprob, top)| TokenLogprob {
            id,
            offset,
            logprob: Some(logprob),
            top,
        }));
        if let Some(new) = self.decoder.push(id) {
            self.write(&new, hear);
        }
        self.ended
    }

    /// The text and its tokens.
    pub(super) fn finish(
        mut self,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> (String, Vec<TokenLogprob>) {
        if !self.ended
            && let Some(new) = self.decoder.finish()
        {
            self.write(&new, hear);
        }
        if self.ended {
            let shown = self.shown;
            self.tokens.retain(|token| token.offset < shown);
        } else {
            let rest = std::mem::replace(&mut self.stop, StopStringMatcher::new(&[])).finish();
            self.shown += rest.chars().count();
            self.tell(&rest, self.tokens.len(), hear);
        }
        (self.text, self.tokens)
    }

    fn write(&mut self, new: &str, hear: &mut dyn FnMut(GenerationEvent<'_>)) {
        self.decoded += new.chars().count();
        let (text, ended) = self.stop.push(new);
        self.ended = ended;
        self.shown += text.chars().count();
        let told = self
            .tokens
            .partition_point(|token| token.offset < self.shown);
        self.tell(&text, told, hear);
    }

    fn tell(&mut self, text: &str, told: usize, hear: &mut dyn FnMut(GenerationEvent<'_>)) {
        self.text.push_str(text);
        let tokens = &self.tokens[self.told..told];
        if !text.is_empty() || !tokens.is_empty() {
            hear(GenerationEvent::Text { text, tokens });
        }
        self.told = told;
    }
}
