//! Common words extraction: which words of a numbered list appear most often.

use std::collections::BTreeSet;

use super::draft::DraftText;
use super::fit::{self, SearchBounds};
use super::frame::{DrawnPrompt, SampleFrame};
use super::streams::RandomStreams;
use super::word_list::WordListCounter;
use super::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, tokens_to_generate};
use crate::corpora::CorpusKind;
use crate::corpora::word_lists::{self, ADJECTIVES, NOUNS, VERBS};
use crate::task::{
    EvidenceKind, GenerateError, GeneratorContext, Metric, OptionKind, OptionValues, RulerCategory,
    Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// Ten common words among many rare ones. RULER, `cwe`.
pub static CWE: CommonWords = CommonWords;

/// The task of RULER's `common_words_extraction.py`.
pub struct CommonWords;

const ID: &str = "cwe";
const TOKENS_TO_GENERATE: Tokens = Tokens(120);
const TEMPLATE: &str = include_str!("../../../data/ruler/cwe.template.txt");
const PREFIX: &str = include_str!("../../../data/ruler/cwe.prefix.txt");
/// The list size on which the original's estimate is based.
const PROBE: usize = 4096;
const STEP: usize = 10;

const fn count(
    name: &'static str,
    label: &'static str,
    about: &'static str,
    least: i32,
    default: i32,
) -> TaskOption {
    let most = 1000;
    TaskOption {
        name,
        label,
        about,
        kind: OptionKind::Number {
            default,
            least,
            most,
        },
    }
}

const TASK_OPTIONS: &[TaskOption] = &[
    count(
        "freq_cw",
        "Repeats per common word",
        "How often each common word appears; 6 below 4096 tokens, whatever is set.",
        1,
        30,
    ),
    count(
        "freq_ucw",
        "Repeats per other word",
        "How often each other word appears; 1 below 4096 tokens, whatever is set.",
        1,
        3,
    ),
    count(
        "num_cw",
        "Common words",
        "How many words are common.",
        1,
        10,
    ),
    TaskOption {
        kind: OptionKind::Number {
            default: 1,
            least: 0,
            most: 10,
        },
        ..count(
            "num_fewshot",
            "Worked examples",
            "Worked examples before the list.",
            0,
            1,
        )
    },
    tokens_to_generate(TOKENS_TO_GENERATE),
    REMOVE_NEWLINE_TAB,
    MODEL_TEMPLATE_TOKEN,
];

impl Task for CommonWords {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Common words: the ten most frequent of a list"
    }
    fn about(&self) -> &'static str {
        "Name the words that appear most often in a long numbered list: aggregation."
    }
    fn metric(&self) -> Metric {
        Metric::StringMatchAll
    }
    fn tokens_to_generate(&self) -> Tokens {
        TOKENS_TO_GENERATE
    }
    fn category(&self) -> Option<RulerCategory> {
        Some(RulerCategory::Aggregation)
    }
    fn ruler_script(&self) -> Option<&'static str> {
        Some("common_words_extraction")
    }
    fn lm_eval_name(&self) -> &'static str {
        "ruler_cwe"
    }
    fn texts(&self, _: &OptionValues) -> Vec<CorpusKind> {
        vec![CorpusKind::EnglishWords]
    }
    fn counts_whole_text(&self) -> bool {
        true
    }
    fn task_options(&self) -> &'static [TaskOption] {
        TASK_OPTIONS
    }
}

impl TaskGenerator for CommonWords {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = OptionValues::parse(TASK_OPTIONS, &spec.set)?;
        let answer = self.room(spec);
        let sources = vec![word_lists::wonderwords()];
        let frame = SampleFrame::new(
            ID,
            spec,
            &options,
            generator_context,
            answer,
            PREFIX,
            sources,
        )?;
        let mut streams = RandomStreams::upstream(spec.random_seed);
        let mut maker = CommonWordsGenerator::new(&options, spec.max_seq_length);
        if frame.stratified() {
            let least = maker.common;
            return Ok(Box::new(fit::each_alone(
                frame,
                first,
                move |_| Ok(least),
                move |frame, _, size, streams| maker.draw(frame, streams, size),
            )));
        }
        streams.shuffle(&mut maker.words);
        let mut lists = WordListCounter::new(generator_context.counter);
        let mut length = |size, most| {
            let list = (size, most);
            maker.length(&frame, &mut streams, list, &mut lists)
        };
        let per_word = f64::from(length(PROBE, Tokens(u32::MAX))?.0) / PROBE as f64;
        let estimate = (f64::from(frame.most.0) / per_word).floor() as usize;
        let bounds = SearchBounds {
            step: STEP,
            high: (estimate * 2).max(STEP * 2),
        };
        let most = Tokens(frame.most.0 - answer.0);
        let size = fit::search(&bounds, frame.most, |size| {
            Ok(Tokens(length(size, most)?.0 + answer.0))
        })?;
        let draw =
            move |frame: &SampleFrame<'a>, _, size| Ok(maker.draw(frame, &mut streams, size).ok());
        Ok(Box::new(fit::in_one_stream(frame, first, size, STEP, draw)))
    }
}

/// The options of one spec, and the word list.
struct CommonWordsGenerator {
    words: Vec<&'static str>,
    common: usize,
    repeats: WordRepeats,
    examples: usize,
    /// Words in a worked example.
    example_size: usize,
    example_repeats: WordRepeats,
}

/// How often words appear.
#[derive(Clone, Copy)]
struct WordRepeats {
    common: usize,
    other: usize,
}

