//! What is not known, and what it would change.

use serde::{Deserialize, Serialize};

use super::Thresholds;
use super::advice::verdict;
use super::draws::completed;
use super::evidence::{
    Adaptation, Corpus, Evidence, Figure, LongBenchFigure, Reading, RulerFigure, Tolerance,
    Workload,
};
use super::facts::{At, Facts, TASKS, whole};
use super::rules::Step;
use crate::longbench::LengthClass;
use crate::results::Category;
use crate::tokens::Tokens;

/// Joint completions tried for each end of a gap.
const TRIES: u32 = 48;

/// A piece of evidence that may be missing, cheapest to find out first: what the user knows, then
/// the article's order of experiments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gap {
    Workload,
    Target,
    Window,
    Tolerance,
    Adapted,
    Corpus,
    RulerInside,
    RulerShort,
    Ruler(Category),
    Direct,
    LongTexts,
    Cot,
    NoContext,
    HardBefore,
    ComprehensionBefore,
}

/// Something missing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Missing {
    /// What is not known.
    pub what: String,
    /// What follows from each answer.
    pub outcomes: Vec<Outcome>,
}

/// What would follow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The answer.
    pub given: String,
    /// The verdict with this and nothing else known in addition; nothing where there would still
    /// be none.
    pub verdict: Option<Step>,
    /// Every verdict that is possible then, whatever the rest is.
    pub possible: Vec<Step>,
}

impl Gap {
    pub(super) const ALL: [Self; 18] = [
        Self::Workload,
        Self::Target,
        Self::Window,
        Self::Tolerance,
        Self::Adapted,
        Self::Corpus,
        Self::RulerInside,
        Self::RulerShort,
        Self::Ruler(Category::SingleNeedle),
        Self::Ruler(Category::MultiNeedle),
        Self::Ruler(Category::MultiHop),
        Self::Ruler(Category::Aggregation),
        Self::Direct,
        Self::LongTexts,
        Self::Cot,
        Self::NoContext,
        Self::HardBefore,
        Self::ComprehensionBefore,
    ];

