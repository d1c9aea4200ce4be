//! Position fixes that are left to try, and whether one is worth trying.

use super::condition::{Condition, ConditionContext};
use crate::task::RulerCategory;

/// The fixes that remain to be tried.
pub(super) fn fixes(at: &ConditionContext<'_>) -> &'static str {
    match at.evidence.position_fix.is_empty() {
        true => "STRING, dual chunk attention or another scaling",
        false => "STRING or dual chunk attention: scaling alone was tried",
    }
}

/// Whether a position fix could restore something and was not tried: something of RULER falls short
/// at the target, and is not known to be as low in short texts.
pub(super) fn worth_a_fix(at: &ConditionContext<'_>) -> bool {
    let holds = |condition: Condition| condition.holds(at) == Some(true);
    let low = [
        Condition::HardFails,
        Condition::RetrievalFails,
        Condition::RulerFails,
    ];
    let with_length = || {
        let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
        let low = RulerCategory::ALL.into_iter().filter(|category| {
            let good = at.thresholds.good(*category);
            last.of(*category).is_some_and(|value| value < good)
        });
        let mut low = low
            .filter(|one| *one != RulerCategory::QuestionAnswering)
            .peekable();
        low.peek()?;
        Some(low.any(|category| {
            let pair = first.of(category).zip(last.of(category));
            pair.is_none_or(|(first, last)| first - last >= at.thresholds.drop)
        }))
    };
    holds(Condition::FixUntried)
        && Condition::LostWithLength.holds(at) != Some(false)
        && (at.facts.shorter().is_none() || with_length() != Some(false))
        && low.into_iter().any(holds)
}