impl CommonWordsGenerator {
    fn new(options: &OptionValues, asked: Tokens) -> Self {
        let lists = [NOUNS, ADJECTIVES, VERBS];
        let words: BTreeSet<&str> = lists
            .iter()
            .flat_map(|list| list.lines())
            .map(str::trim_end)
            .collect();
        let short = asked.0 < 4096;
        let (common, other) = match short {
            true => (6, 1),
            false => (options.count("freq_cw"), options.count("freq_ucw")),
        };
        let (example_size, example_common, example_other) = match short {
            true => (20, 3, 1),
            false => (40, 10, 3),
        };
        Self {
            words: words.into_iter().collect(),
            common: options.count("num_cw"),
            repeats: WordRepeats { common, other },
            examples: options.count("num_fewshot"),
            example_size,
            example_repeats: WordRepeats {
                common: example_common,
                other: example_other,
            },
        }
    }

    /// Draws the worked examples, then a list of `size` different words.
    fn draw(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        size: usize,
    ) -> Result<DrawnPrompt, GenerateError> {
        let examples = self.examples(frame, streams)?;
        let list = self.pick(frame, streams, size, self.repeats)?.written();
        let draft = list.draft.framed(&template(), &[]);
        Ok(DrawnPrompt {
            draft: draft.after(&examples),
            ..list
        })
    }

    /// The length of the prompt that [`draw`](Self::draw) would write, or any number above `most`
    /// if it is longer than that.
    fn length(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        (size, most): (usize, Tokens),
        lists: &mut WordListCounter<'_>,
    ) -> Result<Tokens, GenerateError> {
        let examples = self.examples(frame, streams)?;
        let list = self.pick(frame, streams, size, self.repeats)?;
        let template = template();
        let (before, after) = template.split_once("{context}").unwrap_or((&template, ""));
        let before = [&examples, before].concat();
        Ok(lists.numbered(&before, &list.words, &list.order, after, most))
    }

    /// The worked examples, which come first.
    fn examples(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
    ) -> Result<String, GenerateError> {
        let mut examples = Vec::with_capacity(self.examples);
        for _ in 0..self.examples {
            let list = self.pick(frame, streams, self.example_size, self.example_repeats)?;
            let list = list.written();
            let answer = numbered(&list.references);
            let text = list.draft.framed(&template(), &[]).text;
            examples.push(format!("{text} {answer}"));
        }
        Ok(format!("{}\n", examples.join("\n")))
    }

    /// Picks the words of a list.
    fn pick<'w>(
        &'w self,
        frame: &'w SampleFrame<'_>,
        streams: &mut RandomStreams,
        size: usize,
        repeats: WordRepeats,
    ) -> Result<PickedWords<'w>, GenerateError> {
        let english = frame.generator_context.corpora.english_words();
        let long = size > self.words.len();
        let has = if long {
            english.len()
        } else {
            self.words.len()
        };
        let drawn = streams.python.sample(has, size);
        let drawn = drawn.ok_or_else(|| GenerateError::TooFewWords {
            task: ID.to_owned(),
            wanted: size,
            has,
        })?;
        let word = |i: usize| {
            if long {
                english.get(i).unwrap_or_default()
            } else {
                self.words[i]
            }
        };
        let common = self.common.min(size);
        Ok(PickedWords {
            words: drawn.into_iter().map(word).collect(),
            common,
            order: arranged(streams, common, size, repeats),
        })
    }
}

fn template() -> String {
    [TEMPLATE, PREFIX].concat()
}

/// The words of a list and their order.
struct PickedWords<'w> {
    /// Different words, the common ones first.
    words: Vec<&'w str>,
    /// How many are common.
    common: usize,
    /// Word numbers, each repeated as often as the word appears.
    order: Vec<u32>,
}

impl PickedWords<'_> {
    /// Writes the numbered list, with its common words as evidence.
    fn written(&self) -> DrawnPrompt {
        let mut draft = DraftText::default();
        for (i, number) in (1..).zip(&self.order) {
            let number = *number as usize;
            let word = self.words[number];
            let space = if i > 1 { " " } else { "" };
            draft.push(&format!("{space}{i}. "));
            if number < self.common {
                draft.push_piece(word, EvidenceKind::Word, true, word);
            } else {
                draft.push(word);
            }
        }
        let common = self.words[..self.common].iter();
        DrawnPrompt {
            draft,
            references: common.map(|word| (*word).to_owned()).collect(),
        }
    }
}

/// The order of a list of `size` words, of which the first `common` are common: each word's number,
/// as often as it appears.
fn arranged(
    streams: &mut RandomStreams,
    common: usize,
    size: usize,
    repeats: WordRepeats,
) -> Vec<u32> {
    let number = |i: usize| u32::try_from(i).unwrap_or(u32::MAX);
    let groups = [
        (0..number(common), repeats.common),
        (number(common)..number(size), repeats.other),
    ];
    // The original repeats the lists, not the words; this changes only the order before the
    // shuffle.
    let mut list = Vec::new();
    for (words, times) in &groups {
        list.extend((0..*times).flat_map(|_| words.clone()));
    }
    let mut keys: Vec<f64> = Vec::new();
    for (words, times) in groups {
        let spread: Vec<_> = words.map_while(|_| streams.spread(times)).collect();
        for copy in 0..times {
            keys.extend(spread.iter().map(|keys| keys[copy]));
        }
    }
    if keys.len() == list.len() {
        let mut keyed: Vec<_> = keys.into_iter().zip(list).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        return keyed.into_iter().map(|(_, word)| word).collect();
    }
    streams.shuffle(&mut list);
    list
}

/// `1. word 2. word`.
fn numbered(words: &[String]) -> String {
    let numbered = (1..).zip(words).map(|(i, word)| format!("{i}. {word}"));
    numbered.collect::<Vec<_>>().join(" ")
}
