//! Facts that do not fit together: each may be right, both hardly are.

use super::Thresholds;
use super::evidence::{Evidence, PercentFigure, PriorAdaptation, RulerFigure};
use super::sentences::short;
use crate::task::RulerCategory;

/// What does not fit together, each in a sentence or two.
pub(super) fn clashes(evidence: &Evidence, thresholds: &Thresholds) -> Vec<String> {
    let mut told = Vec::new();
    told.extend(windows(evidence));
    told.extend(before(evidence));
    let single = evidence.ruler.iter();
    let single = single.filter(|one| one.category == Some(RulerCategory::SingleNeedle));
    for easier in single {
        for harder in [RulerCategory::MultiNeedle, RulerCategory::MultiHop] {
            told.extend(upside_down(easier, harder, evidence, thresholds));
        }
    }
    told
}

/// A window that is trained and longer than what its makers claim.
fn windows(evidence: &Evidence) -> Option<String> {
    let (trained, claimed) = (evidence.trained_window?, evidence.claimed_window?);
    let longer = f64::from(trained.0) > 1.1 * f64::from(claimed.0);
    longer.then(|| {
        format!(
            "Does not fit together: trained on {} tokens, and {} are claimed. One of them is probably wrong; the advice goes by the trained window.",
            short(trained),
            short(claimed)
        )
    })
}

/// Figures from before an adaptation that is said not to have been.
fn before(evidence: &Evidence) -> Option<String> {
    let told = evidence.before != super::evidence::BeforeAdaptation::default();
    (told && evidence.adaptation == Some(PriorAdaptation::None)).then(|| {
        "Does not fit together: there are figures from before an adaptation, and nothing is said to have been tried. Say what was tried.".to_owned()
    })
}

/// A harder task that does better than the single needle it is made of, beyond sampling error.
///
/// # Formula
/// As far apart as a material loss, and the two 95% intervals do not touch.
fn upside_down(
    easier: &RulerFigure,
    harder: RulerCategory,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Option<String> {
    let same = |one: &&RulerFigure| one.length == easier.length && one.category == Some(harder);
    let hard = evidence.ruler.iter().find(same)?;
    let ends = |figure: PercentFigure| figure.interval(thresholds.assumed_n);
    let apart = hard.value - easier.value >= thresholds.drop
        && ends(hard.figure()).0 > ends(easier.figure()).1;
    apart.then(|| {
        format!(
            "Does not fit together: at {} tokens RULER's single needle is {:.1} and its {} is {:.1}, though the single needle is the easier task. Check that run, its prompts and how it was scored, before anything rests on it.",
            short(easier.length),
            easier.value,
            harder.name(),
            hard.value
        )
    })
}
