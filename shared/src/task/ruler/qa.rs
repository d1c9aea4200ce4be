//! The question answering tasks: the passages with the answer among many others.

use std::ops::Range;

use super::draft::DraftText;
use super::fit::{self, SearchBounds};
use super::frame::{DrawnPrompt, SampleFrame};
use super::streams::RandomStreams;
use super::{MODEL_TEMPLATE_TOKEN, REMOVE_NEWLINE_TAB, tokens_to_generate};
use crate::corpora::{Corpora, CorpusKind, QaSet};
use crate::task::{
    EvidenceKind, GenerateError, GeneratorContext, Metric, OptionKind, OptionValues, Profile,
    RulerCategory, Samples, Task, TaskGenerator, TaskOption, TaskSpec,
};
use crate::template::fill;
use crate::tokens::Tokens;

/// Questions that one passage answers. RULER, `qa_1`.
pub static QA_1: QaTask = QaTask {
    id: "qa_1",
    title: "QA 1: one passage answers",
    about: "Answer a question from the one passage among many that holds the answer.",
    dataset: "squad",
    text: CorpusKind::Squad,
    lm_eval_name: "ruler_qa_squad",
    task_options: &task_options("squad"),
};
/// Questions that need two passages. RULER, `qa_2`.
pub static QA_2: QaTask = QaTask {
    id: "qa_2",
    title: "QA 2: two passages answer together",
    about: "Answer a question that needs two passages among many.",
    dataset: "hotpotqa",
    text: CorpusKind::Hotpotqa,
    lm_eval_name: "ruler_qa_hotpot",
    task_options: &task_options("hotpotqa"),
};

/// A task of RULER's `qa.py`.
pub struct QaTask {
    id: &'static str,
    title: &'static str,
    about: &'static str,
    dataset: &'static str,
    text: CorpusKind,
    lm_eval_name: &'static str,
    task_options: &'static [TaskOption],
}

impl QaTask {
    /// Not a function in the task itself: otherwise any program that names tasks would contain the
    /// texts.
    fn set<'a>(&self, corpora: &'a Corpora) -> &'a QaSet {
        match self.dataset {
            "squad" => corpora.squad(),
            _ => corpora.hotpotqa(),
        }
    }
}

const TOKENS_TO_GENERATE: Tokens = Tokens(32);
const TEMPLATE: &str = include_str!("../../../data/ruler/qa.template.txt");
const PREFIX: &str = include_str!("../../../data/ruler/qa.prefix.txt");
const DOCUMENT: &str = include_str!("../../../data/ruler/qa.document.txt");
const STEP: usize = 10;

const fn task_options(dataset: &'static str) -> [TaskOption; 5] {
    [
        TaskOption {
            name: "dataset",
            label: "Question set",
            about: "The question set: SQuAD's is `qa_1`, HotpotQA's is `qa_2`.",
            kind: OptionKind::Choice {
                default: dataset,
                of: &["squad", "hotpotqa"],
            },
        },
        TaskOption {
            name: "pre_samples",
            label: "Questions to skip",
            about: "Questions to skip, for example because earlier samples were made elsewhere.",
            kind: OptionKind::Number {
                default: 0,
                least: 0,
                most: 200_000,
            },
        },
        tokens_to_generate(TOKENS_TO_GENERATE),
        REMOVE_NEWLINE_TAB,
        MODEL_TEMPLATE_TOKEN,
    ]
}

impl Task for QaTask {
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
        Metric::StringMatchPart
    }
    fn tokens_to_generate(&self) -> Tokens {
        TOKENS_TO_GENERATE
    }
    fn category(&self) -> Option<RulerCategory> {
        Some(RulerCategory::QuestionAnswering)
    }
    fn ruler_script(&self) -> Option<&'static str> {
        Some("qa")
    }
    fn lm_eval_name(&self) -> &'static str {
        self.lm_eval_name
    }
    fn texts(&self, _: &OptionValues) -> Vec<CorpusKind> {
        vec![self.text]
    }
    /// The first gold passage without its heading: questions share passages.
    fn shared_text<'t>(&self, input: &'t str, gold: &[Range<usize>]) -> Option<&'t str> {
        let passage = input.get(gold.first()?.clone())?;
        Some(passage.split_once('\n').map_or(passage, |(_, text)| text))
    }
    fn task_options(&self) -> &'static [TaskOption] {
        self.task_options
    }
    fn check(&self, options: &OptionValues, _: Profile) -> Result<(), GenerateError> {
        let got = options.choice("dataset");
        if got != self.dataset {
            let other = if self.id == QA_1.id { QA_2.id } else { QA_1.id };
            return Err(GenerateError::OtherDataset {
                task: self.id.to_owned(),
                got: got.to_owned(),
                expected: self.dataset,
                other,
            });
        }
        Ok(())
    }
}

