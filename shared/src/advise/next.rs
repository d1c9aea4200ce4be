//! The next step: what to tell or to measure first, else the verdict's own.

use serde::{Deserialize, Serialize};

use super::completions::{Gap, Missing};
use super::condition::{Condition, Context, helping};
use super::costs::{EvaluationCost, EvaluationPlan};
use super::evidence::{Depth, FixFigure, Reading};
use super::rules::Step;
use super::samples::Unsettled;
use super::sentences::short;
use crate::numbers::count;
use crate::results::Category;
use crate::tokens::Tokens;

/// What to do next.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Next {
    /// What to do, a sentence without its full stop.
    pub what: String,
    /// Why this first.
    pub why: String,
    /// What it runs; nothing where nothing is measured.
    pub plan: Option<EvaluationPlan>,
    /// What that costs; nothing where the model's size is not known.
    pub cost: Option<EvaluationCost>,
}

impl Next {
    /// Whether more samples would not tell.
    pub(super) fn is_close(&self) -> bool {
        self.what.starts_with(CLOSE)
    }
}

/// How a step begins where more samples would not tell.
const CLOSE: &str = "Decide by cost: ";

/// What is known when the next step is chosen.
pub(super) struct Known<'a> {
    pub at: &'a Context<'a>,
    /// The verdict that is told.
    pub step: Option<Step>,
    /// Whether the draws split between verdicts.
    pub split: bool,
    pub missing: &'a [Missing],
    pub unsettled: &'a [Unsettled],
    /// Whether something that was asked for is out of reach.
    pub limited: bool,
}

/// What comes before a training that the verdict names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum First {
    /// A position fix.
    Fix,
    /// Other base models.
    Candidates,
    /// A measurement that could spare it.
    Measure(Gap),
}

/// What comes before the training of a verdict; nothing for any other verdict.
pub(super) fn first(step: Option<Step>, at: &Context<'_>, missing: &[Missing]) -> Option<First> {
    let step = step?;
    let trains = matches!(
        step,
        Step::ContinuePretraining | Step::ContinueAndReason | Step::Retrain
    );
    if !trains {
        return None;
    }
    if worth_a_fix(at) {
        return Some(First::Fix);
    }
    let worth = missing.iter().find(|one| {
        let cheaper = |other: Option<Step>| other.is_some_and(|other| other < step);
        !one.told && one.outcomes.iter().any(|outcome| cheaper(outcome.verdict))
    });
    match worth {
        Some(first) => Some(First::Measure(first.gap)),
        None => (step == Step::Retrain).then_some(First::Candidates),
    }
}

/// Whether a position fix could bring something back and was not tried: something of RULER falls
/// short at the target, and is not known to be as low in short texts.
pub(super) fn worth_a_fix(at: &Context<'_>) -> bool {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let low = [
        Condition::HardFails,
        Condition::RetrievalFails,
        Condition::RulerFails,
    ];
    holds(Condition::FixUntried)
        && Condition::LostWithLength.holds(at) != Some(false)
        && low.into_iter().any(holds)
}

/// In this order: what the work is, where that is not said; more samples, where the figures' own
/// intervals hold several verdicts; the measurement that the article asks for before a training;
/// what else could move the verdict; the verdict's own step.
pub(super) fn next(known: &Known<'_>) -> Next {
    let basic = |one: &&Missing| matches!(one.gap, Gap::Workload | Gap::Target);
    let measured = !known.at.evidence.is_unmeasured();
    if let Some(first) = known.missing.iter().find(basic)
        && known.step.is_none()
    {
        return told(first);
    }
    if known.step.is_none() && without_verdict(known) {
        return undecided(known);
    }
    if known.split
        && let Some(next) = more_samples(known)
    {
        return next;
    }
    if known.step.is_none() || !measured {
        return undecided(known);
    }
    decided(known)
}

/// Whether the figures carry no verdict, however many samples there were.
fn without_verdict(known: &Known<'_>) -> bool {
    let conditions = [
        Condition::NoContextEqualsFull,
        Condition::GeneralCorpusForDomain,
    ];
    conditions
        .iter()
        .any(|one| one.holds(known.at) == Some(true))
}

fn told(missing: &Missing) -> Next {
    Next {
        what: format!("Say {}", missing.what),
        why: "the answer costs nothing and decides which rules apply".to_owned(),
        plan: None,
        cost: None,
    }
}

