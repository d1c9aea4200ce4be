//! LongBench v2 as a task: sample `k` is question `k` of the set in use.

use std::borrow::Cow;
use std::ops::Range;

use crate::longbench::{
    ChoiceLetter, LongBenchPrompt, LongBenchQuestion, LongBenchSetting, PromptError, ask, ask_again,
};
use crate::task::{
    EvidenceKind, EvidenceSpan, GenerateError, GeneratorContext, Metric, OmittedSpan, OptionKind,
    OptionValues, Profile, Sample, Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// The task.
pub static LONGBENCH_V2: LongbenchV2 = LongbenchV2;

/// The id of [`LONGBENCH_V2`].
pub const ID: &str = "longbench_v2";

/// The original's longest prompt, 120,000 tokens, plus the answer limit.
pub const LONGEST: Tokens = Tokens(120_128);

/// Texts that share this many characters at their beginning count as the same text.
const SAME: usize = 2000;

/// Multiple-choice questions about real texts. `max_seq_length` is the length above which a prompt
/// is cut in the middle, including the answer: 120,128 gives the original's 120,000.
pub struct LongbenchV2;

const TASK_OPTIONS: &[TaskOption] = &[
    TaskOption {
        name: "setting",
        label: "Setting",
        about: "How the question is asked: with its text, after thinking (two calls), without the text, with the best chunks by BM25 or by embeddings, or with only the end of the text.",
        kind: OptionKind::Choice {
            default: "direct",
            of: &["direct", "cot", "no-context", "rag", "embed", "tail"],
        },
    },
    TaskOption {
        name: "answer",
        label: "What counts as the answer",
        about: "Whether to use the answer the model writes or the most likely of the four letters.",
        kind: OptionKind::Choice {
            default: "text",
            of: &["text", "letters"],
        },
    },
    TaskOption {
        name: "rag_top",
        label: "Retrieved chunks",
        about: "Chunks of text for the settings rag and embed.",
        kind: OptionKind::Number {
            default: 4,
            least: 1,
            most: 1000,
        },
    },
    TaskOption {
        name: "tail_tokens",
        label: "Tokens from the end",
        about: "Tokens of text for the setting tail.",
        kind: OptionKind::Number {
            default: 1024,
            least: 1,
            most: 4_194_304,
        },
    },
];

impl Task for LongbenchV2 {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "LongBench v2"
    }
    fn about(&self) -> &'static str {
        "Multiple-choice questions about real texts; Fathom includes sample questions of its own."
    }
    fn metric(&self) -> Metric {
        Metric::Letter
    }
    fn tokens_to_generate(&self) -> Tokens {
        Tokens(128)
    }
    fn task_options(&self) -> &'static [TaskOption] {
        TASK_OPTIONS
    }
    fn stands_alone(&self) -> bool {
        true
    }
    fn asks_questions(&self) -> bool {
        true
    }
    /// The first characters of the text that the question is about.
    fn shared_text<'t>(&self, input: &'t str, _: &[Range<usize>]) -> Option<&'t str> {
        let (_, text) = input.split_once("<text>")?;
        let text = text.split("</text>").next().unwrap_or(text);
        let end = text.char_indices().nth(SAME);
        Some(end.map_or(text, |(end, _)| &text[..end]))
    }
}

