//! Renders a question as a prompt, depending on its setting.

use std::ops::Range;

use super::embed::closest;
use super::{Embedder, LongBenchQuestion, LongBenchSetting, bm25, middle};
use crate::tokens::{TokenCounter, Tokens};

/// The original's templates; a field is a word between two `$`.
const DIRECT: &str = include_str!("../../data/longbench/direct.txt");
const COT: &str = include_str!("../../data/longbench/cot.txt");
const COT_ANSWER: &str = include_str!("../../data/longbench/cot_answer.txt");
const NO_CONTEXT: &str = include_str!("../../data/longbench/no_context.txt");
const RAG: &str = include_str!("../../data/longbench/rag.txt");

/// A prompt, and where the question's text appears in it.
#[derive(Clone, PartialEq, Debug)]
pub struct LongBenchPrompt {
    /// What the model reads, before its own chat template.
    pub input: String,
    /// The parts of the context that the input contains, in order: ranges of `input` and of equally
    /// many bytes of the context.
    pub shown: Vec<ShownSpan>,
    /// What was cut from the middle, if the prompt was too long.
    pub cut: Option<TruncatedMiddle>,
    /// The chunks that were picked, if the setting picks any.
    pub picked: Vec<bm25::RankedChunk>,
    /// The most tokens that the model may write.
    pub room: Tokens,
}

/// A part of the context that is in the prompt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownSpan {
    /// Its range in the input.
    pub input: Range<usize>,
    /// Where it begins in the context.
    pub context: usize,
}

/// A middle part that was left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TruncatedMiddle {
    /// Where the two halves meet in the input.
    pub at: usize,
    /// How many bytes are missing there.
    pub bytes: usize,
    /// Tokens of the whole prompt before the cut.
    pub before: Tokens,
}

/// Why a question cannot be asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PromptError {
    /// No cut makes the prompt fit.
    #[error("the prompt may have {most} tokens, but nothing of question `{id}` fits into that")]
    Room {
        /// The question.
        id: String,
        /// Tokens allowed.
        most: Tokens,
    },
    /// There are no embeddings.
    #[error("chunks of question `{id}` cannot be picked by embeddings: {reason}")]
    Embed {
        /// The question.
        id: String,
        /// The reason.
        reason: String,
    },
}

/// The first call about `question`. A prompt of more than `most` tokens loses its middle, as in the
/// original: the whole prompt is cut, not only the text. `embed` makes the embeddings for
/// [`LongBenchSetting::Embed`]; no other setting needs it.
///
/// # Errors
/// Nothing fits, or there are no embeddings.
pub fn ask(
    question: &LongBenchQuestion,
    setting: LongBenchSetting,
    most: Tokens,
    counter: &TokenCounter<'_>,
    embed: Option<&dyn Embedder>,
) -> Result<LongBenchPrompt, PromptError> {
    let context = question.context.as_str();
    let trimmed = context.trim();
    let start = context.len() - context.trim_start().len();
    let mut picked = Vec::new();
    let (template, document) = match setting {
        LongBenchSetting::Direct => (DIRECT, Document::of(context, start..start + trimmed.len())),
        LongBenchSetting::Cot => (COT, Document::of(context, start..start + trimmed.len())),
        LongBenchSetting::NoContext => (NO_CONTEXT, Document::default()),
        LongBenchSetting::Rag { top } => {
            picked = bm25::best(context, &question.question, top as usize);
            (RAG, Document::retrieved(context, &picked))
        }
        LongBenchSetting::Embed { top } => {
            let nobody = "there is no endpoint for embeddings: name one in the configuration";
            let best = embed.ok_or_else(|| nobody.to_owned());
            let best =
                best.and_then(|embed| closest(context, &question.question, top as usize, embed));
            picked = best.map_err(|reason| PromptError::Embed {
                id: question.id.clone(),
                reason,
            })?;
            (RAG, Document::retrieved(context, &picked))
        }
        LongBenchSetting::Tail { tokens } => {
            let total = counter.count(trimmed);
            let first = Tokens(total.0.saturating_sub(tokens.0));
            let mut from = counter.offset(trimmed, first);
            while !trimmed.is_char_boundary(from) {
                from += 1;
            }
            (
                DIRECT,
                Document::of(context, start + from..start + trimmed.len()),
            )
        }
    };
    let (mut input, at) = fill(template, question, &document.text, "");
    let mut shown = document.shown;
    for part in &mut shown {
        part.input = part.input.start + at..part.input.end + at;
    }
    let room = || PromptError::Room {
        id: question.id.clone(),
        most,
    };
    let gap = middle(&input, most, counter).ok_or_else(room)?;
    let cut = (!gap.is_empty()).then(|| TruncatedMiddle {
        at: gap.start,
        bytes: gap.len(),
        before: counter.count(&input),
    });
    if !gap.is_empty() {
        shown = shown
            .into_iter()
            .flat_map(|part| part.without(&gap))
            .collect();
        input.replace_range(gap, "");
    }
    Ok(LongBenchPrompt {
        input,
        shown,
        cut,
        picked,
        room: setting.rooms()[0],
    })
}

