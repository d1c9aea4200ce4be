//! Frequent words extraction: which coded words appear most often, by a zeta distribution.

use std::collections::BTreeSet;

use super::draft::DraftText;
use super::fit;
use super::frame::{DrawnPrompt, SampleFrame};
use super::streams::RandomStreams;
use super::word_list::WordListCounter;
use super::zeta::zeta;
use super::{ADD_FEWSHOT, MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, tokens_to_generate};
use crate::task::{
    EvidenceKind, GenerateError, GeneratorContext, Metric, OptionKind, OptionValues, Profile,
    RulerCategory, Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// The three most frequent of many coded words. RULER, `fwe`.
pub static FWE: FrequentWords = FrequentWords;

/// The task of RULER's `freq_words_extraction.py`.
pub struct FrequentWords;

const ID: &str = "fwe";
const TOKENS_TO_GENERATE: Tokens = Tokens(50);
const TEMPLATE: &str = include_str!("../../../data/ruler/fwe.template.txt");
const PREFIX: &str = include_str!("../../../data/ruler/fwe.prefix.txt");
/// The most frequent "word", which the question says to ignore.
const DOTS: &str = "...";
/// How many words the question asks for.
const ASKED: usize = 3;

const TASK_OPTIONS: &[TaskOption] = &[
    TaskOption {
        name: "alpha",
        label: "Frequency exponent",
        about: "The distribution's exponent: word number k appears in proportion to k^-alpha.",
        kind: OptionKind::Real {
            default: 2.0,
            least: 1.01,
            most: 10.0,
        },
    },
    TaskOption {
        name: "coded_wordlen",
        label: "Letters per word",
        about: "Letters per coded word.",
        kind: OptionKind::Number {
            default: 6,
            least: 2,
            most: 20,
        },
    },
    TaskOption {
        name: "vocab_size",
        label: "Vocabulary size",
        about: "Number of distinct words; -1 for one per fifty tokens of context.",
        kind: OptionKind::Number {
            default: -1,
            least: -1,
            most: 20_000,
        },
    },
    ADD_FEWSHOT,
    tokens_to_generate(TOKENS_TO_GENERATE),
    REMOVE_NEWLINE_TAB,
    MODEL_TEMPLATE_TOKEN,
];

impl Task for FrequentWords {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Frequent words: the three most frequent of a coded text"
    }
    fn about(&self) -> &'static str {
        "Name the three coded words that appear most often in a long text: aggregation."
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
        Some("freq_words_extraction")
    }
    fn lm_eval_name(&self) -> &'static str {
        "ruler_fwe"
    }
    fn counts_whole_text(&self) -> bool {
        true
    }
    fn task_options(&self) -> &'static [TaskOption] {
        TASK_OPTIONS
    }
    fn check(&self, options: &OptionValues, _: Profile) -> Result<(), GenerateError> {
        let wanted = options.count("vocab_size");
        let letters = u32::try_from(options.count("coded_wordlen")).unwrap_or(u32::MAX);
        let has = 26_usize.saturating_pow(letters);
        if wanted > has / 2 {
            return Err(GenerateError::TooFewWords {
                task: ID.to_owned(),
                wanted,
                has: has / 2,
            });
        }
        Ok(())
    }
}

impl TaskGenerator for FrequentWords {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = OptionValues::parse(TASK_OPTIONS, &spec.set)?;
        let answer = self.room(spec);
        let frame = SampleFrame::new(
            ID,
            spec,
            &options,
            generator_context,
            answer,
            PREFIX,
            Vec::new(),
        )?;
        // What the prompt alone may have.
        let most = frame.most.0 - answer.0;
        let maker = FrequentWordsGenerator {
            alpha: options.real("alpha"),
            letters: options.count("coded_wordlen"),
            vocabulary: match options.number("vocab_size") {
                ..0 => most as usize / 50,
                size => size as usize,
            },
        };
        if maker.vocabulary <= ASKED
            || maker.vocabulary > 26_usize.saturating_pow(maker.letters as u32) / 2
        {
            return Err(GenerateError::TooFewWords {
                task: ID.to_owned(),
                wanted: ASKED + 1,
                has: maker.vocabulary,
            });
        }
        if frame.stratified() {
            // From this size on, the third word appears.
            let least = maker.least();
            return Ok(Box::new(fit::each_alone(
                frame,
                first,
                move |_| Ok(least),
                move |_, _, size, streams| {
                    let vocabulary = maker.vocabulary(streams);
                    Ok(maker.text(&vocabulary, streams, size))
                },
            )));
        }
        let mut streams = RandomStreams::upstream(spec.random_seed);
        let step = most as usize / 32;
        let mut lists = WordListCounter::new(generator_context.counter);
        let first_vocabulary = maker.vocabulary(&mut streams);
        let size = maker.search(&first_vocabulary, step, most, &mut streams, &mut lists);
        Ok(Box::new((first..).map(move |number| {
            let vocabulary = maker.vocabulary(&mut streams);
            let mut used = size;
            if size == 0 {
                // The original searches again for every sample.
                used = maker.search(&vocabulary, step, most, &mut streams, &mut lists);
            }
            loop {
                let drawn = maker.text(&vocabulary, &mut streams, used);
                let tokens = generator_context.counter.count(&drawn.draft.text).0;
                if tokens <= most {
                    // Counted before its lines are joined, as in the original.
                    let drawn = if frame.flat { drawn.flat() } else { drawn };
                    return Ok(frame.finish(number, drawn, Tokens(tokens + answer.0)));
                }
                if used == 0 {
                    return Err(frame.does_not_fit(Tokens(tokens + answer.0)));
                }
                used = used.saturating_sub(step.max(1));
            }
        })))
    }
}

