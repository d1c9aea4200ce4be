//! What the verdict for the main target means for further targets.

use super::condition::ConditionContext;
use super::decide::verdict;
use super::derived_facts::near;
use super::sentences::{named, short};
use super::step::AdaptationStep;
use super::verdict::Verdict;
use crate::tokens::Tokens;

/// The further targets, each with what the verdict means for it.
pub(super) struct FurtherTargets {
    main: Option<Tokens>,
    others: Vec<String>,
}

impl FurtherTargets {
    /// By the rules: what the same figures lead to with another length as the target.
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

    /// Names the main target, if there are others.
    pub(super) fn main(&self) -> String {
        match self.main.filter(|_| !self.others.is_empty()) {
            Some(main) => format!(", at the main target of {} tokens", short(main)),
            None => String::new(),
        }
    }

    /// What the verdict means for each further target, a sentence each.
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
            "this is not enough: texts beyond {} stay unread, and it takes a factor of {:.1} instead of {factor:.1}",
            short(to),
            f64::from(other.0) / f64::from(from.0.max(1))
        ),
        Verdict::Undecided => format!("the figures as they are lead to: {}", named(instead)),
        _ if instead.is_none() => {
            "nothing is decided: figures at that length are needed".to_owned()
        }
        _ if AdaptationStep::same(instead, step) => "the same applies".to_owned(),
        _ => format!("the verdict would be different: {}", named(instead)),
    }
}