fn priced(known: &Known<'_>, what: String, why: &str, plan: EvaluationPlan) -> Next {
    let model = known.at.evidence.model.as_ref();
    Next {
        cost: model.map(|model| plan.cost(model)),
        plan: Some(plan),
        what,
        why: why.to_owned(),
    }
}

fn target(known: &Known<'_>) -> Tokens {
    known.at.evidence.target().unwrap_or(Tokens(32_768))
}

fn more_samples(known: &Known<'_>) -> Option<Next> {
    let first = known.unsettled.first()?;
    let length = first.length.unwrap_or_else(|| questions_length(known));
    let Some(wanted) = first.wanted.filter(|wanted| *wanted > first.n) else {
        return Some(Next {
            what: format!(
                "{CLOSE}{} is too close to {:.1}, where the verdict turns, for any reasonable number of samples",
                first.what, first.turn
            ),
            why: format!("its interval is {:.1} to {:.1}", first.low, first.high),
            plan: None,
            cost: None,
        });
    };
    let also: Vec<&str> = known
        .unsettled
        .iter()
        .skip(1)
        .take(2)
        .map(|one| one.what.as_str())
        .collect();
    let also = match also.is_empty() {
        true => String::new(),
        false => format!(" (also uncertain: {})", also.join(", ")),
    };
    let plan = EvaluationPlan {
        tasks: first.tasks,
        lengths: vec![length],
        samples: (wanted - first.n).div_ceil(first.tasks),
        checkpoints: 1,
        answer_tokens: 128,
    };
    let what = format!(
        "Measure more samples of {}: {} in all instead of {}{also}",
        first.what,
        count(wanted.into()),
        count(first.n.into()),
    );
    let few = match first.n {
        1 => "one sample says nothing sure: ".to_owned(),
        n if n < 10 => format!("{n} samples say nothing sure: "),
        _ => String::new(),
    };
    let why = format!(
        "{few}its interval ({:.1} to {:.1}) holds {:.1}, where the verdict turns",
        first.low, first.high, first.turn
    );
    Some(priced(known, what, &why, plan))
}

fn undecided(known: &Known<'_>) -> Next {
    let at = known.at;
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let lacks = |gap: Gap| known.missing.iter().any(|one| one.gap == gap);
    if holds(Condition::TextHurts) {
        return Next {
            what: "Check the prompt, the chat template and how long texts are cut, and ask the same questions again".to_owned(),
            why: "more of them are answered right without the text than with it".to_owned(),
            plan: None,
            cost: None,
        };
    }
    if holds(Condition::NoContextEqualsFull) {
        return own_questions(
            "answers are as good without the text, so that LongBench v2 shows memory or guessing here",
        );
    }
    if holds(Condition::GeneralCorpusForDomain) && known.at.facts.as_used.is_some() {
        return own_questions(
            "a general corpus may not carry over to your documents: measure on them, and gather such documents, before anything is trained",
        );
    }
    // Positions are to blame only for what shorter texts do not lose.
    if holds(Condition::RetrievalFails)
        && let Some(short) = known.missing.iter().find(|one| one.gap == Gap::RulerShort)
    {
        return Next {
            why: "needles are lost, and nothing shorter was measured to compare with: only what shorter texts do not lose can be a matter of positions".to_owned(),
            ..measure(short, known)
        };
    }
    // The article's second step: chains or counts are lost, so real questions come next.
    let lost = holds(Condition::HardFails) || holds(Condition::RulerFails);
    let by_category = at
        .facts
        .at_target
        .is_some_and(|at| at.categories.iter().any(Option::is_some));
    if lost && !by_category && !lacks(Gap::RulerInside) {
        let also = match lacks(Gap::Direct) {
            true => ", then LongBench v2",
            false => "",
        };
        return priced(
            known,
            format!("Measure RULER by category at the target{also}"),
            "a mean does not tell lost needles from lost chains, which call for different things",
            ruler_plan(vec![target(known)]),
        );
    }
    if lost && lacks(Gap::Direct) {
        let also = match holds(Condition::FixUntried) {
            true => format!(
                ", and RULER at the target with a position fix (STRING, dual chunk attention){}",
                also_between(known, true)
            ),
            false => String::new(),
        };
        return priced(
            known,
            format!("Measure LongBench v2, direct{also}"),
            "chains or counts are lost, and the article asks for real questions before anything is trained; a position fix costs an evaluation and no training",
            questions_plan(known, 128),
        );
    }
    let first = known
        .missing
        .iter()
        .find(|one| !one.told)
        .or(known.missing.first());
    if first.is_none() && !at.evidence.is_unmeasured() {
        return own_questions(
            "nothing else that could be measured on benchmarks decides; your own documents do",
        );
    }
    match first {
        Some(first) => measure(first, known),
        None => priced(
            known,
            "Measure RULER at the target length, all 13 tasks".to_owned(),
            "nothing is known of how it reads there",
            ruler_plan(vec![target(known)]),
        ),
    }
}

