//! The verdict in one sentence that can be repeated, with what it assumes.

use super::advice::Verdict;
use super::condition::{Condition, ConditionContext, helping};
use super::evidence::{Evidence, PriorAdaptation};
use super::further::FurtherTargets;
use super::missing::MissingKind;
use super::next::{First, NextStep};
use super::sentences::{hundreds, short};
use crate::task::RulerCategory;

/// The verdict: for which texts, what comes first, what then; and what goes for further targets.
/// `share` is the share of the draws that lead to it.
pub(super) fn headline(
    action: Verdict,
    first: Option<First>,
    next: &NextStep,
    share: f64,
    at: &ConditionContext<'_>,
) -> String {
    let model = at.evidence.model.as_ref().map(|one| one.name.as_str());
    let names = [Some(at.evidence.name.as_str()), model];
    let mut names = names.into_iter().flatten().filter(|one| !one.is_empty());
    let name = names.next().unwrap_or("this model");
    let targets = FurtherTargets::of(action, at);
    let main = targets.main();
    let whom = format!("{name}{}{main}", assumed(at.evidence));
    let told = match action {
        Verdict::Undecided if next.is_close() => format!(
            "Not decided for {whom}: the figures are too close to the limits for more samples to tell."
        ),
        Verdict::Undecided if next.is_more_samples() => {
            format!(
                "Not decided yet for {whom}: the samples are too few, measure more of them first."
            )
        }
        Verdict::Undecided => format!("Not decided yet for {whom}: measure more first."),
        action if next.is_more_samples() => format!(
            "The advice for {whom}: measure more samples first; what there is leads {} to this: {}.",
            hundreds(share),
            course(action, None, at)
        ),
        action => format!("The advice for {whom}: {}.", course(action, first, at)),
    };
    format!("{told}{}", targets.says())
}

/// The target where none was given.
fn assumed(evidence: &Evidence) -> String {
    let assumed = evidence
        .target()
        .filter(|_| evidence.target_window.is_none());
    assumed.map_or_else(String::new, |target| {
        format!(
            ", for texts of {} tokens (no target was given: this is the longest length measured)",
            short(target)
        )
    })
}

fn course(action: Verdict, first: Option<First>, at: &ConditionContext<'_>) -> String {
    let told = match action {
        Verdict::FixPositions => return fix(at),
        Verdict::Extend { from, to, .. } if again(at) => format!(
            "repeat the extension from {} to {} tokens with a longer fine-tune or another scaling, as needles are still lost there",
            short(from),
            short(to)
        ),
        Verdict::Retrain => "retrain".to_owned(),
        action => action.sentence(),
    };
    match first {
        None => told,
        Some(First::Fix) => format!("try a position fix first; if {} with it, {told}", lost(at)),
        Some(First::Candidates) => {
            format!("measure other base models of the size first; if none holds, {told}")
        }
        Some(First::Measure(gap)) => format!("{told}, unless {}", spares(gap)),
    }
}

/// Whether an extension was made already.
fn again(at: &ConditionContext<'_>) -> bool {
    at.evidence.adaptation == Some(PriorAdaptation::Extended)
        && Condition::RetrievalFails.holds(at) == Some(true)
}

/// What a position fix would have to bring back.
fn lost(at: &ConditionContext<'_>) -> String {
    let fails = |condition: Condition| condition.holds(at) == Some(true);
    let lost = [
        (Condition::RetrievalFails, "needles"),
        (Condition::MultiHopFails, "chains"),
        (Condition::AggregationFails, "counts"),
    ];
    let lost = lost.into_iter().filter(|(condition, _)| fails(*condition));
    let lost: Vec<&str> = lost.map(|(_, name)| name).collect();
    match lost.is_empty() {
        true => "RULER stays low at the target".to_owned(),
        false => format!("{} stay lost", lost.join(" or ")),
    }
}

/// What could make a training needless.
fn spares(gap: MissingKind) -> String {
    match gap {
        MissingKind::Cot => "a chain of thought closes the gap: measure that first".to_owned(),
        MissingKind::Rag => {
            "retrieved passages answer as many questions: measure that first".to_owned()
        }
        MissingKind::NoContext => {
            "as many questions are answered without the text: measure that first".to_owned()
        }
        MissingKind::Holdouts => {
            "your own hold-outs are answered well: measure them first".to_owned()
        }
        gap => format!("{} says otherwise: measure that first", gap.what()),
    }
}

/// A fix to be tried, or what the one that was tried brings back and what it leaves lost.
fn fix(at: &ConditionContext<'_>) -> String {
    let Some(tried) = helping(at) else {
        return "try a position fix, without training (STRING, dual chunk attention or another scaling)"
            .to_owned();
    };
    let value = |one: Option<super::facts::RulerAtLength>| {
        let one = one?;
        match tried.category {
            Some(category) => one.of(category),
            None => one.overall,
        }
    };
    let today = value(at.facts.at_target).map_or_else(String::new, |one| format!("from {one:.1} "));
    let name = tried.category.map_or("mean", RulerCategory::name);
    let told = format!(
        "use {}, which takes no training: it brings RULER {name} at {} {today}to {:.1}",
        tried.method.name(),
        short(tried.length),
        tried.value
    );
    let limits = at.thresholds;
    let left = [RulerCategory::MultiHop, RulerCategory::Aggregation].map(|category| {
        let value = at.facts.fixed?.of(category)?;
        let again = at.evidence.position_fix.iter();
        let mut again = again.filter(|fix| fix.category == Some(category));
        let low = value < limits.good(category) && again.next().is_some();
        low.then(|| format!("{} at {value:.1}", category.name()))
    });
    let left: Vec<String> = left.into_iter().flatten().collect();
    match left.is_empty() {
        true => told,
        false => format!("{told}; it leaves {}", left.join(" and ")),
    }
}