    /// Names its stream of draws.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Workload => "gap workload",
            Self::Target => "gap target",
            Self::Window => "gap window",
            Self::Tolerance => "gap tolerance",
            Self::Adapted => "gap adapted",
            Self::Corpus => "gap corpus",
            Self::RulerInside => "gap inside",
            Self::RulerShort => "gap short",
            Self::Ruler(category) => category.name(),
            Self::Direct => "gap direct",
            Self::LongTexts => "gap long",
            Self::Cot => "gap cot",
            Self::NoContext => "gap no context",
            Self::HardBefore => "gap hard before",
            Self::ComprehensionBefore => "gap comprehension before",
        }
    }

    fn what(self) -> String {
        match self {
            Self::Workload => "the workload".to_owned(),
            Self::Target => "the window that the work needs".to_owned(),
            Self::Window => "the window that the model was trained on".to_owned(),
            Self::Tolerance => "which errors can be borne".to_owned(),
            Self::Adapted => "what adaptation was tried".to_owned(),
            Self::Corpus => "which long documents there are to train on".to_owned(),
            Self::RulerInside => "RULER at the present window".to_owned(),
            Self::RulerShort => "RULER, all tasks, at a short length".to_owned(),
            Self::Ruler(category) => format!("RULER, {}, at the target", category.name()),
            Self::Direct => "LongBench v2, direct".to_owned(),
            Self::LongTexts => "LongBench v2 on its long texts".to_owned(),
            Self::Cot => "LongBench v2 with a chain of thought".to_owned(),
            Self::NoContext => "LongBench v2 without the texts".to_owned(),
            Self::HardBefore => "RULER's harder tasks before the adaptation".to_owned(),
            Self::ComprehensionBefore => "LongBench v2 before the adaptation".to_owned(),
        }
    }

    /// Whether it is missing, and means anything.
    pub(super) fn is_open(self, evidence: &Evidence, thresholds: &Thresholds) -> bool {
        let facts = || Facts::of(evidence, thresholds);
        let share = |reading, length| evidence.longbench_at(reading, None, length).is_some();
        match self {
            Self::Workload => evidence.workload.is_none(),
            Self::Target => evidence.target().is_none(),
            Self::Window => evidence.window().is_none(),
            Self::Tolerance => evidence.tolerance.is_none(),
            Self::Adapted => evidence.adaptation.is_none(),
            Self::Corpus => evidence.corpus.is_none(),
            Self::RulerInside => {
                let short = evidence.window().is_some() && evidence.target() > evidence.window();
                short && facts().inside().is_none()
            }
            Self::RulerShort => facts().shortest().is_some_and(|at| at.overall.is_none()),
            Self::Ruler(category) => {
                let known = facts().at_target.and_then(|at| at.of(category));
                evidence.target().is_some() && known.is_none()
            }
            Self::Direct => !share(Reading::Direct, None) && !share(Reading::Cot, None),
            Self::LongTexts => {
                let beyond = evidence.target() > evidence.window();
                beyond && !share(Reading::Direct, Some(LengthClass::Long))
            }
            Self::Cot => !share(Reading::Cot, None),
            Self::NoContext => !share(Reading::NoContext, None),
            Self::HardBefore => adapted(evidence) && evidence.before.hard.is_none(),
            Self::ComprehensionBefore => adapted(evidence) && evidence.before.longbench.is_none(),
        }
    }

    /// The evidence with it known, once for each answer; for a figure its lowest and its highest.
    pub(super) fn options(
        self,
        evidence: &Evidence,
        thresholds: &Thresholds,
    ) -> Vec<(String, Evidence)> {
        let with = |given: &str, set: &dyn Fn(&mut Evidence)| {
            let mut filled = evidence.clone();
            set(&mut filled);
            (given.to_owned(), filled)
        };
        let window = evidence.window().unwrap_or(Tokens(8_192));
        let target = evidence.target().unwrap_or(window);
        let ends = |low: f64, high: f64, set: &dyn Fn(&mut Evidence, f64)| {
            vec![
                with(&format!("as bad as {low:.1}"), &|one| set(one, low)),
                with(&format!("as good as {high:.1}"), &|one| set(one, high)),
            ]
        };
        match self {
            Self::Workload => {
                let all = Workload::ALL
                    .map(|workload| with(workload.name(), &|one| one.workload = Some(workload)));
                all.into()
            }
            Self::Target => vec![
                with("within the present window", &|one| {
                    one.target_window = Some(window);
                }),
                with("four times the present window", &|one| {
                    one.target_window = Some(Tokens(window.0.saturating_mul(4)));
                }),
            ],
            Self::Window => vec![
                with("shorter than the target", &|one| {
                    one.trained_window = Some(Tokens((target.0 / 4).max(1)));
                }),
                with("the target's", &|one| one.trained_window = Some(target)),
            ],
            Self::Tolerance => vec![
                with("some misses", &|one| {
                    one.tolerance = Some(Tolerance::SomeMisses);
                }),
                with("no more than people make", &|one| {
                    one.tolerance = Some(Tolerance::HumanLevel);
                }),
            ],
            Self::Adapted => vec![
                with("nothing", &|one| one.adaptation = Some(Adaptation::None)),
                with("an extension", &|one| {
                    one.adaptation = Some(Adaptation::Extended);
                }),
                with("continued pretraining", &|one| {
                    one.adaptation = Some(Adaptation::Continued);
                }),
            ],
            Self::Corpus => vec![
                with("none", &|one| one.corpus = Some(Corpus::None)),
                with("of the work's kind", &|one| {
                    one.corpus = Some(Corpus::Domain);
                }),
            ],
            Self::RulerInside => ends(0.0, 100.0, &|one, value| {
                one.ruler.push(exact(None, window, value));
            }),
            Self::RulerShort => {
                let facts = Facts::of(evidence, thresholds);
                let shortest = facts.shortest().map_or(target, |at| at.length);
                let (low, high) = facts.shortest().map_or((0.0, 100.0), whole);
                // The categories and not their mean, so that what follows from them at the target
                // fits.
                let known = facts.shortest().map_or([None; 5], |at| at.categories);
                let fill = |one: &mut Evidence, value| {
                    for (category, known) in Category::ALL.into_iter().zip(known).take(4) {
                        if known.is_none() {
                            one.ruler.push(exact(Some(category), shortest, value));
                        }
                    }
                };
                vec![
                    with(&format!("as bad as {low:.1}"), &|one| fill(one, 0.0)),
                    with(&format!("as good as {high:.1}"), &|one| fill(one, 100.0)),
                ]
            }
            Self::Ruler(category) => {
                let facts = Facts::of(evidence, thresholds);
                let (low, high) = range(category, &facts, target);
                ends(low, high, &|one, value| {
                    one.ruler.push(exact(Some(category), target, value));
                })
            }
            Self::Direct => longbench(Reading::Direct, None, &ends),
            Self::LongTexts => longbench(Reading::Direct, Some(LengthClass::Long), &ends),
            Self::Cot => longbench(Reading::Cot, None, &ends),
            Self::NoContext => longbench(Reading::NoContext, None, &ends),
            Self::HardBefore => ends(0.0, 100.0, &|one, value| {
                one.before.hard = Some(fixed(value));
            }),
            Self::ComprehensionBefore => ends(0.0, 100.0, &|one, value| {
                one.before.longbench = Some(fixed(value));
            }),
        }
    }
}

