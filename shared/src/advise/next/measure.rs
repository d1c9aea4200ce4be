//! The next step that fills in what is missing.

use super::plans::{priced, questions_plan, ruler_plan, target};
use super::{NextStep, NextStepContext};
use crate::advise::costs::EvaluationPlan;
use crate::advise::missing::{MissingEvidence, MissingKind};
use crate::advise::sentences::short;
use crate::tokens::Tokens;

pub(super) fn told(missing: &MissingEvidence) -> NextStep {
    NextStep {
        what: format!("Say {}", missing.what),
        why: "the answer costs nothing and decides which rules apply".to_owned(),
        plan: None,
        cost: None,
    }
}

pub(super) fn measure(first: &MissingEvidence, known: &NextStepContext<'_>) -> NextStep {
    if first.told {
        return told(first);
    }
    let why = "it is the cheapest measurement that could change the verdict";
    let at = target(known);
    let window = known.at.facts.window.unwrap_or(at);
    let plan = match first.gap {
        MissingKind::RulerShort => Some(ruler_plan(vec![Tokens(4_096)])),
        MissingKind::RulerInside => Some(ruler_plan(vec![window])),
        MissingKind::RulerBetween => Some(ruler_plan(known.at.facts.between(known.at.thresholds))),
        MissingKind::Ruler(_) | MissingKind::PositionFix => Some(ruler_plan(vec![at])),
        MissingKind::Cot => Some(questions_plan(known, 1_152)),
        MissingKind::NoContext => Some(EvaluationPlan {
            lengths: vec![Tokens(512)],
            ..questions_plan(known, 128)
        }),
        MissingKind::Direct | MissingKind::LongTexts | MissingKind::Rag => {
            Some(questions_plan(known, 128))
        }
        MissingKind::Workload
        | MissingKind::Target
        | MissingKind::Window
        | MissingKind::Tolerance
        | MissingKind::Adapted
        | MissingKind::Corpus
        | MissingKind::Size
        | MissingKind::People
        | MissingKind::Holdouts
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
        MissingKind::RulerShort if first.what.ends_with("short length") => {
            "Measure RULER, all tasks, at 4K".to_owned()
        }
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
    match plan {
        Some(plan) => priced(known, what, why, plan),
        None => NextStep {
            what,
            why: why.to_owned(),
            plan: None,
            cost: None,
        },
    }
}
