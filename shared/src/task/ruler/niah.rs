//! Needle in a haystack: keys with values hidden among other sentences.

use std::ops::Range;

use super::fit;
use super::python_random::PythonRandom;
use super::words::WordPairs;
use super::{NOISE, flatten, split_prefix};
use crate::task::{
    Category, Evidence, EvidenceKind, GenerateError, Knob, KnobKind, Metric, Options, Sample,
    Samples, Task, TaskSpec,
};
use crate::template::fill;
use crate::tokens::{Counter, Tokens};

/// One needle with a number under a word key, in repeated noise. RULER, `niah_single_1`.
pub static NIAH_SINGLE_1: Niah = Niah {
    id: "niah_single_1",
    title: "NIAH single 1: a number in noise",
    about: "Recall the one number hidden in a text that repeats the same five sentences: \
            the vanilla needle test.",
};

/// A task of RULER's `niah.py`.
pub struct Niah {
    id: &'static str,
    title: &'static str,
    about: &'static str,
}

const TOKENS_TO_GENERATE: Tokens = Tokens(128);
const TEMPLATE: &str = include_str!("../../../data/ruler/niah.template.txt");
const PREFIX: &str = include_str!("../../../data/ruler/niah.prefix.txt");
const NEEDLE: &str = include_str!("../../../data/ruler/niah.needle.txt");
const VALUES: &str = "numbers";

const KNOBS: &[Knob] = &[
    Knob {
        name: "remove_newline_tab",
        about: "Join the prompt into one line, as for models that stop at line breaks.",
        kind: KnobKind::Switch { default: false },
    },
    Knob {
        name: "model_template_token",
        about: "Tokens set aside for the model's chat template.",
        kind: KnobKind::Number {
            default: 0,
            least: 0,
            most: 4096,
        },
    },
];

impl Task for Niah {
    fn id(&self) -> &'static str {
        self.id
    }
    fn title(&self) -> &'static str {
        self.title
    }
    fn about(&self) -> &'static str {
        self.about
    }
    fn category(&self) -> Category {
        Category::Retrieval
    }
    fn metric(&self) -> Metric {
        Metric::StringMatchAll
    }
    fn tokens_to_generate(&self) -> Tokens {
        TOKENS_TO_GENERATE
    }
    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        counter: &'a Counter<'a>,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = Options::parse(KNOBS, &spec.set)?;
        let aside = options.number("model_template_token");
        let most = super::room(spec, aside, TOKENS_TO_GENERATE)?;
        let mut draw = Draw {
            random: PythonRandom::new(spec.random_seed),
            words: WordPairs::bundled(),
        };
        let step = if spec.max_seq_length.0 < 4096 { 5 } else { 25 };
        let probe = |size| Ok(counter.count(&draw.prompt(size).text));
        let size = fit::search(step, most, probe, TOKENS_TO_GENERATE)?;
        let flat = options.switch("remove_newline_tab");
        let (id, asked) = (self.id, spec.max_seq_length);
        Ok(Box::new((0..).map(move |number| {
            let (drawn, length) = fit::settle(id, size, step, most, asked, |size| {
                let drawn = draw.prompt(size);
                let length = Tokens(counter.count(&drawn.text).0 + TOKENS_TO_GENERATE.0);
                Some((drawn, length))
            })?;
            Ok(finish(number, drawn, length, aside, flat, counter))
        })))
    }
}

/// The random stream with what is drawn from it.
struct Draw {
    random: PythonRandom,
    words: &'static WordPairs,
}

/// A prompt with its answer prefix, and what was hidden in it.
struct Drawn {
    text: String,
    key: String,
    value: String,
    needle: String,
}

impl Draw {
    /// One prompt over `size` sentences of noise. Draws in the original's order: key, value,
    /// position, query.
    fn prompt(&mut self, size: usize) -> Drawn {
        let index = self.random.below(self.words.len());
        let key = self.words.get(index).unwrap_or_default();
        let value = self.random.int(1_000_000, 9_999_999).to_string();
        let needle = fill(
            NEEDLE,
            &[("type_needle_v", VALUES), ("key", &key), ("value", &value)],
        );
        let mut sentences = vec![NOISE; size];
        // `size` is at least one step, so one position is always there.
        for at in self.random.sample(size, 1).unwrap_or_default() {
            sentences.insert(at, &needle);
        }
        let context = sentences.join("\n");
        // The query is drawn among one key: one bit until it is 0, from the same stream.
        self.random.sample(1, 1);
        let text = fill(
            &singular([TEMPLATE, PREFIX].concat()),
            &[
                ("type_needle_v", "number"),
                ("context", &context),
                ("query", &key),
            ],
        );
        Drawn {
            text,
            key,
            value,
            needle,
        }
    }
}

/// What RULER makes of its template where one key has one value; the order matters.
fn singular(template: String) -> String {
    template
        .replace("Some", "A")
        .replace("are all", "is")
        .replace("are", "is")
        .replace("answers", "answer")
}

fn finish(
    number: u32,
    drawn: Drawn,
    length: Tokens,
    aside: u32,
    flat: bool,
    counter: &Counter<'_>,
) -> Sample {
    let text = if flat {
        flatten(&drawn.text)
    } else {
        drawn.text
    };
    let (input, answer_prefix) = split_prefix(&text, PREFIX);
    let answer_at = input.find(&drawn.value);
    let starts = counter.starts(&input);
    let evidence = input
        .find(&drawn.needle)
        .map(|at| place(at..at + drawn.needle.len(), drawn.key, &starts, counter))
        .into_iter()
        .collect();
    Sample {
        number,
        index: answer_at.map_or(-1, |at| super::chars_before(&input, at)),
        token_position_answer: Some(counter.count(&input[..answer_at.unwrap_or(input.len())])),
        input_tokens: Tokens(u32::try_from(starts.len()).unwrap_or(u32::MAX)),
        length_w_model_temp: Tokens(length.0 + aside),
        references: vec![drawn.value],
        tokens_to_generate: TOKENS_TO_GENERATE,
        input,
        answer_prefix,
        length,
        evidence,
    }
}

fn place(bytes: Range<usize>, label: String, starts: &[usize], counter: &Counter<'_>) -> Evidence {
    let tokens = counter.span(starts, &bytes);
    Evidence {
        kind: EvidenceKind::Needle,
        gold: true,
        label,
        bytes,
        tokens,
    }
}