impl TaskGenerator for LongbenchV2 {
    fn follow_up(
        &self,
        spec: &TaskSpec,
        first: &Sample,
        answer: &str,
        generator_context: GeneratorContext<'_>,
    ) -> Option<Result<Sample, String>> {
        let asked = again(spec, first.number, answer, generator_context)?;
        Some(asked.map(|asked| second(spec, first, asked, generator_context)))
    }
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let setting = setting(spec)?;
        let letters = by_letters(spec)?;
        let room = setting.rooms()[0];
        if spec.max_seq_length <= room {
            return Err(GenerateError::NoRoom {
                got: spec.max_seq_length,
                answer: room,
            });
        }
        let most = Tokens(spec.max_seq_length.0 - room.0);
        let questions = generator_context.corpora.questions();
        let numbers = first..u32::try_from(questions.len()).unwrap_or(u32::MAX);
        Ok(Box::new(numbers.map(move |number| {
            let refuse = |reason| GenerateError::Question { number, reason };
            let question = questions.question(number).map_err(refuse)?;
            let sample = sample(number, &question, setting, most, generator_context)?;
            // Thoughts are written; the letter is taken after them.
            let letters = letters && setting != LongBenchSetting::Cot;
            Ok(if letters { of_letters(sample) } else { sample })
        })))
    }
}

/// The setting that a spec of this task asks for.
///
/// # Errors
/// The spec has an unknown option, or an option outside its range.
pub fn setting(spec: &TaskSpec) -> Result<LongBenchSetting, GenerateError> {
    let options = OptionValues::parse(TASK_OPTIONS, &spec.set)?;
    let number = |name| u32::try_from(options.number(name)).unwrap_or_default();
    Ok(match options.choice("setting") {
        "cot" => LongBenchSetting::Cot,
        "no-context" => LongBenchSetting::NoContext,
        "rag" => LongBenchSetting::Rag {
            top: number("rag_top"),
        },
        "embed" => LongBenchSetting::Embed {
            top: number("rag_top"),
        },
        "tail" => LongBenchSetting::Tail {
            tokens: Tokens(number("tail_tokens")),
        },
        _ => LongBenchSetting::Direct,
    })
}

/// Whether a spec of this task takes the most likely letter instead of what the model writes.
///
/// # Errors
/// The spec has an unknown option, or an option outside its range.
pub fn by_letters(spec: &TaskSpec) -> Result<bool, GenerateError> {
    let options = OptionValues::parse(TASK_OPTIONS, &spec.set)?;
    Ok(options.choice("answer") == "letters")
}

/// The words before the most likely letter: those of the original's format.
const LETTER_PREFIX: &str = "The correct answer is (";

/// The whole answer for `text`: the text itself or, with `letters`, the chosen option after the
/// words before it.
///
/// # Example
/// ```
/// use fathom_shared::{longbench::{ChoiceLetter, extract}, task::longbench_v2::whole_answer};
/// assert_eq!(extract(&whole_answer("B)", true)), Some(ChoiceLetter::B));
/// assert_eq!(extract(&whole_answer("B)", false)), None);
/// ```
pub fn whole_answer(text: &str, letters: bool) -> Cow<'_, str> {
    match letters {
        true => format!("{LETTER_PREFIX}{text}").into(),
        false => text.into(),
    }
}

/// The same sample, answered by the most likely letter after [`LETTER_PREFIX`].
fn of_letters(sample: Sample) -> Sample {
    let letters = ChoiceLetter::ALL.iter();
    Sample {
        answer_prefix: LETTER_PREFIX.to_owned(),
        options: letters.map(|letter| format!("{letter})")).collect(),
        tokens_to_generate: Tokens(1),
        ..sample
    }
}

/// The second call about question `number` after the first one's `thoughts`; `None` if the spec
/// asks once. The error is a sentence.
fn again(
    spec: &TaskSpec,
    number: u32,
    thoughts: &str,
    generator_context: GeneratorContext<'_>,
) -> Option<Result<LongBenchPrompt, String>> {
    if setting(spec) != Ok(LongBenchSetting::Cot) {
        return None;
    }
    let rooms = LongBenchSetting::Cot.rooms();
    // The first call has the larger answer limit; the prompt may use what remains.
    let most = Tokens(spec.max_seq_length.0.saturating_sub(rooms[0].0));
    let question = generator_context.corpora.questions().question(number);
    Some(question.and_then(|question| {
        let asked = ask_again(&question, thoughts, most, generator_context.counter);
        asked.map_err(|error| error.to_string())
    }))
}

