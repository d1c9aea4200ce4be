//! What is kept of an answer: enough to score it again and to prove what was asked.

use serde::{Deserialize, Serialize};

use crate::tokens::Tokens;

/// What became of one sample.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transcript {
    /// The sample's number within its spec.
    pub sample: u32,
    /// SHA-256 of the prompt's text, in hex; the text itself is made again from the spec. Absent
    /// where no prompt came to be.
    pub prompt_hash: Option<String>,
    /// The prompt's length under the model's own tokenizer, special tokens of the template
    /// included.
    pub prompt_tokens: Option<Tokens>,
    /// Who answered.
    pub engine: EngineInfo,
    /// The answer, or why there is none.
    pub outcome: Outcome,
}

/// An answer or a failure; never an empty answer in place of a failure.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
    /// Text came.
    Completed(Completion),
    /// No text came.
    Failed(Failure),
}

/// The text got.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Completion {
    /// What the model wrote after the answer prefix.
    pub text: String,
    /// What a reasoning model thought before it answered, or the first of two calls was for; never
    /// part of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// Whether the thinking had an end and no beginning, and the prompt was made by an endpoint, so
    /// that what stood before the end may have been the answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thinking_end_alone: bool,
    /// How likely each of the sample's options was to come next: natural logarithms, in their order;
    /// nothing for one that an endpoint did not tell, as others were likelier. Empty where the
    /// model wrote; where it did not, `text` is the likeliest option.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Option<f64>>,
    /// How many tokens it wrote.
    pub tokens: Tokens,
    /// Why it stopped.
    pub finish: FinishReason,
    /// What a remote engine says it read and wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// How long it took.
    pub timings: Timings,
}

/// An answer without a word outside the thinking: it is scored as empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TextlessAnswer {
    /// Thinking came and nothing else.
    Thinking,
    /// Nothing came.
    Empty,
}

impl TextlessAnswer {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Thinking, Self::Empty];

    /// The word, as on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Thinking => "thinking",
            Self::Empty => "empty",
        }
    }

    /// How many of so many answers are like this, for people.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::transcript::TextlessAnswer;
    /// let told = TextlessAnswer::Thinking.count(1, 9).unwrap();
    /// assert_eq!(told, "1 of 9 answers is reasoning only, scored as empty");
    /// assert_eq!(TextlessAnswer::Empty.count(3, 9).unwrap(), "3 of 9 answers are empty");
    /// assert_eq!(TextlessAnswer::Empty.count(0, 9), None);
    /// ```
    pub fn count(self, like: u32, answers: u32) -> Option<String> {
        let are = match (like, answers) {
            (0, _) => return None,
            (1, 1) => "the one answer is".to_owned(),
            (all, answers) if all == answers => format!("all {all} answers are"),
            (1, answers) => format!("1 of {answers} answers is"),
            (some, answers) => format!("{some} of {answers} answers are"),
        };
        let what = match self {
            Self::Thinking => "reasoning only, scored as empty",
            Self::Empty => "empty",
        };
        Some(format!("{are} {what}"))
    }
}

impl Completion {
    /// The likeliest of `options`, by what is told of each; of equals the first.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::transcript::{Completion, Timings};
    /// let options = ["A)", "B)", "C)"].map(str::to_owned);
    /// let told = vec![Some(-2.0), Some(-0.5), None];
    /// assert_eq!(Completion::chosen(&options, told, Timings::default()).text, "B)");
    /// ```
    pub fn chosen(options: &[String], told: Vec<Option<f64>>, timings: Timings) -> Self {
        let mut best: Option<(usize, f64)> = None;
        for (at, logprob) in told.iter().enumerate() {
            if let Some(logprob) = logprob
                && best.is_none_or(|(_, known)| *logprob > known)
            {
                best = Some((at, *logprob));
            }
        }
        let best = best.and_then(|(at, _)| options.get(at));
        Self {
            text: best.cloned().unwrap_or_default(),
            thinking: None,
            thinking_end_alone: false,
            options: told,
            tokens: Tokens(1),
            finish: FinishReason::Length,
            usage: None,
            timings,
        }
    }

    /// What is there in place of a text to score, where there is none.
    pub fn textless(&self) -> Option<TextlessAnswer> {
        if !self.options.is_empty() || !self.text.trim().is_empty() {
            return None;
        }
        Some(match self.thinking {
            Some(_) => TextlessAnswer::Thinking,
            None => TextlessAnswer::Empty,
        })
    }

    /// Two calls as one: these are the thoughts, and `answer` is the answer. Tokens and times are
    /// those of both together.
    pub fn then(&self, answer: Self) -> Self {
        let both = |a: Tokens, b: Tokens| Tokens(a.0.saturating_add(b.0));
        Self {
            thinking: Some(self.text.clone()),
            tokens: both(self.tokens, answer.tokens),
            usage: self.usage.zip(answer.usage).map(|(a, b)| TokenUsage {
                prompt: both(a.prompt, b.prompt),
                completion: both(a.completion, b.completion),
                thinking: match (a.thinking, b.thinking) {
                    (Some(a), Some(b)) => Some(both(a, b)),
                    (a, b) => a.or(b),
                },
            }),
            timings: Timings {
                prefill_ms: self.timings.prefill_ms + answer.timings.prefill_ms,
                decode_ms: self.timings.decode_ms + answer.timings.decode_ms,
            },
            ..answer
        }
    }
}

/// A remote engine's own count, to be held against ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenUsage {
    /// Tokens read.
    pub prompt: Tokens,
    /// Tokens written, thinking included.
    pub completion: Tokens,
    /// Of these, tokens of thinking, where it tells: also of thinking that it does not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking: Option<Tokens>,
}

/// Why a completion ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended its turn.
    Stop,
    /// The room for the answer was full.
    Length,
}

/// How long the parts took, in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timings {
    /// Reading the prompt.
    pub prefill_ms: f64,
    /// Writing the answer.
    pub decode_ms: f64,
}

impl Timings {
    /// Tokens written per second, where any time passed.
    pub fn decode_rate(&self, tokens: Tokens) -> Option<f64> {
        rate(tokens, self.decode_ms)
    }

    /// Prompt tokens read per second, where any time passed.
    pub fn prefill_rate(&self, tokens: Tokens) -> Option<f64> {
        rate(tokens, self.prefill_ms)
    }
}

fn rate(tokens: Tokens, ms: f64) -> Option<f64> {
    (ms > 0.0).then(|| f64::from(tokens.0) * 1000.0 / ms)
}

/// Why no text came: what a reader is told, and what a retry may hope for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// The kind, for counting.
    pub kind: FailureKind,
    /// The sentence: the thing, what was got and what was expected.
    pub message: String,
}

/// Kinds of failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The sample or its prompt could not be made.
    Prompt,
    /// Prompt and answer do not fit the model's context.
    Context,
    /// The engine failed.
    Engine,
    /// The device went away.
    DeviceLost,
    /// Someone stopped it.
    Cancelled,
    /// A remote engine did not answer in time.
    Timeout,
    /// A remote engine could not be reached, or the connection broke.
    Network,
    /// A remote engine refused the prompt, or said something that is no answer.
    Refused,
}

/// Who answered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EngineInfo {
    /// As [`EngineKind`](crate::engine::EngineKind) writes it; `wgpu` for the page's own.
    pub engine: String,
    /// The adapter or processor.
    pub device: String,
    /// The model's name.
    pub model: String,
    /// SHA-256 of the model's file, in hex.
    pub model_sha256: String,
    /// The day that the model's chat template was told, where it asks what day it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_date: Option<String>,
}
