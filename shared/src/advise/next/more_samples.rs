//! More samples, if the figures are too uncertain for a verdict.

use super::plans::{priced, questions_length};
use super::{CHECK, CLOSE, MORE, NextStep, NextStepContext, RESTS};
use crate::advise::costs::EvaluationPlan;
use crate::advise::held_back::HeldBack;
use crate::advise::sentences::short;
use crate::advise::step::AdaptationStep;
use crate::advise::uncertain_figures::{UnsettledFigure, WantedSamples, thin};
use crate::numbers::{count, tenths};

/// The most figures that are asked for.
const MOST: usize = 3;

/// Of which figures, how many in all, at what price; `None` if no figure's own interval allows several
/// verdicts and none has few samples.
pub(super) fn more_samples(known: &NextStepContext<'_>) -> Option<NextStep> {
    let wishes = known
        .unsettled
        .iter()
        .filter_map(|one| Some((one, one.wish()?)));
    let mut wishes: Vec<(&UnsettledFigure, WantedSamples)> = wishes.collect();
    // Figures that decide between the verdicts that most draws lead to come first.
    let decides = |one: &UnsettledFigure| {
        let sides = [one.below, one.above];
        let rival = |rival: &Option<AdaptationStep>| {
            sides.iter().any(|side| AdaptationStep::same(*side, *rival))
        };
        known.verdicts.iter().take(2).all(rival)
    };
    wishes.sort_by_key(|(one, _)| !decides(one));
    wishes.truncate(MOST);
    // Figures that more samples can settle come before those that none can.
    if let Some((first, _)) = wishes.first() {
        let few = match first.n {
            _ if first.assumed => String::new(),
            1 => "one sample is too few to be sure: ".to_owned(),
            n if n < 10 => format!("{n} samples are too few to be sure: "),
            _ => String::new(),
        };
        let why = format!(
            "{few}the interval of {} ({}) includes {:.1}, where the verdict changes",
            match wishes.len() {
                1 => "this figure",
                _ => "the first",
            },
            tenths(first.low, first.high),
            first.turn
        );
        return Some(ask(
            known,
            wishes.into_iter().map(|one| one.1).collect(),
            &why,
        ));
    }
    if let Some(close) = known.unsettled.first() {
        return Some(too_close(close));
    }
    let mut few = thin(known.at.evidence, known.at.thresholds);
    few.truncate(MOST);
    let why = "no single figure changes the verdict, but together they do: these rest on the fewest samples, and four times as many would halve their intervals";
    (!few.is_empty()).then(|| ask(known, few, why))
}

/// What lifts a verdict that is held back: a check of the run that others contradict, or more samples of
/// the figures that it rests on.
pub(super) fn lifts(held: &HeldBack, known: &NextStepContext<'_>) -> NextStep {
    match held {
        HeldBack::FewSamples(few) => {
            let most = few.iter().map(|one| one.n).max().unwrap_or_default();
            let samples = match most {
                1 => "one sample each".to_owned(),
                most => format!("at most {most} samples each"),
            };
            let why = format!(
                "{RESTS}{samples}, too few to be sure: within their intervals it would be another"
            );
            ask(known, few.clone(), &why)
        }
        HeldBack::Contradicted(one) => {
            let what = format!("RULER's single needle at {}", short(one.length));
            let why = format!(
                "it scores {:.1}, and {}, which is harder, {:.1} at the same length: the verdict would rest on a figure that is probably wrong",
                one.value,
                one.harder.name(),
                one.scores
            );
            let plan = EvaluationPlan {
                tasks: one.tasks,
                lengths: vec![one.length],
                samples: 100,
                checkpoints: 1,
                answer_tokens: 128,
            };
            let run = format!("RULER single needle at {}, again", short(one.length));
            priced(
                known,
                format!("{CHECK}{what}, and measure it again"),
                &why,
                vec![(run, plan)],
            )
        }
    }
}

fn ask(known: &NextStepContext<'_>, wishes: Vec<WantedSamples>, why: &str) -> NextStep {
    let told: Vec<String> = wishes.iter().map(told).collect();
    let runs = wishes.into_iter().map(|one| {
        let plan = EvaluationPlan {
            tasks: one.tasks,
            lengths: vec![one.length.unwrap_or_else(|| questions_length(known))],
            samples: (one.wanted - one.n).div_ceil(one.tasks),
            checkpoints: 1,
            answer_tokens: if one.thinks { 1_152 } else { 128 },
        };
        (one.what, plan)
    });
    let what = format!("{MORE}{}", told.join(" and of "));
    priced(known, what, why, runs.collect())
}

/// `RULER mean at 128K (200 in all instead of 20)`.
fn told(one: &WantedSamples) -> String {
    let instead = match one.assumed {
        true => format!("the {} that are assumed", count(one.n.into())),
        false => count(one.n.into()),
    };
    let wanted = count(one.wanted.into());
    format!("{} ({wanted} in all instead of {instead})", one.what)
}

fn too_close(one: &UnsettledFigure) -> NextStep {
    let samples = match one.limit {
        Some(limit) => format!(
            "the {} questions that LongBench v2 has of this kind",
            count(limit.into())
        ),
        None => "any reasonable number of samples".to_owned(),
    };
    NextStep::free(
        format!(
            "{CLOSE}{} is too close to {:.1}, where the verdict changes, for {samples} to decide",
            one.what, one.turn
        ),
        format!("its interval is {}", tenths(one.low, one.high)),
    )
}
