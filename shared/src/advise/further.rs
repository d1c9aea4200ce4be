//! What a verdict, which is for the main target, means for further targets.

use super::advice::Verdict;
use super::condition::ConditionContext;
use super::decide::verdict;
use super::facts::near;
use super::rules::AdaptationStep;
use super::sentences::{named, short};
use crate::tokens::Tokens;

/// The further targets, each with how it stands to the verdict.
pub(super) struct FurtherTargets {
    main: Option<Tokens>,
    others: Vec<String>,
}

impl FurtherTargets {
    /// By the rules: what the same figures lead to where another length is the target.
    pub(super) fn of(action: Verdict, at: &ConditionContext<'_>) -> Self {
        let main = at.facts.target;
        let step = verdict(at.evidence, at.thresholds);
        let others = at.evidence.window_targets.iter();
        let others = others.filter(|one| main.is_some_and(|main| !near(**one, main)));
        let mut others: Vec<Tokens> = others.copied().collect();
        others.sort_unstable();
        others.dedup();
        let told = others.into_iter().map(|other| {
            let mut evidence = at.evidence.clone();
            evidence.target_window = Some(other);
            let instead = verdict(&evidence, at.thresholds);
            format!(
                " For {} tokens, a further target, {}.",
                short(other),
                stands(action, step, (other, instead))
            )
        });
        Self {
            main,
            others: told.collect(),
        }
    }

    /// Which target the verdict is for, where there are others.
    pub(super) fn main(&self) -> String {
        match self.main.filter(|_| !self.others.is_empty()) {
            Some(main) => format!(", at the main target of {} tokens", short(main)),
            None => String::new(),
        }
    }

    /// How each further target stands to it, a sentence each.
    pub(super) fn says(&self) -> String {
        self.others.concat()
    }
}

fn stands(
    action: Verdict,
    step: Option<AdaptationStep>,
    (other, instead): (Tokens, Option<AdaptationStep>),
) -> String {
    let extends = instead == Some(AdaptationStep::Extend);
    match action {
        Verdict::Extend { to, .. } if other < to => "the same extension reaches it".to_owned(),
        Verdict::Extend {
            from, to, factor, ..
        } if extends => format!(
            "this is not enough: it stays unread beyond {}, and takes a factor of {:.1} instead of {factor:.1}",
            short(to),
            f64::from(other.0) / f64::from(from.0.max(1))
        ),
        Verdict::Undecided => format!("the figures as they are lead to: {}", named(instead)),
        _ if instead.is_none() => "nothing is decided: it takes figures at that length".to_owned(),
        _ if AdaptationStep::same(instead, step) => "the same goes".to_owned(),
        _ => format!("the verdict would be another: {}", named(instead)),
    }
}
