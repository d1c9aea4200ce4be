//! The template and limits that all RULER tasks put around a draft.

use std::borrow::Cow;

use super::draft::DraftText;
use crate::task::{
    EvidenceSpan, GenerateError, GeneratorContext, OptionValues, Profile, Sample, TaskSpec,
};
use crate::text_source::TextSource;
use crate::tokens::Tokens;

/// The frame of one spec.
pub(in crate::task) struct SampleFrame<'a> {
    pub(in crate::task) task: &'static str,
    pub(in crate::task) generator_context: GeneratorContext<'a>,
    pub(in crate::task) spec: TaskSpec,
    /// The most tokens for prompt and answer together.
    pub(in crate::task) most: Tokens,
    /// Tokens reserved for a model's chat template.
    aside: u32,
    /// The most tokens that the answer may take.
    answer: Tokens,
    /// The answer prefix with unfilled fields.
    prefix: Cow<'static, str>,
    /// `remove_newline_tab`.
    pub(in crate::task) flat: bool,
    sources: Vec<TextSource>,
}

/// A prompt as drawn.
pub(in crate::task) struct DrawnPrompt {
    pub(in crate::task) draft: DraftText,
    pub(in crate::task) references: Vec<String>,
}

impl DrawnPrompt {
    /// Joins its lines into one.
    pub(in crate::task) fn flat(self) -> Self {
        Self {
            draft: self.draft.flat(),
            ..self
        }
    }
}

impl<'a> SampleFrame<'a> {
    /// # Errors
    /// No tokens are left besides answer and template.
    pub(in crate::task) fn new(
        task: &'static str,
        spec: &TaskSpec,
        options: &OptionValues,
        generator_context: GeneratorContext<'a>,
        answer: Tokens,
        prefix: impl Into<Cow<'static, str>>,
        sources: Vec<TextSource>,
    ) -> Result<Self, GenerateError> {
        let aside = u32::try_from(options.count("model_template_token")).unwrap_or(u32::MAX);
        let most = spec.max_seq_length.0.saturating_sub(aside);
        if most <= answer.0 {
            return Err(GenerateError::NoRoom {
                got: spec.max_seq_length,
                answer: Tokens(answer.0 + aside),
            });
        }
        Ok(Self {
            task,
            generator_context,
            spec: spec.clone(),
            most: Tokens(most),
            aside,
            answer,
            prefix: prefix.into(),
            flat: options.switch("remove_newline_tab"),
            sources,
        })
    }

    pub(in crate::task) fn stratified(&self) -> bool {
        self.spec.profile == Profile::Stratified
    }

    /// The length of the prompt plus the answer limit.
    pub(in crate::task) fn length(&self, text: &str) -> Tokens {
        Tokens(self.generator_context.counter.count(text).0 + self.answer.0)
    }

    /// The error for a smallest haystack that needs `needed` tokens.
    pub(in crate::task) fn does_not_fit(&self, needed: Tokens) -> GenerateError {
        GenerateError::DoesNotFit {
            task: self.task.to_owned(),
            got: self.spec.max_seq_length,
            // The tokens reserved for a chat template count too.
            needed: Tokens(needed.0 + self.aside),
        }
    }

    /// The sample of a drawn prompt whose length was counted before or after its lines were joined.
    pub(in crate::task) fn finish(
        &self,
        number: u32,
        drawn: DrawnPrompt,
        length: Tokens,
    ) -> Sample {
        let DrawnPrompt { draft, references } = drawn;
        let cut = self.cut(&draft.text);
        let (input, answer_prefix) = draft.text.split_at(cut);
        let mut pieces = draft.pieces;
        pieces.retain(|piece| piece.bytes.end <= cut);
        pieces.sort_by_key(|piece| (piece.bytes.start, piece.bytes.end));
        let bytes: Vec<_> = pieces.iter().map(|piece| piece.bytes.clone()).collect();
        let tokens = self.generator_context.counter.spans(input, &bytes);
        let evidence = pieces
            .into_iter()
            .zip(tokens)
            .map(|(piece, tokens)| EvidenceSpan {
                kind: piece.kind,
                gold: piece.gold,
                label: piece.label,
                bytes: piece.bytes,
                tokens,
            });
        Sample {
            number,
            profile: self.spec.profile,
            sources: self.sources.clone(),
            index: i64::from(number),
            input_tokens: self.generator_context.counter.count(input),
            length_w_model_temp: Tokens(length.0 + self.aside),
            token_position_answer: None,
            tokens_to_generate: self.answer,
            evidence: evidence.collect(),
            answer_prefix: answer_prefix.to_owned(),
            options: Vec::new(),
            input: input.to_owned(),
            references,
            length,
            cut: None,
        }
    }

    /// Where the answer prefix begins: the last occurrence of the first ten characters of its
    /// template.
    fn cut(&self, text: &str) -> usize {
        let ten = self.prefix.char_indices().nth(10);
        let ten = &self.prefix[..ten.map_or(self.prefix.len(), |(at, _)| at)];
        // Every template ends with its prefix, so it is found; otherwise nothing is cut.
        text.rfind(ten).unwrap_or(text.len())
    }
}