fn own_questions(why: &str) -> Next {
    Next {
        what: "Measure your own hold-outs: questions that only your documents answer".to_owned(),
        why: why.to_owned(),
        plan: None,
        cost: None,
    }
}

fn decided(known: &Known<'_>) -> Next {
    let at = known.at;
    let Some(step) = known.step else {
        return undecided(known);
    };
    match first(known.step, at, known.missing) {
        Some(First::Fix) => return fix(known),
        Some(First::Measure(gap)) => {
            if let Some(first) = known.missing.iter().find(|one| one.gap == gap) {
                return measure(first, known);
            }
        }
        Some(First::Candidates) | None => {}
    }
    if step == Step::FixPositions {
        return match helping(at) {
            Some(tried) => with_fix(tried, known),
            None => fix(known),
        };
    }
    let asked = |reading| at.evidence.longbench_at(reading, None, None).is_some();
    let what = match step {
        Step::Keep => "Use it, and measure again with every new version".to_owned(),
        Step::ReasonLonger if !asked(Reading::Cot) => {
            "Measure LongBench v2 with a chain of thought, beside the direct answers".to_owned()
        }
        Step::ReasonLonger => {
            "Ask questions of your own work directly and with a chain of thought, and compare the answers one by one".to_owned()
        }
        Step::Retrieve if !asked(Reading::Rag) => {
            "Compare retrieved passages with the whole text on the same questions (`--setting direct,rag:4`)".to_owned()
        }
        Step::Retrieve => {
            "Ask questions of your own documents with retrieved passages and with the whole text, and compare the answers one by one".to_owned()
        }
        Step::MendShort => {
            "Go back to the version before, or repeat the end of the training with short texts mixed in, and measure the same short texts again".to_owned()
        }
        Step::Extend => {
            "Measure RULER by category at the target with the scaling switched on, before the fine-tune".to_owned()
        }
        Step::ContinuePretraining | Step::ContinueAndReason | Step::FixPositions => {
            "Gather the corpus, and keep today's figures as the baseline that the training is held to".to_owned()
        }
        Step::SwitchModel => {
            "Run the same tasks and lengths on two or three other models of the size you can run".to_owned()
        }
        Step::Retrain => {
            "Run the same tasks and lengths on two or three other base models: one of them may hold without any training".to_owned()
        }
    };
    let why = match known.limited {
        true => "the better options are out of reach".to_owned(),
        false => "it is the first step of this verdict".to_owned(),
    };
    let plan = match step {
        Step::Extend => Some(ruler_plan(with_between(known))),
        Step::SwitchModel | Step::Retrain => Some(ruler_plan(vec![target(known)])),
        Step::Retrieve if !asked(Reading::Rag) => Some(questions_plan(known, 128)),
        Step::ReasonLonger if !asked(Reading::Cot) => Some(questions_plan(known, 1_152)),
        _ => None,
    };
    match plan {
        Some(plan) => priced(
            known,
            format!("{what}{}", also_between(known, step == Step::Extend)),
            &why,
            plan,
        ),
        None => Next {
            what,
            why,
            plan: None,
            cost: None,
        },
    }
}

/// A position fix to be tried, and the lengths that nobody measured.
fn fix(known: &Known<'_>) -> Next {
    let what = format!(
        "Run RULER at the target with a position fix (STRING, dual chunk attention or another scaling){}",
        also_between(known, true)
    );
    priced(
        known,
        what,
        "it takes an evaluation and no training, and has brought chains back at 128K before (Llama 3.1 70B: variable tracking from 59 to 96, arXiv 2410.18745)",
        ruler_plan(with_between(known)),
    )
}

