//! The next step that fills in what is missing.

use super::plans::{
    own_runs, passages_run, priced, questions_run, ruler_run, target, thinking_run,
};
use super::{NextStep, NextStepContext};
use crate::advise::costs::EvaluationPlan;
use crate::advise::missing::{MissingEvidence, MissingKind};
use crate::advise::sentences::short;
use crate::tokens::Tokens;

pub(super) fn told(missing: &MissingEvidence) -> NextStep {
    NextStep::free(
        format!("Say {}", missing.what),
        "the answer costs nothing and decides which rules apply",
    )
}

pub(super) fn measure(first: &MissingEvidence, known: &NextStepContext<'_>) -> NextStep {
    if first.told {
        return told(first);
    }
    let why = match first.only_together() {
        true => {
            "no answer changes the verdict by itself; this is the cheapest of those that do so together with another"
        }
        false => "it is the cheapest measurement that could change the verdict",
    };
    let at = target(known);
    let window = known.at.facts.window.unwrap_or(at);
    let run = match first.gap {
        MissingKind::RulerShort => Some(ruler_run(vec![Tokens(4_096)], "")),
        MissingKind::RulerInside => Some(ruler_run(vec![window], "")),
        MissingKind::RulerBetween => {
            let lengths = known.at.facts.between(known.at.thresholds);
            Some(ruler_run(lengths, ""))
        }
        MissingKind::Ruler(_) => Some(ruler_run(vec![at], "")),
        MissingKind::PositionFix => Some(ruler_run(vec![at], " with the fix")),
        MissingKind::Cot => Some(thinking_run(known)),
        MissingKind::NoContext => {
            let (what, plan) = questions_run(known, "without the texts");
            let lengths = vec![Tokens(512)];
            Some((what, EvaluationPlan { lengths, ..plan }))
        }
        MissingKind::Direct => Some(questions_run(known, "direct")),
        MissingKind::LongTexts => Some(questions_run(known, "direct, long texts among them")),
        MissingKind::Rag => Some(passages_run(known)),
        MissingKind::Holdouts => own_runs(known, false).into_iter().next(),
        MissingKind::Workload
        | MissingKind::Target
        | MissingKind::Window
        | MissingKind::Tolerance
        | MissingKind::Adapted
        | MissingKind::Corpus
        | MissingKind::DomainCorpus
        | MissingKind::Size
        | MissingKind::People
        | MissingKind::HardBefore
        | MissingKind::ComprehensionBefore => None,
    };
    // One run answers for all of RULER's categories.
    let known_there = known.at.facts.at_target;
    let what = match first.gap {
        MissingKind::Ruler(category)
            if known_there.is_some_and(|at| at.categories.iter().flatten().count() >= 3) =>
        {
            format!("Measure RULER's {} at the target", category.name())
        }
        MissingKind::Ruler(_) => "Measure RULER by category at the target".to_owned(),
        MissingKind::RulerShort => "Measure RULER, all tasks, at 4K".to_owned(),
        MissingKind::RulerBetween => {
            let lengths = known.at.facts.between(known.at.thresholds);
            let lengths: Vec<String> = lengths.into_iter().map(short).collect();
            format!(
                "Measure RULER at {}, where nothing was measured",
                lengths.join(", ")
            )
        }
        _ => format!("Measure {}", first.what),
    };
    priced(known, what, why, run.into_iter().collect())
}
