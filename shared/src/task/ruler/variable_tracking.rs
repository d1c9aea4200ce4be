//! Variable tracking: follow `VAR B = VAR A` from assignment to assignment.

use super::chains::AssignmentChains;
use super::draft::DraftText;
use super::fit::{self, SearchBounds};
use super::frame::{DrawnPrompt, SampleFrame};
use super::haystack::{self, HaystackLine, HiddenText, MOST_IN_ESSAY, NOISE};
use super::streams::RandomStreams;
use super::{ADD_FEWSHOT, MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, how_many, tokens_to_generate};
use crate::corpora::CorpusKind;
use crate::task::{
    EvidenceKind, GenerateError, GeneratorContext, Metric, OptionKind, OptionValues, Profile,
    RulerCategory, Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::tokens::Tokens;

/// Chains of assignments. RULER, `vt`.
pub static VT: VariableTracking = VariableTracking;

/// The task of RULER's `variable_tracking.py`.
pub struct VariableTracking;

const ID: &str = "vt";
const TOKENS_TO_GENERATE: Tokens = Tokens(30);
const TEMPLATE: &str = include_str!("../../../data/ruler/vt.template.txt");
const PREFIX: &str = include_str!("../../../data/ruler/vt.prefix.txt");
/// Tokens for one variable's name in an answer: what the original allows for each of its five.
const NAME_TOKENS: u32 = 6;
/// The worked example is fitted to this length, whatever the sample's own length.
const EXAMPLE_LENGTH: u32 = 500;
/// The number of noise sentences with which the search for the example's size begins. Each
/// assignment of a chain gets a different place among them.
const EXAMPLE_NOISE: usize = 5;
/// Attempts to draw an example of the smallest size.
const TRIES: u32 = 1000;

const TASK_OPTIONS: &[TaskOption] = &[
    TaskOption {
        name: "type_haystack",
        label: "Haystack",
        about: "What the assignments are hidden in: five sentences repeated over and over, or an essay.",
        kind: OptionKind::Choice {
            default: "noise",
            of: &["noise", "essay"],
        },
    },
    how_many(
        "num_chains",
        "Chains",
        "Chains hidden in the text; the question asks for the first.",
        1,
        10,
    ),
    how_many(
        "num_hops",
        "Hops",
        "Links of each chain after its first assignment.",
        4,
        100,
    ),
    ADD_FEWSHOT,
    tokens_to_generate(TOKENS_TO_GENERATE),
    REMOVE_NEWLINE_TAB,
    TaskOption {
        kind: OptionKind::Number {
            default: 0,
            least: 0,
            most: 400,
        },
        ..MODEL_TEMPLATE_TOKEN
    },
];

impl Task for VariableTracking {
    fn id(&self) -> &'static str {
        ID
    }
    fn title(&self) -> &'static str {
        "Variable tracking: hops through assignments"
    }
    fn about(&self) -> &'static str {
        "Name every variable that holds a value, where each was assigned from another somewhere \
         else in the text: multi-hop tracing."
    }
    fn metric(&self) -> Metric {
        Metric::StringMatchAll
    }
    fn tokens_to_generate(&self) -> Tokens {
        TOKENS_TO_GENERATE
    }
    fn category(&self) -> Option<RulerCategory> {
        Some(RulerCategory::MultiHop)
    }
    fn ruler_script(&self) -> Option<&'static str> {
        Some("variable_tracking")
    }
    fn lm_eval_name(&self) -> &'static str {
        "ruler_vt"
    }
    fn texts(&self, options: &OptionValues) -> Vec<CorpusKind> {
        haystack::texts(options)
    }
    fn task_options(&self) -> &'static [TaskOption] {
        TASK_OPTIONS
    }
    fn room(&self, spec: &TaskSpec) -> Tokens {
        if let Some(said) = spec.said_room() {
            return said;
        }
        let hops = OptionValues::parse(TASK_OPTIONS, &spec.set)
            .map_or(0, |options| options.number("num_hops"));
        let variables = u32::try_from(hops).unwrap_or(0) + 1;
        match spec.rules() {
            // The original's limit, however many variables the answer names.
            Profile::Upstream => TOKENS_TO_GENERATE,
            Profile::Stratified => Tokens(TOKENS_TO_GENERATE.0.max(variables * NAME_TOKENS)),
        }
    }
    fn check(&self, options: &OptionValues, profile: Profile) -> Result<(), GenerateError> {
        let hops = options.count("num_hops");
        let needles = options.count("num_chains") * (hops + 1);
        let essay = options.choice("type_haystack") == "essay";
        if !essay && profile == Profile::Upstream && hops + 1 > EXAMPLE_NOISE {
            return Err(GenerateError::ChainTooLong {
                got: hops,
                most: EXAMPLE_NOISE - 1,
            });
        }
        if essay && needles > MOST_IN_ESSAY {
            return Err(GenerateError::TooManyPieces {
                task: ID.to_owned(),
                needles,
                places: MOST_IN_ESSAY,
            });
        }
        Ok(())
    }
}

