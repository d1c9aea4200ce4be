//! Needle in a haystack: keys with values hidden among other sentences.

mod tasks; // RULER's eight `niah.py` tasks and their options

pub use tasks::{
    NIAH_MULTIKEY_1, NIAH_MULTIKEY_2, NIAH_MULTIKEY_3, NIAH_MULTIQUERY, NIAH_MULTIVALUE,
    NIAH_SINGLE_1, NIAH_SINGLE_2, NIAH_SINGLE_3,
};

use std::cell::Cell;

use super::draft::DraftText;
use super::fit::{self, SearchBounds};
use super::frame::{DrawnPrompt, SampleFrame};
use super::haystack::{self, HaystackLine, HiddenText, MOST_IN_ESSAY, NOISE};
use super::streams::RandomStreams;
use super::word_pairs::WordPairs;
use crate::corpora::{CorpusKind, word_lists};
use crate::task::{
    EvidenceKind, GenerateError, GeneratorContext, Metric, OptionValues, Profile, RulerCategory,
    Sample, Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::template::fill;
use crate::text_source::TextSource;
use crate::tokens::Tokens;

/// A task of RULER's `niah.py`.
pub struct NiahTask {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    category: RulerCategory,
    task_options: &'static [TaskOption],
}

const TOKENS_TO_GENERATE: Tokens = Tokens(128);
const TEMPLATE: &str = include_str!("../../../../data/ruler/niah.template.txt");
const PREFIX: &str = include_str!("../../../../data/ruler/niah.prefix.txt");
const NEEDLE: &str = include_str!("../../../../data/ruler/niah.needle.txt");
impl Task for NiahTask {
    fn id(&self) -> &'static str {
        self.id
    }
    fn title(&self) -> &'static str {
        self.title
    }
    fn about(&self) -> &'static str {
        self.about
    }
    fn metric(&self) -> Metric {
        Metric::StringMatchAll
    }
    fn tokens_to_generate(&self) -> Tokens {
        TOKENS_TO_GENERATE
    }
    fn category(&self) -> Option<RulerCategory> {
        Some(self.category)
    }
    fn ruler_script(&self) -> Option<&'static str> {
        Some("niah")
    }
    fn texts(&self, options: &OptionValues) -> Vec<CorpusKind> {
        haystack::texts(options)
    }
    fn task_options(&self) -> &'static [TaskOption] {
        self.task_options
    }
    fn check(&self, options: &OptionValues, _: Profile) -> Result<(), GenerateError> {
        let maker = NiahGenerator::new(options);
        let needles = maker.keys * maker.values;
        if maker.haystack == "essay" && needles > MOST_IN_ESSAY {
            return Err(GenerateError::TooManyPieces {
                task: self.id.to_owned(),
                needles,
                places: MOST_IN_ESSAY,
            });
        }
        Ok(())
    }
}

impl TaskGenerator for NiahTask {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = OptionValues::parse(self.task_options, &spec.set)?;
        let answer = self.room(spec);
        let maker = NiahGenerator::new(&options);
        let sources = maker.sources(generator_context);
        let frame = SampleFrame::new(
            self.id,
            spec,
            &options,
            generator_context,
            answer,
            PREFIX,
            sources,
        )?;
        if frame.stratified() {
            let least = maker.keys * maker.values;
            let made = fit::each_alone(
                frame,
                first,
                move |_| Ok(least),
                move |frame, _, size, streams| maker.draw(frame, streams, size),
            );
            return Ok(Box::new(
                made.map(move |sample| Ok(placed(sample?, generator_context))),
            ));
        }
        let step = match maker.haystack {
            "essay" => 500,
            _ if spec.max_seq_length.0 < 4096 => 5,
            _ => 25,
        };
        let mut streams = RandomStreams::upstream(spec.random_seed);
        let mut length = |size| {
            let drawn = maker.draw(&frame, &mut streams, size)?;
            Ok::<_, GenerateError>(generator_context.counter.count(&drawn.draft.text))
        };
        let bounds = SearchBounds::of_probe(step, frame.most, length(step)?);
        let size = fit::search(&bounds, frame.most, |size| {
            Ok(Tokens(length(size)?.0 + answer.0))
        })?;
        let made = fit::in_one_stream(frame, first, size, step, move |frame, _, size| {
            Ok(maker.draw(frame, &mut streams, size).ok())
        });
        Ok(Box::new(
            made.map(move |sample| Ok(placed(sample?, generator_context))),
        ))
    }
}

