//! Next steps about a position fix: to try one, or to measure the rest with one that helps.

use super::plans::{also_between, between, priced, questions_run, ruler_run, target, thinking_run};
use super::{NextStep, NextStepContext};
use crate::advise::evidence::{LongBenchMode, PositionFixFigure, ReasoningDepth};
use crate::advise::published_fix_gains::{beyond_a_fix, published_gain};
use crate::advise::step::AdaptationStep;
use crate::advise::untried_fixes::fixes;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// The beginning of a step that tries a position fix.
pub(super) const WITH_A_FIX: &str = "Run RULER at the target with a position fix";

/// A position fix to be tried, and the lengths that were not measured.
pub(super) fn fix(known: &NextStepContext<'_>) -> NextStep {
    // If a training would follow, thinking first is measured at the same time.
    let gain = published_gain(known.at);
    let trains = known.step.is_some_and(|step| {
        step.path().is_some() && (step != AdaptationStep::Extend || gain.is_none())
    });
    let asked = known
        .at
        .evidence
        .longbench_at(LongBenchMode::Cot, None, None);
    let thinks = trains && asked.is_none() && known.at.facts.depth > Some(ReasoningDepth::Low);
    let what = format!(
        "{WITH_A_FIX} ({}){}{}",
        fixes(known.at),
        also_between(known),
        if thinks {
            "; and LongBench v2 with a chain of thought"
        } else {
            ""
        }
    );
    let fixed = ruler_run(vec![target(known)], " with the position fix");
    let thought = thinks.then(|| thinking_run(known));
    let shows = match (gain, beyond_a_fix(known.at)) {
        (Some(gain), _) => gain,
        (None, None) => "has restored chains at 128K before (Llama 3.1 70B: variable tracking from 59 to 96, arXiv 2410.18745)".to_owned(),
        (None, Some(_)) => "shows how much is left for what comes after it".to_owned(),
    };
    let why = format!("it takes one evaluation and no training, and {shows}");
    priced(
        known,
        what,
        &why,
        [fixed]
            .into_iter()
            .chain(between(known))
            .chain(thought)
            .collect(),
    )
}

/// What remains to be measured with a fix that was tried and helps.
pub(super) fn with_fix(tried: &PositionFixFigure, known: &NextStepContext<'_>) -> NextStep {
    let (at, name) = (known.at, tried.method.name());
    let fixes = || at.evidence.position_fix.iter();
    let untried = RulerCategory::ALL.into_iter().filter(|category| {
        let again = fixes().any(|fix| fix.category == Some(*category));
        let today = at.facts.at_target.and_then(|at| at.of(*category));
        !again && today.is_some_and(|value| value < at.thresholds.good(*category))
    });
    let untried: Vec<&str> = untried.map(RulerCategory::name).collect();
    if !untried.is_empty() {
        return priced(
            known,
            format!(
                "Run the rest of RULER at the target with {name}: {} {} low today and not measured with it",
                untried.join(" and "),
                if untried.len() == 1 { "is" } else { "are" }
            ),
            "what is still lost with the fix decides whether anything has to be trained",
            vec![ruler_run(vec![target(known)], &format!(" with {name}"))],
        );
    }
    let short = ruler_run(vec![SHORT], &format!(" with {name}"));
    if at.facts.depth == Some(ReasoningDepth::Low) {
        return priced(
            known,
            format!("Switch {name} on, and measure short texts with it"),
            "a change of positions can cost quality on short texts",
            vec![short],
        );
    }
    priced(
        known,
        format!("Measure LongBench v2 with {name} switched on, and short texts too"),
        "real questions show whether anything needs training, and were not asked with the fix",
        vec![questions_run(known, &format!("direct, with {name}")), short],
    )
}

/// The short length at which a fix is measured.
const SHORT: Tokens = Tokens(4_096);