type Ends<'a> = dyn Fn(f64, f64, &dyn Fn(&mut Evidence, f64)) -> Vec<(String, Evidence)> + 'a;

fn longbench(
    reading: Reading,
    length: Option<LengthClass>,
    ends: &Ends<'_>,
) -> Vec<(String, Evidence)> {
    ends(0.0, 100.0, &|one, value| {
        one.longbench.push(LongBenchFigure {
            reading,
            domain: None,
            length,
            value,
            n: None,
            low: Some(value),
            high: Some(value),
        });
    })
}

fn adapted(evidence: &Evidence) -> bool {
    evidence
        .adaptation
        .is_some_and(|one| one != Adaptation::None)
}

fn fixed(value: f64) -> Figure {
    Figure {
        value,
        n: None,
        low: Some(value),
        high: Some(value),
    }
}

fn exact(category: Option<Category>, length: Tokens, value: f64) -> RulerFigure {
    RulerFigure {
        category,
        length,
        value,
        n: None,
        low: Some(value),
        high: Some(value),
    }
}

/// What a category can be at the target, given the mean of all tasks and the other categories
/// there, and no better than at a shorter length.
///
/// # Formula
/// `t` tasks of the category, `u` of those not known, `s = 13 · mean - sum of the known`:
/// from `(s - 100 u) / t` to `s / t`, cut to 0 to 100.
fn range(category: Category, facts: &Facts, target: Tokens) -> (f64, f64) {
    let shorter = facts.ruler.iter().filter(|at| at.length < target);
    let best = shorter
        .filter_map(|at| at.of(category))
        .fold(100.0, f64::min);
    let found = facts
        .ruler
        .iter()
        .find(|at| super::facts::near(at.length, target));
    let Some((at, overall)) = found.and_then(|at| Some((at, at.overall?))) else {
        return (0.0, best);
    };
    let (tasks, known, rest) = parts(at, category);
    let left = 13.0 * overall - known;
    let low = ((left - 100.0 * rest) / tasks).clamp(0.0, 100.0);
    let high = (left / tasks).clamp(0.0, 100.0).min(best);
    (low.min(high), high)
}

/// The category's tasks, the sum over the known ones, and the tasks of the other unknown ones.
fn parts(at: &At, category: Category) -> (f64, f64, f64) {
    let (mut own, mut known, mut rest) = (1.0, 0.0, 0.0);
    for ((one, value), tasks) in Category::ALL.iter().zip(at.categories).zip(TASKS) {
        match value {
            _ if *one == category => own = tasks,
            Some(value) => known += value * tasks,
            None => rest += tasks,
        }
    }
    (own, known, rest)
}

/// Every gap whose answers do not all lead to the same. Where there is no verdict yet, one whose
/// answers lead to others under some completion of the rest: what is asked first is then named too.
pub(super) fn missing(
    evidence: &Evidence,
    thresholds: &Thresholds,
    step: Option<Step>,
) -> Vec<Missing> {
    let open = Gap::ALL
        .into_iter()
        .filter(|gap| gap.is_open(evidence, thresholds));
    let missing = open.filter_map(|gap| {
        let options = gap.options(evidence, thresholds).into_iter();
        let outcomes = options.map(|(given, filled)| {
            let drawn = drawn(&filled, thresholds);
            let outcome = Outcome {
                given,
                verdict: verdict(&filled, thresholds),
                possible: possible(&drawn),
            };
            (outcome, drawn)
        });
        let outcomes: Vec<(Outcome, Vec<Option<Step>>)> = outcomes.collect();
        let (first, rest) = outcomes.first()?;
        let alike = outcomes.iter().all(|(one, drawn)| {
            let none_yet = step.is_some() && one.verdict.is_none();
            (none_yet || Step::same(one.verdict, step))
                && first.possible == one.possible
                && (step.is_some() || rest == drawn)
        });
        (!alike).then(|| Missing {
            what: gap.what(),
            outcomes: outcomes.into_iter().map(|(outcome, _)| outcome).collect(),
        })
    });
    missing.collect()
}

/// The verdicts under joint completions of what is missing still, the same for each answer.
fn drawn(filled: &Evidence, thresholds: &Thresholds) -> Vec<Option<Step>> {
    let whole = |draw| completed(filled.clone(), thresholds, draw);
    (0..TRIES)
        .map(|draw| verdict(&whole(draw), thresholds))
        .collect()
}

fn possible(drawn: &[Option<Step>]) -> Vec<Step> {
    let mut possible: Vec<Step> = drawn.iter().flatten().copied().collect();
    possible.sort_unstable();
    possible.dedup();
    possible
}
