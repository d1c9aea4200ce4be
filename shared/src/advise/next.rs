//! The next cheapest experiment, in the article's order.

use serde::{Deserialize, Serialize};

use super::completions::Missing;
use super::costs::{EvaluationCost, EvaluationPlan};
use super::evidence::Evidence;
use super::rules::Step;
use crate::tokens::Tokens;

/// What to do next.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Next {
    /// The experiment.
    pub what: String,
    /// Why this one.
    pub why: String,
    /// What it runs; nothing where a user has to say something instead.
    pub plan: Option<EvaluationPlan>,
    /// What that costs; nothing where the model's shape is not known.
    pub cost: Option<EvaluationCost>,
}

/// The first thing missing that could change the verdict: what the user can say, RULER at the
/// target, LongBench v2, the same with a chain of thought. Else the verdict's own step.
pub(super) fn next(evidence: &Evidence, step: Option<Step>, missing: &[Missing]) -> Next {
    let target = evidence.target().unwrap_or(Tokens(32_768));
    if let Some(first) = missing.first() {
        // What is asked of the present window is measured there.
        let length = match first.what.ends_with("at the present window") {
            true => evidence.window().unwrap_or(target),
            false => target,
        };
        let plan = plan(&first.what, length);
        let what = match &plan {
            // One run answers for all of them.
            Some(_) if first.what.ends_with("at the target") => {
                "Measure RULER by category at the target".to_owned()
            }
            Some(_) => format!("Measure {}", first.what),
            None => format!("Say {}", first.what),
        };
        let cost = plan.as_ref().zip(evidence.model.as_ref());
        return Next {
            what,
            why: "it comes first in the order of cost among what could change the verdict"
                .to_owned(),
            cost: cost.map(|(plan, model)| plan.cost(model)),
            plan,
        };
    }
    let what = match step {
        Some(step) => format!("Go on: {}", step.name()),
        None => "Measure RULER at the target length".to_owned(),
    };
    Next {
        what,
        why: "nothing that is missing would change the verdict".to_owned(),
        plan: None,
        cost: None,
    }
}

/// 100 samples of each task tell a difference of some ten points; all questions of LongBench v2.
fn plan(what: &str, target: Tokens) -> Option<EvaluationPlan> {
    let ruler = |tasks| EvaluationPlan {
        tasks,
        lengths: vec![target],
        samples: 100,
        checkpoints: 1,
        answer_tokens: 128,
    };
    // The median question of LongBench v2 has some 128,000 tokens; longer ones are cut to fit.
    let questions = |answer_tokens| EvaluationPlan {
        tasks: 1,
        lengths: vec![Tokens(target.0.min(131_072))],
        samples: 503,
        checkpoints: 1,
        answer_tokens,
    };
    match what {
        what if what.contains("short length") => Some(EvaluationPlan {
            lengths: vec![Tokens(4_096)],
            ..ruler(13)
        }),
        // What was measured before an adaptation cannot be measured after it.
        what if what.contains("before the adaptation") => None,
        what if what.starts_with("RULER") => Some(ruler(13)),
        what if what.contains("chain of thought") => Some(questions(1_152)),
        what if what.contains("without the texts") => Some(EvaluationPlan {
            lengths: vec![Tokens(512)],
            ..questions(128)
        }),
        what if what.starts_with("LongBench") => Some(questions(128)),
        _ => None,
    }
}