/// The options of one spec.
struct FrequentWordsGenerator {
    alpha: f64,
    letters: usize,
    vocabulary: usize,
}

impl FrequentWordsGenerator {
    /// The original's search: upwards in steps, returning the last size below the limit.
    fn search(
        &self,
        vocabulary: &[String],
        step: usize,
        most: u32,
        streams: &mut RandomStreams,
        lists: &mut WordListCounter<'_>,
    ) -> usize {
        let step = step.max(1);
        let mut size = most as usize / self.letters;
        let text = template();
        let (before, after) = text.split_once("{context}").unwrap_or((&text, ""));
        let mut length = |size| {
            let words = self.words(vocabulary.len(), streams, size);
            lists.spaced(before, vocabulary, &words, after).0
        };
        while length(size) < most {
            size += step;
        }
        size.saturating_sub(step)
    }

    /// Distinct coded words; the first is replaced by noise.
    fn vocabulary(&self, streams: &mut RandomStreams) -> Vec<String> {
        const ALPHABET: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
        let mut words = BTreeSet::new();
        // First as many draws as words, then more until enough are distinct.
        let mut draws = 0;
        while draws < self.vocabulary || words.len() < self.vocabulary {
            let letters = streams.python.choices(ALPHABET, self.letters);
            words.insert(letters.into_iter().map(char::from).collect::<String>());
            draws += 1;
        }
        let mut words: Vec<String> = words.into_iter().collect();
        streams.shuffle(&mut words);
        DOTS.clone_into(&mut words[0]);
        words
    }

    /// How often the word with this rank, from 1, appears in a text of `size` words.
    fn repeats(&self, size: usize, rank: usize, zeta: f64) -> usize {
        (size as f64 * libm::pow(rank as f64, -self.alpha) / zeta) as usize
    }

    /// The smallest size at which every word asked for appears, and each more often than the next.
    fn least(&self) -> usize {
        let zeta = zeta(self.alpha);
        let told_apart = |size: &usize| {
            (2..=ASKED + 1)
                .all(|rank| self.repeats(*size, rank, zeta) > self.repeats(*size, rank + 1, zeta))
        };
        (1..1_000_000).find(told_apart).unwrap_or(1)
    }

    /// The words of the text, as ranks from 0.
    fn words(&self, vocabulary: usize, streams: &mut RandomStreams, size: usize) -> Vec<u32> {
        let zeta = zeta(self.alpha);
        let mut words: Vec<u32> = Vec::with_capacity(size);
        let mut keys: Vec<f64> = Vec::new();
        for rank in 0..u32::try_from(vocabulary).unwrap_or(u32::MAX) {
            let repeats = self.repeats(size, rank as usize + 1, zeta);
            if repeats == 0 {
                break;
            }
            words.extend(std::iter::repeat_n(rank, repeats));
            keys.extend(streams.spread(repeats).unwrap_or_default());
        }
        if keys.is_empty() {
            streams.shuffle(&mut words);
            return words;
        }
        let mut keyed: Vec<_> = keys.into_iter().zip(words).collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        keyed.into_iter().map(|(_, word)| word).collect()
    }

    fn text(&self, vocabulary: &[String], streams: &mut RandomStreams, size: usize) -> DrawnPrompt {
        let words = self.words(vocabulary.len(), streams, size);
        let mut draft = DraftText::default();
        for (i, rank) in words.into_iter().enumerate() {
            if i > 0 {
                draft.push(" ");
            }
            let word = &vocabulary[rank as usize];
            if (1..=ASKED).contains(&(rank as usize)) {
                draft.push_piece(word, EvidenceKind::Word, true, word);
            } else {
                draft.push(word);
            }
        }
        DrawnPrompt {
            draft: draft.framed(&template(), &[]),
            references: vocabulary[1..=ASKED].to_vec(),
        }
    }
}

fn template() -> String {
    [TEMPLATE, PREFIX].concat()
}
