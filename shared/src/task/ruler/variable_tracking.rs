//! Variable tracking: follow `VAR B = VAR A` from assignment to assignment.

use super::chains::{Chains, Streams};
use super::{NOISE, fit, flatten, room, split_prefix};
use crate::task::{
    Category, Evidence, EvidenceKind, GenerateError, Knob, KnobKind, Metric, Options, Sample,
    Samples, Task, TaskSpec,
};
use crate::template::fill;
use crate::tokens::{Counter, Tokens};

/// Chains of assignments in repeated noise. RULER, `vt`.
pub static VT: VariableTracking = VariableTracking;

/// The task of RULER's `variable_tracking.py`.
pub struct VariableTracking;

const TOKENS_TO_GENERATE: Tokens = Tokens(30);
const TEMPLATE: &str = include_str!("../../../data/ruler/vt.template.txt");
const PREFIX: &str = include_str!("../../../data/ruler/vt.prefix.txt");
/// The worked example is fitted to this length, whatever the sample's own.
const EXAMPLE_LENGTH: Tokens = Tokens(500);

const KNOBS: &[Knob] = &[
    Knob {
        name: "num_chains",
        about: "Chains hidden in the text; the question asks for the first.",
        kind: KnobKind::Number {
            default: 1,
            least: 1,
            most: 10,
        },
    },
    Knob {
        name: "num_hops",
        about: "Links of each chain after its first assignment.",
        kind: KnobKind::Number {
            default: 4,
            least: 1,
            most: 10,
        },
    },
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
            most: 400,
        },
    },
];

impl Task for VariableTracking {
    fn id(&self) -> &'static str {
        "vt"
    }
    fn title(&self) -> &'static str {
        "Variable tracking: hops through assignments"
    }
    fn about(&self) -> &'static str {
        "Name every variable that holds a value, where each was assigned from another somewhere \
         else in the text: multi-hop tracing."
    }
    fn category(&self) -> Category {
        Category::MultiHop
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
        let most = room(spec, aside, TOKENS_TO_GENERATE)?;
        let mut maker = Maker {
            streams: Streams::new(spec.random_seed),
            chains: options.number("num_chains") as usize,
            hops: options.number("num_hops") as usize,
            flat: options.switch("remove_newline_tab"),
            seed: spec.random_seed,
        };
        let example = maker.example(Tokens(EXAMPLE_LENGTH.0 - aside), counter)?;

        let step = if spec.max_seq_length.0 < 4096 { 5 } else { 10 };
        let reserved = Tokens(counter.count(&example).0 + TOKENS_TO_GENERATE.0);
        let probe = |size| maker.probe(size, NameLength::Sample, counter);
        let size = fit::search(step, most, probe, reserved)?;
        let asked = spec.max_seq_length;
        Ok(Box::new((0..).map(move |number| {
            let (drawn, length) = fit::settle("vt", size, step, most, asked, |size| {
                let drawn = maker.with_example(size, &example)?;
                let length = counter.count(&drawn.text).0 + TOKENS_TO_GENERATE.0;
                Some((drawn, Tokens(length)))
            })?;
            Ok(finish(number, &drawn, length, aside, counter))
        })))
    }
}

/// How long a variable's name is: three letters in the worked example, five in the sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameLength {
    Example = 3,
    Sample = 5,
}

/// The random streams with what shapes a prompt.
struct Maker {
    streams: Streams,
    chains: usize,
    hops: usize,
    flat: bool,
    seed: u32,
}

/// A prompt with its answer prefix, and the chains hidden in it.
struct Drawn {
    text: String,
    /// Where the worked example ends.
    question_at: usize,
    chains: Chains,
}

