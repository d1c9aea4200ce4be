//! The next step if there is no verdict.

use super::measure::measure;
use super::plans::{also_between, between, own_runs, priced, questions_run, ruler_run, target};
use super::position_fix::fix;
use super::{INSTEAD, NextStep, NextStepContext};
use crate::advise::benchmarks::ruler_tasks;
use crate::advise::condition::Condition;
use crate::advise::decide::verdict;
use crate::advise::evidence::{PercentFigure, ReasoningDepth};
use crate::advise::missing::{MissingEvidence, MissingKind};
use crate::advise::published_fix_gains::beyond_a_fix;
use crate::advise::step::AdaptationStep;
use crate::advise::untried_fixes::worth_a_fix;
use crate::numbers::tenths;

/// Whether the figures carry no verdict, however many samples there are.
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

/// What was not measured and may decide where more samples would not: a position fix first, as it takes no
/// training; `None` if there is nothing of that kind.
pub(super) fn settles(known: &NextStepContext<'_>) -> Option<NextStep> {
    let at = known.at;
    let now = verdict(at.evidence, at.thresholds);
    let decides = |one: &&MissingEvidence| {
        let other = |step: Option<AdaptationStep>| step != now && step.is_some();
        !one.told && one.outcomes.iter().any(|outcome| other(outcome.verdict))
    };
    let mut open = known.missing.iter().filter(decides);
    let is_fix = |one: &MissingEvidence| one.gap == MissingKind::PositionFix;
    let may_fix = worth_a_fix(at) && beyond_a_fix(at).is_none();
    let next = match may_fix && open.clone().any(is_fix) {
        true => fix(known),
        false => measure(open.find(|one| !is_fix(one) || may_fix)?, known),
    };
    Some(NextStep {
        why: format!("{INSTEAD}; {}", next.why),
        ..next
    })
}

pub(super) fn undecided(known: &NextStepContext<'_>) -> NextStep {
    let at = known.at;
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let lacks = |gap: MissingKind| known.missing.iter().any(|one| one.gap == gap);
    if holds(Condition::OwnFallsShort) {
        return own_questions(known, "questions about your own documents decide");
    }
    if holds(Condition::TextHurts) {
        return NextStep::free(
            "Check the prompt, the chat template and how long texts are truncated, and ask the same questions again",
            "more of them are answered correctly without the text than with it",
        );
    }
    if holds(Condition::NoContextEqualsFull) {
        return own_questions(
            known,
            "answers are as good without the text, so LongBench v2 shows memory or guessing here",
        );
    }
    if holds(Condition::GeneralCorpusForDomain) && known.at.facts.as_used.is_some() {
        return own_questions(
            known,
            "training on a general corpus may not carry over to your documents: measure on them, and gather such documents, before training anything",
        );
    }
    // Positions are to blame only for what is found in shorter texts.
    if holds(Condition::RetrievalFails)
        && let Some(short) = known
            .missing
            .iter()
            .find(|one| one.gap == MissingKind::RulerShort)
    {
        return NextStep {
            why: "needles are lost, and no shorter length was measured: only needles that are found in shorter texts can be lost because of positions".to_owned(),
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
            "a mean does not tell lost needles from lost chains, which call for different remedies",
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
            "chains or counts are lost, and the article asks for real questions before any training; a position fix costs one evaluation and no training",
            runs,
        );
    }
    // What changes the verdict by itself comes before what changes it only together with other answers.
    let find = |told: bool, together: bool| {
        let mut missing = known.missing.iter();
        missing.find(|one| one.told == told && one.only_together() == together)
    };
    let alone = find(false, false).or_else(|| find(true, false));
    let first = alone
        .or_else(|| find(false, true))
        .or(known.missing.first());
    if first.is_none() && !at.evidence.is_unmeasured() {
        return own_questions(
            known,
            "no other benchmark figure would decide; your own documents do",
        );
    }
    match first {
        Some(first) => measure(first, known),
        None => priced(
            known,
            format!(
                "Measure RULER at the target length, all {} tasks",
                ruler_tasks()
            ),
            "nothing is known about how the model reads there",
            vec![ruler_run(vec![target(known)], "")],
        ),
    }
}

/// Own hold-outs, or, if they are known, what they call for next.
fn own_questions(known: &NextStepContext<'_>, why: &str) -> NextStep {
    let evidence = known.at.evidence;
    let Some(own) = evidence.production else {
        return priced(
            known,
            "Measure your own hold-outs, best with questions that only your documents answer"
                .to_owned(),
            why,
            own_runs(known, false),
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
            "Say how people score on your own hold-outs: have people answer a sample of them",
            format!(
                "{own_told}: people's {:.1} is for LongBench v2's questions, not for yours",
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
            "Use it for work like your hold-outs, and run them again with every new version",
            format!("{both}; the benchmarks change nothing about that"),
        );
    }
    match Condition::GeneralCorpusForDomain.holds(known.at) {
        Some(true) => priced(
            known,
            "Gather documents like yours to train on, and meanwhile run your hold-outs with retrieved passages".to_owned(),
            &format!("{both}; training on a general corpus may not carry over to your documents"),
            own_runs(known, true).split_off(1),
        ),
        _ => priced(
            known,
            "Run your hold-outs with a chain of thought and with retrieved passages, and compare the answers one by one".to_owned(),
            &format!("{both}; both cost less than any training"),
            own_runs(known, true),
        ),
    }
}
