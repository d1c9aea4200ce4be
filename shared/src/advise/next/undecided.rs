//! The next step where there is no verdict.

use super::decided::{also_between, between};
use super::measure::measure;
use super::plans::{priced, questions_run, ruler_run, target};
use super::{NextStep, NextStepContext};
use crate::advise::condition::Condition;
use crate::advise::evidence::{PercentFigure, ReasoningDepth};
use crate::advise::missing::MissingKind;
use crate::numbers::tenths;

/// Whether the figures carry no verdict, however many samples there were.
pub(super) fn without_verdict(known: &NextStepContext<'_>) -> bool {
    let conditions = [
        Condition::OwnFallsShort,
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
    if holds(Condition::OwnFallsShort) {
        return own_questions(known, "what your own documents ask decides");
    }
    if holds(Condition::TextHurts) {
        return NextStep::free(
            "Check the prompt, the chat template and how long texts are cut, and ask the same questions again",
            "more of them are answered right without the text than with it",
        );
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
        let mut runs = vec![ruler_run(vec![target(known)], "")];
        let also = match reads && lacks(MissingKind::Direct) {
            true => {
                runs.push(questions_run(known, "direct"));
                ", then LongBench v2"
            }
            false => "",
        };
        return priced(
            known,
            format!("Measure RULER by category at the target{also}"),
            "a mean does not tell lost needles from lost chains, which call for different things",
            runs,
        );
    }
    if lost && reads && lacks(MissingKind::Direct) {
        let mut runs = vec![questions_run(known, "direct")];
        let also = match holds(Condition::FixUntried) {
            true => {
                runs.push(ruler_run(vec![target(known)], " with the position fix"));
                runs.extend(between(known));
                format!(
                    ", and RULER at the target with a position fix (STRING, dual chunk attention){}",
                    also_between(known)
                )
            }
            false => String::new(),
        };
        return priced(
            known,
            format!("Measure LongBench v2, direct{also}"),
            "chains or counts are lost, and the article asks for real questions before anything is trained; a position fix costs an evaluation and no training",
            runs,
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
            vec![ruler_run(vec![target(known)], "")],
        ),
    }
}

/// Own hold-outs; where they are known, what they ask for next.
fn own_questions(known: &NextStepContext<'_>, why: &str) -> NextStep {
    let evidence = known.at.evidence;
    let Some(own) = evidence.production else {
        return NextStep::free(
            "Measure your own hold-outs: questions that only your documents answer",
            why,
        );
    };
    let assumed = known.at.thresholds.assumed_n;
    let told = |name: &str, one: PercentFigure| {
        let (low, high) = one.interval(assumed);
        let n = match (one.n, one.ends()) {
            (Some(n), _) => format!("n = {n}"),
            (None, Some(_)) => "n not given".to_owned(),
            (None, None) => format!("n = {assumed} assumed, as none was given"),
        };
        format!(
            "{name} {:.1} (95% interval {}, {n})",
            one.value,
            tenths(low, high)
        )
    };
    let own_told = told("own hold-outs", own);
    let Some(people) = evidence.human else {
        return NextStep::free(
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
        return NextStep::free(
            "Use it for work like your hold-outs, and ask them again with every new version",
            format!("{both}; what the benchmarks show decides nothing more"),
        );
    }
    match Condition::GeneralCorpusForDomain.holds(known.at) {
        Some(true) => NextStep::free(
            "Gather documents of your own kind to train on, and ask your hold-outs with retrieved passages meanwhile",
            format!("{both}; a general corpus may not carry over to your documents"),
        ),
        _ => NextStep::free(
            "Ask your hold-outs with a chain of thought and with retrieved passages, and compare the answers one by one",
            format!("{both}; both cost less than any training"),
        ),
    }
}