/// What NIAH's rows say of the first answer.
fn placed(mut sample: Sample, generator_context: GeneratorContext<'_>) -> Sample {
    let answer = sample.references.first();
    let at = answer.and_then(|answer| sample.input.find(answer.as_str()));
    let before = &sample.input[..at.unwrap_or(sample.input.len())];
    sample.index = match at {
        Some(_) => i64::try_from(before.chars().count()).unwrap_or(i64::MAX),
        None => -1,
    };
    sample.token_position_answer = Some(generator_context.counter.count(before));
    sample
}

/// The options of one spec.
struct NiahGenerator {
    haystack: &'static str,
    key_kind: &'static str,
    value_kind: &'static str,
    keys: usize,
    values: usize,
    queries: usize,
    /// The buffer for the hay, reused because it is large and drawn many times.
    hay: Cell<String>,
}

impl NiahGenerator {
    fn new(options: &OptionValues) -> Self {
        let queries = options.count("num_needle_q");
        Self {
            haystack: options.choice("type_haystack"),
            key_kind: options.choice("type_needle_k"),
            value_kind: options.choice("type_needle_v"),
            keys: options.count("num_needle_k").max(queries),
            values: options.count("num_needle_v"),
            queries,
            hay: Cell::default(),
        }
    }

    fn sources(&self, generator_context: GeneratorContext<'_>) -> Vec<TextSource> {
        let mut sources = Vec::new();
        if [self.key_kind, self.value_kind].contains(&"words") {
            sources.push(word_lists::wonderwords());
        }
        if self.haystack == "essay" {
            sources.push(generator_context.corpora.essay().source.clone());
        }
        sources
    }

    /// Draws one prompt with `size` units of hay. Draws in the original's order: each key with its
    /// values, the hay if it consists of needles, the places, the queries.
    fn draw(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        size: usize,
    ) -> Result<DrawnPrompt, GenerateError> {
        let mut keys = Vec::with_capacity(self.keys);
        let mut needles = Vec::with_capacity(self.keys * self.values);
        for _ in 0..self.keys {
            let key = random(self.key_kind, streams);
            let values: Vec<_> = (0..self.values)
                .map(|_| random(self.value_kind, streams))
                .collect();
            needles.extend(values.iter().map(|value| HiddenText {
                words: self.needle(&key, value),
                kind: EvidenceKind::Needle,
                gold: false,
                label: key.clone(),
            }));
            keys.push((key, values));
        }
        streams.shuffle(&mut needles);
        let too_many = || GenerateError::TooManyPieces {
            task: frame.task.to_owned(),
            needles: needles.len(),
            places: size,
        };
        // The original draws the queries last, so their needles are marked afterwards.
        let mut draft = if self.haystack == "essay" {
            let sentences = frame.generator_context.corpora.essay().first(size, true);
            haystack::in_essay(&sentences, &needles, streams).ok_or_else(too_many)?
        } else {
            // In a single text, because there are thousands of them.
            let (mut hay, mut ends) = (self.hay.take(), vec![0]);
            hay.clear();
            if self.haystack == "needle" {
                for _ in 0..size {
                    self.push_other(streams, &mut hay);
                    ends.push(hay.len());
                }
            }
            let line = |at: usize| match ends.get(at..at + 2) {
                Some(ends) => HaystackLine::Hay(&hay[ends[0]..ends[1]]),
                None => HaystackLine::Hay(NOISE),
            };
            let places = match streams.depths(needles.len()) {
                Some(depths) => {
                    let at = |depth: f64| ((size + 1) as f64 * depth) as usize;
                    depths.into_iter().map(at).collect()
                }
                None => {
                    let places = streams.python.sample(size, needles.len());
                    let mut places = places.ok_or_else(too_many)?;
                    places.sort_unstable();
                    places
                }
            };
            // After the shuffle, the first needle is placed last.
            let mut hidden = places.into_iter().zip(needles.iter().rev()).peekable();
            let mut lines = Vec::with_capacity(size + needles.len());
            for at in 0..=size {
                while let Some((_, needle)) = hidden.next_if(|(place, _)| *place == at) {
                    lines.push(HaystackLine::Hidden(needle));
                }
                if at < size {
                    lines.push(line(at));
                }
            }
            let draft = haystack::in_lines(&lines);
            self.hay.set(hay);
            draft
        };
        let asked = streams
            .python
            .sample(self.keys, self.queries)
            .unwrap_or_default();
        let queries: Vec<&str> = asked.iter().map(|i| keys[*i].0.as_str()).collect();
        for piece in &mut draft.pieces {
            piece.gold = queries.contains(&piece.label.as_str());
        }
        Ok(DrawnPrompt {
            draft: self.framed(draft, &enumerated(&queries)),
            references: asked.iter().flat_map(|i| keys[*i].1.clone()).collect(),
        })
    }