impl TaskGenerator for QaTask {
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError> {
        let options = OptionValues::parse(self.task_options, &spec.set)?;
        let answer = self.room(spec);
        let set = self.set(generator_context.corpora);
        let sources = vec![set.source.clone()];
        let frame = SampleFrame::new(
            self.id,
            spec,
            &options,
            generator_context,
            answer,
            PREFIX,
            sources,
        )?;
        let skipped = options.count("pre_samples");
        let maker = QaGenerator { set };
        let asked = move |number: u32| {
            let index = number as usize + skipped;
            let has = set.questions.len();
            if index < has {
                return Ok(index);
            }
            Err(GenerateError::TooFewQuestions {
                set: set.source.name.clone(),
                wanted: index,
                has,
            })
        };
        if frame.stratified() {
            return Ok(Box::new(fit::each_alone(
                frame,
                first,
                move |number| Ok(set.questions[asked(number)?].context.len()),
                move |_, number, size, streams| Ok(maker.stratified(asked(number)?, size, streams)),
            )));
        }
        let mut streams = RandomStreams::upstream(spec.random_seed);
        // The size is searched with the first question, where the original fails on an exception.
        let mut length = |size| {
            let drawn = maker.upstream(0, size, &mut streams);
            let drawn = drawn.ok_or_else(|| GenerateError::TooManyPieces {
                task: frame.task.to_owned(),
                needles: set.questions[0].context.len(),
                places: size,
            })?;
            Ok::<_, GenerateError>(generator_context.counter.count(&drawn.draft.text))
        };
        let bounds = SearchBounds::of_probe(STEP, frame.most, length(STEP)?);
        let size = fit::search(&bounds, frame.most, |size| {
            Ok(Tokens(length(size)?.0 + answer.0))
        })?;
        let draw = move |_: &SampleFrame<'a>, number, size| {
            Ok(maker.upstream(asked(number)?, size, &mut streams))
        };
        Ok(Box::new(fit::in_one_stream(frame, first, size, STEP, draw)))
    }
}

struct QaGenerator<'a> {
    set: &'a QaSet,
}

impl QaGenerator<'_> {
    /// The original's passages: the question's own, then others of its article, then any others;
    /// all of them repeatedly, if more are wanted than there are. `None` if fewer are wanted than
    /// the question brings along.
    fn upstream(
        &self,
        question: usize,
        size: usize,
        streams: &mut RandomStreams,
    ) -> Option<DrawnPrompt> {
        let asked = &self.set.questions[question];
        let all = self.set.passages.len();
        let mut passages: Vec<usize> = if size < all {
            let mut passages = asked.context.clone();
            let beside = asked.more();
            let (own, more) = (asked.context.len(), beside.len());
            let drawn = if size > own + more {
                passages.extend(&beside);
                let others = self.without(&passages);
                let drawn = streams.python.sample(others.len(), size - own - more)?;
                drawn.into_iter().map(|i| others[i]).collect::<Vec<_>>()
            } else {
                let drawn = streams.python.sample(more, size.checked_sub(own)?)?;
                drawn.into_iter().map(|i| beside[i]).collect()
            };
            passages.extend(drawn);
            passages
        } else {
            (0..all).cycle().take(size).collect()
        };
        streams.shuffle(&mut passages);
        Some(self.prompt(question, &passages))
    }

    /// The passages in random order; those with the answer at even depths and only once.
    fn stratified(&self, question: usize, size: usize, streams: &mut RandomStreams) -> DrawnPrompt {
        let asked = &self.set.questions[question];
        let mut gold = if asked.gold.is_empty() {
            asked.context.clone()
        } else {
            asked.gold.clone()
        };
        streams.python.shuffle(&mut gold);
        let mut near = asked.context.clone();
        near.extend(asked.more());
        let mut far = self.without(&near);
        let golden = self.marked(&gold);
        near.retain(|i| !golden[*i]);
        far.retain(|i| !golden[*i]);
        streams.python.shuffle(&mut far);
        let wanted = size.saturating_sub(gold.len());
        // If there are not enough others, they are repeated.
        let mut passages: Vec<usize> = near.into_iter().chain(far).cycle().take(wanted).collect();
        streams.python.shuffle(&mut passages);
        let depths = streams.depths(gold.len()).unwrap_or_default();
        for (added, (depth, passage)) in depths.into_iter().zip(gold).enumerate() {
            let place = ((wanted + 1) as f64 * depth) as usize + added;
            passages.insert(place.min(passages.len()), passage);
        }
        self.prompt(question, &passages)
    }

    /// For every passage, whether it is in `some`.
    fn marked(&self, some: &[usize]) -> Vec<bool> {
        let mut marked = vec![false; self.set.passages.len()];
        for passage in some {
            marked[*passage] = true;
        }
        marked
    }

    /// All passages except `some`.
    fn without(&self, some: &[usize]) -> Vec<usize> {
        let marked = self.marked(some);
        (0..marked.len()).filter(|i| !marked[*i]).collect()
    }

    fn prompt(&self, question: usize, passages: &[usize]) -> DrawnPrompt {
        let asked = &self.set.questions[question];
        let gold = self.marked(&asked.gold);
        let mut draft = DraftText::default();
        for (i, passage) in (1..).zip(passages) {
            if i > 1 {
                draft.push("\n\n");
            }
            let number = format!("{i}");
            let text = &self.set.passages[*passage];
            let document = fill(DOCUMENT, &[("i", &number), ("document", text)]);
            if gold[*passage] {
                let label = format!("document {i}");
                draft.push_piece(&document, EvidenceKind::Document, true, &label);
            } else {
                draft.push(&document);
            }
        }
        let template = [TEMPLATE, PREFIX].concat();
        DrawnPrompt {
            draft: draft.framed(&template, &[("query", &asked.text)]),
            references: asked.answers.clone(),
        }
    }
}