/// The options of this task that request a setting.
pub fn options(setting: LongBenchSetting) -> std::collections::BTreeMap<String, String> {
    let word = setting.to_string();
    let (name, number) = word.split_once(':').unwrap_or((&word, ""));
    let mut set = vec![("setting", name)];
    match setting {
        LongBenchSetting::Rag { .. } | LongBenchSetting::Embed { .. } => {
            set.push(("rag_top", number));
        }
        LongBenchSetting::Tail { .. } => set.push(("tail_tokens", number)),
        _ => {}
    }
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    set.into_iter().map(own).collect()
}

fn sample(
    number: u32,
    question: &LongBenchQuestion,
    setting: LongBenchSetting,
    most: Tokens,
    generator_context: GeneratorContext<'_>,
) -> Result<Sample, GenerateError> {
    let refuse = |error: PromptError| GenerateError::Question {
        number,
        reason: error.to_string(),
    };
    let embed = generator_context.corpora.embedder();
    let asked = ask(question, setting, most, generator_context.counter, embed).map_err(refuse)?;
    let evidence = evidence(question, &asked, setting, generator_context);
    let input_tokens = generator_context.counter.count(&asked.input);
    let length = Tokens(input_tokens.0 + asked.room.0);
    Ok(Sample {
        number,
        profile: Profile::Stratified,
        sources: vec![generator_context.corpora.questions().source().clone()],
        index: i64::from(number),
        references: vec![question.answer.as_str().to_owned()],
        answer_prefix: String::new(),
        options: Vec::new(),
        length,
        length_w_model_temp: length,
        token_position_answer: None,
        tokens_to_generate: asked.room,
        input_tokens,
        evidence,
        cut: asked.cut.as_ref().map(|cut| OmittedSpan {
            at: cut.at,
            bytes: cut.bytes,
            tokens: cut.before,
        }),
        input: asked.input,
    })
}

/// The evidence of the answer, and the chunks that were picked, by their place in the input.
fn evidence(
    question: &LongBenchQuestion,
    asked: &LongBenchPrompt,
    setting: LongBenchSetting,
    generator_context: GeneratorContext<'_>,
) -> Vec<EvidenceSpan> {
    let by = match (setting, generator_context.corpora.embedder()) {
        (LongBenchSetting::Embed { .. }, Some(embed)) => format!("{}, cosine", embed.name()),
        _ => "BM25".to_owned(),
    };
    let mut pieces = Vec::new();
    for bytes in &question.evidence {
        for place in asked.places(bytes) {
            pieces.push((place, true, "evidence".to_owned()));
        }
    }
    for (piece, shown) in asked.picked.iter().zip(&asked.shown) {
        let label = format!("piece {}, {by} {:.2}", piece.number + 1, piece.score);
        pieces.push((shown.input.clone(), false, label));
    }
    pieces.sort_by_key(|(place, ..)| (place.start, place.end));
    let places: Vec<_> = pieces.iter().map(|(place, ..)| place.clone()).collect();
    let tokens = generator_context.counter.spans(&asked.input, &places);
    let all = pieces.into_iter().zip(tokens);
    all.map(|((bytes, gold, label), tokens)| EvidenceSpan {
        kind: EvidenceKind::Document,
        gold,
        label,
        bytes,
        tokens,
    })
    .collect()
}

/// The sample for the second of two calls: `first` with the new prompt.
fn second(
    spec: &TaskSpec,
    first: &Sample,
    asked: LongBenchPrompt,
    generator_context: GeneratorContext<'_>,
) -> Sample {
    let sample = Sample {
        tokens_to_generate: asked.room,
        input_tokens: generator_context.counter.count(&asked.input),
        input: asked.input,
        evidence: Vec::new(),
        cut: None,
        ..first.clone()
    };
    match by_letters(spec) {
        Ok(true) => of_letters(sample),
        _ => sample,
    }
}
