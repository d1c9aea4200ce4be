//! More samples, where the figures are too uncertain for a verdict.

use super::plans::{priced, questions_length};
use super::{CLOSE, NextStep, NextStepContext};
use crate::advise::costs::EvaluationPlan;
use crate::advise::unsettled::UnsettledFigure;
use crate::numbers::count;

pub(super) fn more_samples(known: &NextStepContext<'_>) -> Option<NextStep> {
    // What more samples can tell goes before what none can.
    let told = |one: &&UnsettledFigure| one.wanted.is_some_and(|wanted| wanted > one.n);
    let first = known.unsettled.iter().find(told);
    let first = first.or(known.unsettled.first())?;
    let length = first.length.unwrap_or_else(|| questions_length(known));
    let Some(wanted) = first.wanted.filter(|wanted| *wanted > first.n) else {
        return Some(NextStep {
            what: format!(
                "{CLOSE}{} is too close to {:.1}, where the verdict turns, for {}",
                first.what,
                first.turn,
                match first.limit {
                    Some(limit) => format!(
                        "the {} questions that LongBench v2 has of this kind",
                        count(limit.into())
                    ),
                    None => "any reasonable number of samples".to_owned(),
                }
            ),
            why: format!("its interval is {:.1} to {:.1}", first.low, first.high),
            plan: None,
            cost: None,
        });
    };
    let also: Vec<&str> = known
        .unsettled
        .iter()
        .filter(|one| one.what != first.what)
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
