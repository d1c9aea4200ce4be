//! Facts that contradict each other: each may be right, but probably not both.

use super::evidence::{BeforeAdaptation, Evidence, PercentFigure, PriorAdaptation, RulerFigure};
use super::sentences::short;
use super::thresholds::Thresholds;
use crate::task::RulerCategory;

/// Tasks that are made of single needles, and so are harder.
const HARDER: [RulerCategory; 2] = [RulerCategory::MultiNeedle, RulerCategory::MultiHop];

/// The contradictions, each in a sentence or two.
pub(super) fn clashes(evidence: &Evidence, thresholds: &Thresholds) -> Vec<String> {
    let mut told = Vec::new();
    told.extend(windows(evidence));
    told.extend(before(evidence));
    told.extend(fractions(evidence));
    let single = evidence.ruler.iter();
    let single = single.filter(|one| one.category == Some(RulerCategory::SingleNeedle));
    for easier in single {
        for harder in HARDER {
            told.extend(upside_down(easier, harder, evidence, thresholds));
        }
    }
    told
}

/// Figures that look like fractions among percentages.
fn fractions(evidence: &Evidence) -> Vec<String> {
    let figures = evidence.figures().into_iter();
    let small = figures.filter(|(_, one)| one.value > 0.0 && one.value < 1.0);
    let told = small.map(|(what, one)| {
        format!(
            "{what} is given as {} percent, below 1 of 100. If it is a fraction, write {} instead: all shares are percentages here.",
            one.value,
            libm::round(one.value * 10_000.0) / 100.0
        )
    });
    told.collect()
}

/// A trained window that is longer than the one its makers claim.
fn windows(evidence: &Evidence) -> Option<String> {
    let (trained, claimed) = (evidence.trained_window?, evidence.claimed_window?);
    let longer = f64::from(trained.0) > 1.1 * f64::from(claimed.0);
    longer.then(|| {
        format!(
            "These contradict each other: a trained window of {} tokens and a claimed window of {}. One of them is probably wrong; the advice uses the trained window.",
            short(trained),
            short(claimed)
        )
    })
}

/// Figures from before an adaptation that is said never to have happened.
fn before(evidence: &Evidence) -> Option<String> {
    let told = evidence.before != BeforeAdaptation::default();
    (told && evidence.adaptation == Some(PriorAdaptation::None)).then(|| {
        "These contradict each other: there are figures from before an adaptation, but none is said to have been tried. Say what was tried.".to_owned()
    })
}

/// A harder task that scores higher than the single needle it is made of, beyond sampling error.
///
/// # Formula
/// As far apart as a material loss, and the two 95% intervals do not touch.
fn upside_down(
    easier: &RulerFigure,
    harder: RulerCategory,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Option<String> {
    let hard = clearly_higher(easier, harder, evidence, thresholds)?;
    Some(format!(
        "These contradict each other: at {} tokens RULER's single needle scores {:.1} and its {} {:.1}, although the single needle is the easier task. Check that run, its prompts and its scoring before you rely on it.",
        short(easier.length),
        easier.value,
        harder.name(),
        hard.value
    ))
}

/// The first of the harder tasks that scores higher than a single needle at its length, beyond
/// sampling error; `None` for any other figure.
pub(super) fn harder_and_higher<'a>(
    easier: &RulerFigure,
    evidence: &'a Evidence,
    thresholds: &Thresholds,
) -> Option<&'a RulerFigure> {
    if easier.category != Some(RulerCategory::SingleNeedle) {
        return None;
    }
    let mut harder = HARDER.into_iter();
    harder.find_map(|harder| clearly_higher(easier, harder, evidence, thresholds))
}

fn clearly_higher<'a>(
    easier: &RulerFigure,
    harder: RulerCategory,
    evidence: &'a Evidence,
    thresholds: &Thresholds,
) -> Option<&'a RulerFigure> {
    let same = |one: &&RulerFigure| one.length == easier.length && one.category == Some(harder);
    let hard = evidence.ruler.iter().find(same)?;
    let ends = |figure: PercentFigure| figure.interval(thresholds.assumed_n);
    let apart = hard.value - easier.value >= thresholds.drop
        && ends(hard.figure()).0 > ends(easier.figure()).1;
    apart.then_some(hard)
}
