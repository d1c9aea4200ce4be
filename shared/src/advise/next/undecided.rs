//! The next step where there is no verdict.

use super::decided::also_between;
use super::measure::measure;
use super::plans::{priced, questions_plan, ruler_plan, target};
use super::{NextStep, NextStepContext};
use crate::advise::condition::Condition;
use crate::advise::evidence::{PercentFigure, ReasoningDepth};
use crate::advise::missing::MissingKind;

/// Whether the figures carry no verdict, however many samples there were.
pub(super) fn without_verdict(known: &NextStepContext<'_>) -> bool {
    let conditions = [
        Condition::NoContextEqualsFull,
        Condition::GeneralCorpusForDomain,
    ];
    conditions
        .iter()
        .any(|one| one.holds(known.at) == Some(true))
}

pub(super) fn undecided(known: &NextStepContext<'_>) -> NextStep {
    let at = known.at;
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let lacks = |gap: MissingKind| known.missing.iter().any(|one| one.gap == gap);
    if holds(Condition::TextHurts) {
        return NextStep {
            what: "Check the prompt, the chat template and how long texts are cut, and ask the same questions again".to_owned(),
            why: "more of them are answered right without the text than with it".to_owned(),
            plan: None,
            cost: None,
        };
    }
    if holds(Condition::NoContextEqualsFull) {
        return own_questions(
            known,
            "answers are as good without the text, so that LongBench v2 shows memory or guessing here",
        );
    }
    if holds(Condition::GeneralCorpusForDomain) && known.at.facts.as_used.is_some() {
        return own_questions(
            known,
            "a general corpus may not carry over to your documents: measure on them, and gather such documents, before anything is trained",
        );
    }
    // Positions are to blame only for what shorter texts do not lose.
    if holds(Condition::RetrievalFails)
        && let Some(short) = known
            .missing
            .iter()
            .find(|one| one.gap == MissingKind::RulerShort)
    {
        return NextStep {
            why: "needles are lost, and nothing shorter was measured to compare with: only what shorter texts do not lose can be a matter of positions".to_owned(),
            ..measure(short, known)
        };
    }
    // The article's second step: chains or counts are lost, so real questions come next.
    let lost = holds(Condition::HardFails) || holds(Condition::RulerFails);
    let reads = at.facts.depth != Some(ReasoningDepth::Low);
    let by_category = at
        .facts
        .at_target
        .is_some_and(|at| at.categories.iter().any(Option::is_some));
    if lost && !by_category && !lacks(MissingKind::RulerInside) {
        let also = match reads && lacks(MissingKind::Direct) {
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
    if lost && reads && lacks(MissingKind::Direct) {
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
            known,
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

/// Own hold-outs; where they are known, what they ask for next.
fn own_questions(known: &NextStepContext<'_>, why: &str) -> NextStep {
    let evidence = known.at.evidence;
    let Some(own) = evidence.production else {
        return step(
            "Measure your own hold-outs: questions that only your documents answer",
            why.to_owned(),
        );
    };
    let told = |name: &str, one: PercentFigure| {
        let (low, high) = one.interval(known.at.thresholds.assumed_n);
        let n = one
            .n
            .map_or_else(|| "n not given".to_owned(), |n| format!("n = {n}"));
        format!(
            "{name} {:.1} (95% interval {low:.1} to {high:.1}, {n})",
            one.value
        )
    };
    let own_told = told("own hold-outs", own);
    let Some(people) = evidence.human else {
        return step(
            "Say what people reach on your own hold-outs: have a sample of them answered by people",
            format!(
                "{own_told}: people's {:.1} are of LongBench v2's questions, not of yours",
                known.at.thresholds.human
            ),
        );
    };
    let both = format!(
        "{own_told}, {}",
        told("people on the same questions", people)
    );
    if own.value >= people.value {
        return step(
            "Use it for work like your hold-outs, and ask them again with every new version",
            format!("{both}; what the benchmarks show decides nothing more"),
        );
    }
    match Condition::GeneralCorpusForDomain.holds(known.at) {
        Some(true) => step(
            "Gather documents of your own kind to train on, and ask your hold-outs with retrieved passages meanwhile",
            format!("{both}; a general corpus may not carry over to your documents"),
        ),
        _ => step(
            "Ask your hold-outs with a chain of thought and with retrieved passages, and compare the answers one by one",
            format!("{both}; both cost less than any training"),
        ),
    }
}

fn step(what: &str, why: String) -> NextStep {
    NextStep {
        what: what.to_owned(),
        why,
        plan: None,
        cost: None,
    }
}