/// The second call of [`LongBenchSetting::Cot`]: the thoughts in place of the text.
///
/// # Errors
/// Nothing fits.
pub fn ask_again(
    question: &LongBenchQuestion,
    thoughts: &str,
    most: Tokens,
    counter: &TokenCounter<'_>,
) -> Result<LongBenchPrompt, PromptError> {
    let (mut input, _) = fill(COT_ANSWER, question, "", thoughts.trim());
    let gap = middle(&input, most, counter).ok_or_else(|| PromptError::Room {
        id: question.id.clone(),
        most,
    })?;
    let cut = (!gap.is_empty()).then(|| TruncatedMiddle {
        at: gap.start,
        bytes: gap.len(),
        before: counter.count(&input),
    });
    input.replace_range(gap, "");
    Ok(LongBenchPrompt {
        input,
        shown: Vec::new(),
        cut,
        picked: Vec::new(),
        room: LongBenchSetting::Cot.rooms()[1],
    })
}

impl LongBenchPrompt {
    /// The ranges of the input that show these bytes of the context: empty if they were left out,
    /// and several ranges if only parts of them are there.
    ///
    /// # Example
    /// ```
    /// # use fathom_shared::longbench::{LongBenchQuestion, LongBenchSetting, ask};
    /// # use fathom_shared::tokens::{TokenCounter, Tokens};
    /// # let row = serde_json::json!({
    /// #     "_id": "q", "domain": "d", "sub_domain": "s", "difficulty": "hard", "length": "short",
    /// #     "question": "Who?", "choice_A": "a", "choice_B": "b", "choice_C": "c",
    /// #     "choice_D": "d", "answer": "C", "context": "  It was Ada." });
    /// # let question = LongBenchQuestion::check(row).unwrap();
    /// # let counter = TokenCounter::new("bytes", |t| t.len(), |t| (0..t.len()).collect());
    /// let asked = ask(&question, LongBenchSetting::Direct, Tokens(1000), &counter, None)?;
    /// let ada = asked.places(&(9..12));
    /// assert_eq!(&asked.input[ada[0].clone()], "Ada");
    /// # Ok::<(), fathom_shared::longbench::PromptError>(())
    /// ```
    pub fn places(&self, context: &Range<usize>) -> Vec<Range<usize>> {
        let within = |part: &ShownSpan| {
            let end = part.context + part.input.len();
            let from = context.start.clamp(part.context, end);
            let to = context.end.clamp(part.context, end);
            let moved = |at: usize| at - part.context + part.input.start;
            (from < to).then(|| moved(from)..moved(to))
        };
        self.shown.iter().filter_map(within).collect()
    }
}

impl ShownSpan {
    /// The parts of this span, and their positions, after the bytes of `gap` are removed from the
    /// input.
    fn without(self, gap: &Range<usize>) -> impl Iterator<Item = Self> + use<> {
        let Self { input, context } = self;
        let before = input.start.min(gap.start)..input.end.min(gap.start);
        let from = input.start.max(gap.end);
        let after = from - gap.len()..input.end.max(gap.end) - gap.len();
        let parts = [
            Self {
                input: before,
                context,
            },
            Self {
                context: context + (from - input.start),
                input: after,
            },
        ];
        parts.into_iter().filter(|part| !part.input.is_empty())
    }
}

/// The replacement for the text in a template.
#[derive(Default)]
struct Document {
    text: String,
    shown: Vec<ShownSpan>,
}

impl Document {
    fn of(context: &str, bytes: Range<usize>) -> Self {
        Self {
            shown: vec![ShownSpan {
                input: 0..bytes.len(),
                context: bytes.start,
            }],
            text: context[bytes].to_owned(),
        }
    }

    /// Chunks with their numbers, separated by blank lines, as in the original.
    fn retrieved(context: &str, pieces: &[bm25::RankedChunk]) -> Self {
        let mut document = Self::default();
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                document.text.push_str("\n\n");
            }
            document
                .text
                .push_str(&format!("Retrieved chunk {}: ", number + 1));
            let from = document.text.len();
            document.text.push_str(&context[piece.bytes.clone()]);
            document.shown.push(ShownSpan {
                input: from..document.text.len(),
                context: piece.bytes.start,
            });
        }
        let end = document.text.trim_end().len();
        document.text.truncate(end);
        if let Some(last) = document.shown.last_mut() {
            last.input.end = last.input.end.min(end);
        }
        document
    }
}