impl Maker {
    /// Draws chains and hides them among `size` sentences; nothing where drawn names collided or
    /// the haystack has too few places, which the original meets with an exception.
    fn draw(&mut self, size: usize, names: NameLength) -> Option<Drawn> {
        let chains = self
            .streams
            .chains(self.chains, self.hops, names as usize)?;
        let mut sentences: Vec<&str> = vec![NOISE; size];
        for chain in &chains.assignments {
            let mut positions = self.streams.python.sample(sentences.len(), chain.len())?;
            positions.sort_unstable();
            for (j, (at, assignment)) in positions.iter().zip(chain).enumerate() {
                sentences.insert(at + j, assignment);
            }
        }
        let context = sentences.join("\n").replace(". \n", ".\n");
        let text = fill(
            &[TEMPLATE, PREFIX].concat(),
            &[
                ("context", &context),
                ("query", chains.value()),
                ("num_v", &(self.hops + 1).to_string()),
            ],
        );
        Some(Drawn {
            text,
            question_at: 0,
            chains,
        })
    }

    /// The length of a prompt drawn while the size is searched, where the original does not
    /// survive an exception.
    fn probe(
        &mut self,
        size: usize,
        names: NameLength,
        counter: &Counter<'_>,
    ) -> Result<Tokens, GenerateError> {
        let needles = self.hops + 1;
        if needles > size {
            return Err(GenerateError::TooManyPieces {
                task: "vt".into(),
                needles,
                places: size,
            });
        }
        let collision = GenerateError::NameCollision { seed: self.seed };
        self.draw(size, names)
            .map(|drawn| counter.count(&drawn.text))
            .ok_or(collision)
    }

    /// The worked example that stands before every sample, with its answer.
    fn example(&mut self, most: Tokens, counter: &Counter<'_>) -> Result<String, GenerateError> {
        const STEP: usize = 5;
        let probe = |size| self.probe(size, NameLength::Example, counter);
        let size = fit::search(STEP, most, probe, Tokens(0))?;
        let flat = self.flat;
        let (drawn, _) = fit::settle("vt", size, STEP, most, EXAMPLE_LENGTH, |size| {
            let mut drawn = self.draw(size, NameLength::Example)?;
            if flat {
                drawn.text = flatten(&drawn.text);
            }
            let length = counter.count(&drawn.text);
            Some((drawn, length))
        })?;
        Ok(format!(
            "{} {}\n",
            drawn.text,
            drawn.chains.answer().join(" ")
        ))
    }

    /// A sample with the worked example before it; names and values of the example are redrawn
    /// each time, from the unchanged example.
    fn with_example(&mut self, size: usize, example: &str) -> Option<Drawn> {
        let mut drawn = self.draw(size, NameLength::Sample)?;
        let before = self.streams.redraw_example(example, self.hops);
        drawn.question_at = before.len();
        drawn.text = format!("{before}\n{}", drawn.text);
        if self.flat {
            drawn.question_at = flatten(&before).len();
            drawn.text = flatten(&drawn.text);
        }
        Some(drawn)
    }
}

fn finish(number: u32, drawn: &Drawn, length: Tokens, aside: u32, counter: &Counter<'_>) -> Sample {
    let (input, answer_prefix) = split_prefix(&drawn.text, PREFIX);
    let starts = counter.starts(&input);
    let mut evidence = Vec::new();
    for (chain, assignments) in (0_u32..).zip(&drawn.chains.assignments) {
        let mut from = drawn.question_at.min(input.len());
        for (hop, assignment) in (0_u32..).zip(assignments) {
            let words = assignment.trim_end();
            let Some(at) = input[from..].find(words) else {
                continue;
            };
            let bytes = from + at..from + at + words.len();
            from = bytes.end;
            evidence.push(Evidence {
                kind: EvidenceKind::Hop { chain, hop },
                gold: chain == 0,
                label: drawn.chains.names[chain as usize][hop as usize].clone(),
                tokens: counter.span(&starts, &bytes),
                bytes,
            });
        }
    }
    evidence.sort_by_key(|piece| piece.bytes.start);
    Sample {
        number,
        index: i64::from(number),
        references: drawn.chains.answer().to_vec(),
        input_tokens: Tokens(u32::try_from(starts.len()).unwrap_or(u32::MAX)),
        length_w_model_temp: Tokens(length.0 + aside),
        token_position_answer: None,
        tokens_to_generate: TOKENS_TO_GENERATE,
        input,
        answer_prefix,
        length,
        evidence,
    }
}