    fn needle(&self, key: &str, value: &str) -> String {
        let values = [
            ("type_needle_v", self.value_kind),
            ("key", key),
            ("value", value),
        ];
        fill(NEEDLE, &values)
    }

    /// Appends a needle to the hay, worded as by [`needle`](Self::needle); the key comes before the
    /// value and is drawn first.
    fn push_other(&self, streams: &mut RandomStreams, hay: &mut String) {
        for part in NEEDLE.split(['{', '}']) {
            match part {
                "type_needle_v" => hay.push_str(self.value_kind),
                "key" => push_random(self.key_kind, streams, hay),
                "value" => push_random(self.value_kind, streams, hay),
                words => hay.push_str(words),
            }
        }
    }

    fn framed(&self, draft: DraftText, query: &str) -> DraftText {
        let template = [TEMPLATE, PREFIX].concat();
        if self.queries * self.values == 1 {
            // "numbers" without its last letter.
            let kind = &self.value_kind[..self.value_kind.len() - 1];
            return draft.framed(
                &singular(&template),
                &[("type_needle_v", kind), ("query", query)],
            );
        }
        draft.framed(
            &template,
            &[("type_needle_v", self.value_kind), ("query", query)],
        )
    }
}

fn random(kind: &str, streams: &mut RandomStreams) -> String {
    let mut text = String::new();
    push_random(kind, streams, &mut text);
    text
}

fn push_random(kind: &str, streams: &mut RandomStreams, text: &mut String) {
    let random = &mut streams.python;
    match kind {
        "numbers" => text.push_str(&random.int(1_000_000, 9_999_999).to_string()),
        "uuids" => text.push_str(&random.uuid4()),
        _ => {
            let words = WordPairs::bundled();
            // An index below their number always exists.
            let _pushed = words.push(random.below(words.len()), text);
        }
    }
}

/// `a`; `a, and b`; `a, b, and c`.
fn enumerated(queries: &[&str]) -> String {
    match queries {
        [first @ .., last] if !first.is_empty() => format!("{}, and {last}", first.join(", ")),
        all => all.concat(),
    }
}

/// RULER's changes to its template if one key has one value; their order matters.
fn singular(template: &str) -> String {
    template
        .replace("Some", "A")
        .replace("are all", "is")
        .replace("are", "is")
        .replace("answers", "answer")
}