/// Fills a template in one pass, and returns the byte at which the document begins. A `$Q$` within
/// the text stays unchanged; the original, which replaces one field after another, would insert the
/// question there.
fn fill(
    template: &str,
    question: &LongBenchQuestion,
    document: &str,
    thoughts: &str,
) -> (String, usize) {
    let room = document.len() + thoughts.len() + question.question.len() + 4096;
    let mut text = String::with_capacity(room);
    let mut at = 0;
    // Fields are the odd parts between the `$` signs.
    for (number, part) in template.split('$').enumerate() {
        let [a, b, c, d] = &question.choices;
        let value = match part {
            _ if number % 2 == 0 => part,
            "DOC" => {
                at = text.len();
                document
            }
            "Q" => question.question.trim(),
            "C_A" => a.trim(),
            "C_B" => b.trim(),
            "C_C" => c.trim(),
            "C_D" => d.trim(),
            "COT" => thoughts,
            _ => "",
        };
        text.push_str(value);
    }
    (text, at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn bytes() -> TokenCounter<'static> {
        TokenCounter::new("bytes", |text| text.len(), |text| (0..text.len()).collect())
    }

    fn question(context: &str) -> LongBenchQuestion {
        LongBenchQuestion::check(json!({
            "_id": "q", "domain": "d", "sub_domain": "s", "difficulty": "hard", "length": "short",
            "question": " Who is $C_A$? ", "choice_A": "Ann ", "choice_B": "Bob", "choice_C": "Cy",
            "choice_D": "Di", "answer": "C", "context": context,
        }))
        .unwrap()
    }

    #[test]
    fn every_field_of_every_template_is_filled_once() {
        let question = question("\n$Q$ text\n");
        for setting in ["direct", "cot", "no-context", "rag", "tail"] {
            let setting: LongBenchSetting = setting.parse().unwrap();
            let asked = ask(&question, setting, Tokens(10_000), &bytes(), None).unwrap();
            assert!(
                asked
                    .input
                    .contains("question: Who is $C_A$?\nChoices:\n(A) Ann\n(B) Bob")
            );
            assert_eq!(asked.input.matches("$Q$ text").count(), asked.shown.len());
            assert_eq!(
                asked.shown.is_empty(),
                setting == LongBenchSetting::NoContext,
                "{setting}"
            );
            let counted = asked.input.matches("$Q$ text\n</text>").count();
            assert_eq!(counted, asked.shown.len(), "{setting}: {}", asked.input);
        }
        let again = ask_again(&question, " so ", Tokens(10_000), &bytes()).unwrap();
        assert!(again.input.contains("by step: so\n\nBased on the above"));
    }

    #[test]
    fn picked_pieces_are_numbered_in_the_order_of_the_text() {
        let filler = "rain ".repeat(398);
        let question = question(&format!(
            "{filler}who\n{filler}no\n{filler}who is\n{filler}"
        ));
        let asked = ask(
            &question,
            LongBenchSetting::Rag { top: 2 },
            Tokens(100_000),
            &bytes(),
            None,
        )
        .unwrap();
        let first = asked.input.find("Retrieved chunk 1: rain").unwrap();
        let second = asked.input.find("\n\nRetrieved chunk 2: rain").unwrap();
        assert!(first < second && !asked.input.contains("chunk 3"));
        for (piece, shown) in asked.picked.iter().zip(&asked.shown) {
            let text = &question.context[piece.bytes.clone()];
            assert!(text.starts_with(&asked.input[shown.input.clone()]));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_the_context_holds(
            context in "[a-zé ]{1,300}", most in 0u32..700, setting in 0usize..4
        ) {
            prop_assume!(!context.trim().is_empty());
            let setting: LongBenchSetting = ["direct", "cot", "rag:2", "tail:50"][setting].parse().unwrap();
            let question = question(&context);
            let asked = ask(&question, setting, Tokens(most), &bytes(), None).unwrap();
            prop_assert!(asked.input.len() <= most as usize);
            for part in &asked.shown {
                let of_context = part.context..part.context + part.input.len();
                prop_assert_eq!(&asked.input[part.input.clone()], &context[of_context]);
            }
            if let Some(cut) = &asked.cut {
                prop_assert_eq!(cut.before.0 as usize, asked.input.len() + cut.bytes);
            }
        }
    }
}
