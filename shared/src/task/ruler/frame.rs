//! What all of RULER's tasks have in common around a draft.

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
    pub(in crate::task) kit: GeneratorContext<'a>,
    pub(in crate::task) spec: TaskSpec,
    /// What prompt and answer may have together.
    pub(in crate::task) most: Tokens,
    /// Tokens set aside for a model's template.
    aside: u32,
    /// Room for the answer.
    answer: Tokens,
    /// The answer prefix before its fields are filled.
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
    /// Joined into one line.
    pub(in crate::task) fn flat(self) -> Self {
        Self {
            draft: self.draft.flat(),
            ..self
        }
    }
}

impl<'a> SampleFrame<'a> {
    /// # Errors
    /// Nothing is left beside answer and template.
    pub(in crate::task) fn new(
        task: &'static str,
        spec: &TaskSpec,
        options: &OptionValues,
        kit: GeneratorContext<'a>,
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
            kit,
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

    /// Prompt and room for the answer.
    pub(in crate::task) fn length(&self, text: &str) -> Tokens {
        Tokens(self.kit.counter.count(text).0 + self.answer.0)
    }

    /// The smallest haystack needs `needed` tokens.
    pub(in crate::task) fn does_not_fit(&self, needed: Tokens) -> GenerateError {
        GenerateError::DoesNotFit {
            task: self.task.to_owned(),
            got: self.spec.max_seq_length,
            // What the template of a model takes is part of what is needed.
            needed: Tokens(needed.0 + self.aside),
        }
    }

    /// The record of a drawn prompt whose length was counted, before or after it was made flat.
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
        let tokens = self.kit.counter.spans(input, &bytes);
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
            input_tokens: self.kit.counter.count(input),
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

    /// Where the answer prefix begins: at the last place where its template's first ten
    /// characters stand.
    fn cut(&self, text: &str) -> usize {
        let ten = self.prefix.char_indices().nth(10);
        let ten = &self.prefix[..ten.map_or(self.prefix.len(), |(at, _)| at)];
        // Every template ends in its prefix, so it is found; if not, nothing is cut.
        text.rfind(ten).unwrap_or(text.len())
    }
}