impl TaskGenerator for VariableTracking {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = OptionValues::parse(TASK_OPTIONS, &spec.set)?;
        let maker = VariableTrackingGenerator {
            essay: options.choice("type_haystack") == "essay",
            chains: options.count("num_chains"),
            hops: options.count("num_hops"),
        };
        let essay = maker
            .essay
            .then(|| generator_context.corpora.essay().source.clone());
        let sources = essay.into_iter().collect();
        let room = self.room(spec);
        let frame = SampleFrame::new(ID, spec, &options, generator_context, room, PREFIX, sources)?;
        let aside = spec.max_seq_length.0 - frame.most.0;
        let example_length = Tokens(EXAMPLE_LENGTH - aside);
        if frame.stratified() {
            return Ok(Box::new((first..).map(move |number| {
                let streams = || RandomStreams::of_sample(frame.spec.random_seed, number);
                let example = maker.example(&frame, &mut streams(), example_length)?;
                // If names collide, they are drawn again, so that every chain is complete.
                let draw = |size| {
                    let mut streams = streams();
                    let tries =
                        (0..).map(|_| maker.with_example(&frame, &mut streams, size, &example));
                    let drawn = tries.flatten().next();
                    drawn.ok_or(GenerateError::NoSuchSample { index: number })
                };
                fit::alone(&frame, number, maker.hops + 1, draw)
            })));
        }
        let mut streams = RandomStreams::upstream(spec.random_seed);
        let example = maker.example(&frame, &mut streams, example_length)?;
        let step = match maker.essay {
            true => 500,
            false if spec.max_seq_length.0 < 4096 => 5,
            false => 10,
        };
        let reserved = generator_context.counter.count(&example).0 + self.room(spec).0;
        let mut probe = |size| maker.probe(&frame, &mut streams, size, NameLength::Sample);
        let bounds = SearchBounds::of_probe(step, frame.most, probe(step)?);
        let size = fit::search(&bounds, frame.most, |size| {
            Ok(Tokens(probe(size)?.0 + reserved))
        })?;
        let draw = move |frame: &SampleFrame<'a>, _, size| {
            Ok(maker.with_example(frame, &mut streams, size, &example))
        };
        Ok(Box::new(fit::in_one_stream(frame, first, size, step, draw)))
    }
}

/// The length of a variable's name: three letters in the worked example, five in the sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameLength {
    Example = 3,
    Sample = 5,
}

/// The options of one spec.
struct VariableTrackingGenerator {
    essay: bool,
    chains: usize,
    hops: usize,
}

impl VariableTrackingGenerator {
    /// Draws chains and hides them in `size` units of hay; `None` if drawn names collided or the
    /// hay has too few places, where the original raises an exception.
    fn draw(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        size: usize,
        names: NameLength,
    ) -> Option<DrawnPrompt> {
        let chains = streams.chains(self.chains, self.hops, names as usize)?;
        let draft = if self.essay {
            self.in_essay(frame, &chains, streams, size)?
        } else {
            self.in_noise(&chains, streams, size)?
        };
        let template = [TEMPLATE, PREFIX].concat();
        let values = [
            ("query", chains.value()),
            ("num_v", &(self.hops + 1).to_string()),
        ];
        Some(DrawnPrompt {
            draft: draft.framed(&template, &values),
            references: chains.answer().to_vec(),
        })
    }

    fn in_noise(
        &self,
        chains: &AssignmentChains,
        streams: &mut RandomStreams,
        size: usize,
    ) -> Option<DraftText> {
        let hidden = hidden(chains, |words| words.to_owned());
        let mut lines = vec![HaystackLine::Hay(NOISE); size];
        for chain in hidden.chunks(self.hops + 1) {
            // Counting the lines that earlier chains have already extended.
            let places = match streams.depths(chain.len()) {
                Some(depths) => {
                    let at = |depth: f64| ((lines.len() + 1) as f64 * depth) as usize;
                    depths.into_iter().map(at).collect()
                }
                None => {
                    let mut places = streams.python.sample(lines.len(), chain.len())?;
                    places.sort_unstable();
                    places
                }
            };
            let mut old = lines.into_iter();
            let (mut grown, mut taken) = (Vec::with_capacity(size + hidden.len()), 0);
            for (place, piece) in places.into_iter().zip(chain) {
                grown.extend(old.by_ref().take(place - taken));
                taken = place;
                grown.push(HaystackLine::Hidden(piece));
            }
            grown.extend(old);
            lines = grown;
        }
        // The original also replaces ". \n" by ".\n", which never occurs here.
        Some(haystack::in_lines(&lines))
    }