/// What is left to measure with a fix that was tried and helps.
fn with_fix(tried: &FixFigure, known: &Known<'_>) -> Next {
    let (at, name) = (known.at, tried.method.name());
    let fixes = || at.evidence.position_fix.iter();
    let untried = Category::ALL.into_iter().filter(|category| {
        let again = fixes().any(|fix| fix.category == Some(*category));
        let today = at.facts.at_target.and_then(|at| at.of(*category));
        !again && today.is_some_and(|value| value < at.thresholds.good(*category))
    });
    let untried: Vec<&str> = untried.map(Category::name).collect();
    if !untried.is_empty() {
        return priced(
            known,
            format!(
                "Run the rest of RULER at the target with {name}: {} {} low today and not measured with it",
                untried.join(" and "),
                if untried.len() == 1 { "is" } else { "are" }
            ),
            "what the fix leaves lost decides whether anything has to be trained",
            ruler_plan(vec![target(known)]),
        );
    }
    if at.facts.depth == Some(Depth::Low) {
        return Next {
            what: format!("Switch {name} on, and measure short texts with it"),
            why: "a change of positions can cost quality on short texts".to_owned(),
            plan: None,
            cost: None,
        };
    }
    priced(
        known,
        format!("Measure LongBench v2 with {name} switched on, and short texts too"),
        "real questions tell whether anything is left to train, and were not asked with the fix",
        questions_plan(known, 128),
    )
}

/// The target and the lengths that would tell where the loss begins.
fn with_between(known: &Known<'_>) -> Vec<Tokens> {
    let mut lengths = known.at.facts.between(known.at.thresholds);
    lengths.push(target(known));
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

fn also_between(known: &Known<'_>, runs: bool) -> String {
    let lengths = known.at.facts.between(known.at.thresholds);
    let lengths: Vec<String> = lengths.into_iter().map(short).collect();
    match lengths.is_empty() || !runs {
        true => String::new(),
        false => format!(
            ", and without it at {}, where nothing was measured",
            lengths.join(", ")
        ),
    }
}

fn measure(first: &Missing, known: &Known<'_>) -> Next {
    if first.told {
        return told(first);
    }
    let why = "it is the cheapest measurement that could change the verdict";
    let at = target(known);
    let window = known.at.facts.window.unwrap_or(at);
    let plan = match first.gap {
        Gap::RulerShort => Some(ruler_plan(vec![Tokens(4_096)])),
        Gap::RulerInside => Some(ruler_plan(vec![window])),
        Gap::RulerBetween => Some(ruler_plan(known.at.facts.between(known.at.thresholds))),
        Gap::Ruler(_) | Gap::PositionFix => Some(ruler_plan(vec![at])),
        Gap::Cot => Some(questions_plan(known, 1_152)),
        Gap::NoContext => Some(EvaluationPlan {
            lengths: vec![Tokens(512)],
            ..questions_plan(known, 128)
        }),
        Gap::Direct | Gap::LongTexts | Gap::Rag => Some(questions_plan(known, 128)),
        Gap::Workload
        | Gap::Target
        | Gap::Window
        | Gap::Tolerance
        | Gap::Adapted
        | Gap::Corpus
        | Gap::Holdouts
        | Gap::HardBefore
        | Gap::ComprehensionBefore => None,
    };
    // One run answers for all of RULER's categories.
    let known_there = known.at.facts.at_target;
    let what = match first.gap {
        Gap::Ruler(category)
            if known_there.is_some_and(|at| at.categories.iter().flatten().count() >= 3) =>
        {
            format!("Measure RULER's {} at the target", category.name())
        }
        Gap::Ruler(_) => "Measure RULER by category at the target".to_owned(),
        Gap::RulerShort if first.what.ends_with("short length") => {
            "Measure RULER, all tasks, at 4K".to_owned()
        }
        Gap::RulerBetween => {
            let lengths = known.at.facts.between(known.at.thresholds);
            let lengths: Vec<String> = lengths.into_iter().map(short).collect();
            format!(
                "Measure RULER at {}, where nothing was measured",
                lengths.join(", ")
            )
        }
        _ => format!("Measure {}", first.what),
    };
    match plan {
        Some(plan) => priced(known, what, why, plan),
        None => Next {
            what,
            why: why.to_owned(),
            plan: None,
            cost: None,
        },
    }
}

/// 100 samples of each task tell a difference of some ten points.
fn ruler_plan(lengths: Vec<Tokens>) -> EvaluationPlan {
    EvaluationPlan {
        tasks: 13,
        lengths,
        samples: 100,
        checkpoints: 1,
        answer_tokens: 128,
    }
}

/// The median question of LongBench v2 has some 128,000 tokens; longer ones are cut to fit.
fn questions_length(known: &Known<'_>) -> Tokens {
    Tokens(target(known).0.min(131_072))
}

fn questions_plan(known: &Known<'_>, answer_tokens: u32) -> EvaluationPlan {
    EvaluationPlan {
        tasks: 1,
        lengths: vec![questions_length(known)],
        samples: 503,
        checkpoints: 1,
        answer_tokens,
    }
}