    fn in_essay(
        &self,
        frame: &SampleFrame<'_>,
        chains: &AssignmentChains,
        streams: &mut RandomStreams,
        size: usize,
    ) -> Option<DraftText> {
        let sentences = frame.generator_context.corpora.essay().first(size, false);
        let mut hidden: Vec<Option<HiddenText>> =
            hidden(chains, |words| format!("{}.", words.trim()))
                .into_iter()
                .map(Some)
                .collect();
        let order = chains.interleaved(streams);
        let taken = order.into_iter().filter_map(|(chain, hop)| {
            hidden
                .get_mut(chain * (self.hops + 1) + hop)
                .and_then(Option::take)
        });
        let ordered: Vec<HiddenText> = taken.collect();
        haystack::in_essay(&sentences, &ordered, streams)
    }

    /// The length of a prompt drawn during the search for the size, where the original fails on an
    /// exception.
    fn probe(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        size: usize,
        names: NameLength,
    ) -> Result<Tokens, GenerateError> {
        let needles = self.hops + 1;
        if needles > size {
            return Err(GenerateError::TooManyPieces {
                task: ID.to_owned(),
                needles,
                places: size,
            });
        }
        let collision = GenerateError::NameCollision {
            seed: frame.spec.random_seed,
        };
        self.draw(frame, streams, size, names)
            .map(|drawn| frame.generator_context.counter.count(&drawn.draft.text))
            .ok_or(collision)
    }

    /// The worked example before every sample, with its answer, of `most` tokens.
    ///
    /// In the stratified profile, colliding names are drawn again, the size starts with a place for
    /// every assignment, and an example that cannot be as short as `most` is as short as possible.
    fn example(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        most: Tokens,
    ) -> Result<String, GenerateError> {
        let alone = frame.stratified();
        let step = match self.essay {
            true => 50,
            false if alone => EXAMPLE_NOISE.max(self.hops + 1),
            false => EXAMPLE_NOISE,
        };
        let mut probe = |size| loop {
            match self.probe(frame, streams, size, NameLength::Example) {
                Err(GenerateError::NameCollision { .. }) if alone => {}
                probed => return probed,
            }
        };
        let bounds = SearchBounds::of_probe(step, most, probe(step)?);
        let size = fit::search(&bounds, most, probe)?;
        let mut draw = |size| {
            let drawn = self.draw(frame, streams, size, NameLength::Example)?;
            let drawn = if frame.flat { drawn.flat() } else { drawn };
            let length = frame.generator_context.counter.count(&drawn.draft.text);
            Some((drawn, length))
        };
        let no_fit = |needed| GenerateError::ExampleTooLong {
            task: ID.to_owned(),
            needed,
            most,
        };
        let drawn = match fit::settle(size, step, most, no_fit, |size| Ok(draw(size))) {
            Ok((drawn, _)) => drawn,
            Err(error @ GenerateError::ExampleTooLong { .. }) if alone => {
                // With 17,576 possible names, 110 names are all different in two of three draws.
                let mut tries = (0..TRIES).filter_map(|_| draw(step));
                tries.next().ok_or(error)?.0
            }
            Err(error) => return Err(error),
        };
        let answer = drawn.references.join(" ");
        Ok(format!("{} {answer}\n", drawn.draft.text))
    }

    /// A sample preceded by the worked example, whose names and values are redrawn each time from
    /// the unchanged example.
    fn with_example(
        &self,
        frame: &SampleFrame<'_>,
        streams: &mut RandomStreams,
        size: usize,
        example: &str,
    ) -> Option<DrawnPrompt> {
        let mut drawn = self.draw(frame, streams, size, NameLength::Sample)?;
        let before = streams.redraw_example(example, self.hops);
        drawn.draft = drawn.draft.after(&format!("{before}\n"));
        Some(if frame.flat { drawn.flat() } else { drawn })
    }
}

/// Every assignment as a text to hide, chain after chain.
fn hidden(chains: &AssignmentChains, words: impl Fn(&str) -> String) -> Vec<HiddenText> {
    let all = (0_u32..).zip(chains.assignments.iter().zip(&chains.names));
    all.flat_map(|(chain, (assignments, names))| {
        let links = (0_u32..).zip(assignments.iter().zip(names));
        links.map(move |(hop, (assignment, name))| (chain, hop, assignment, name))
    })
    .map(|(chain, hop, assignment, name)| HiddenText {
        words: words(assignment),
        kind: EvidenceKind::Hop { chain, hop },
        gold: chain == 0,
        label: name.clone(),
    })
    .collect()
}
