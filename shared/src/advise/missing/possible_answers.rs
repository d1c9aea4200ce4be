//! Possible values of a missing piece: one per answer, or for a figure, values that models reach.

use super::category_bounds::range;
use super::kind::{MissingKind, is_doubtful, only_long};
use crate::advise::costs::ModelDimensions;
use crate::advise::derived_facts::EvidenceFacts;
use crate::advise::evidence::{
    ErrorTolerance, Evidence, LongBenchFigure, LongBenchMode, PercentFigure, PositionFixFigure,
    PositionFixMethod, PriorAdaptation, RulerFigure, TrainingCorpus, Workload,
};
use crate::advise::sentences::short;
use crate::advise::thresholds::Thresholds;
use crate::longbench::LengthClass;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

impl MissingKind {
    /// The evidence with it known, once for each answer; for a figure, once for each side of the limits at
    /// which rules turn.
    pub(in crate::advise) fn options(
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
        // A value on each side of a limit at which rules turn.
        let sides = |limit: f64, values: (f64, f64), set: &dyn Fn(&mut Evidence, f64)| {
            vec![
                with(&format!("if below {limit:.1}"), &|one| set(one, values.0)),
                with(&format!("if {limit:.1} or more"), &|one| set(one, values.1)),
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
                with("as long as the target", &|one| {
                    one.trained_window = Some(target);
                }),
            ],
            Self::Tolerance => vec![
                with("some misses", &|one| {
                    one.tolerance = Some(ErrorTolerance::SomeMisses);
                }),
                with("no more errors than people make", &|one| {
                    one.tolerance = Some(ErrorTolerance::HumanLevel);
                }),
            ],
            Self::Adapted => vec![
                with("nothing", &|one| {
                    one.adaptation = Some(PriorAdaptation::None);
                }),
                with("an extension", &|one| {
                    one.adaptation = Some(PriorAdaptation::Extended);
                }),
                with("continued pretraining", &|one| {
                    one.adaptation = Some(PriorAdaptation::Continued);
                }),
            ],
            Self::Corpus => vec![
                with("none", &|one| one.corpus = Some(TrainingCorpus::None)),
                with("of other kinds", &|one| {
                    one.corpus = Some(TrainingCorpus::General);
                }),
                with("of the work's own kind", &|one| {
                    one.corpus = Some(TrainingCorpus::Domain);
                }),
            ],
            Self::DomainCorpus => vec![
                with("no", &|_| {}),
                with("yes", &|one| one.corpus = Some(TrainingCorpus::Domain)),
            ],
            Self::RulerInside if is_doubtful(evidence, thresholds) => {
                let needles = |best| {
                    let mut filled = evidence.clone();
                    needles_inside(&mut filled, thresholds, best);
                    filled
                };
                vec![
                    (
                        "needles as low as the mean allows".to_owned(),
                        needles(false),
                    ),
                    (
                        "needles as high as the mean allows".to_owned(),
                        needles(true),
                    ),
                ]
            }
            Self::RulerInside => sides(thresholds.acceptable, (LOST, READ), &|one, value| {
                one.ruler.push(exact(None, window, value));
            }),
            Self::Size => [8e9, 70e9]
                .map(|size| {
                    with(&format!("{:.0}B parameters", size / 1e9), &|one| {
                        one.model = Some(ModelDimensions::of_size(size));
                    })
                })
                .into(),
            Self::People => {
                let own = evidence.production.map_or(50.0, |one| one.value);
                let set = |one: &mut Evidence, value: f64| {
                    one.human = Some(PercentFigure::exact(value.clamp(0.0, 100.0)));
                };
                vec![
                    with("10 points below the model", &|one| set(one, own - 10.0)),
                    with("15 points above the model", &|one| set(one, own + 15.0)),
                ]
            }
            Self::RulerShort if only_long(&EvidenceFacts::of(evidence, thresholds)) => {
                let facts = EvidenceFacts::of(evidence, thresholds);
                let fill = |one: &mut Evidence, value: Option<f64>| {
                    let known = facts.at_target.map_or([None; 5], |at| at.categories);
                    let known = RulerCategory::ALL.into_iter().map(Some).zip(known);
                    let mean = facts.at_target.and_then(|at| at.overall);
                    for (category, known) in known.chain([(None, mean)]) {
                        if let Some(known) = known {
                            let value = value.map_or(known, |value| value.max(known));
                            one.ruler.push(exact(category, SHORT, value));
                        }
                    }
                };
                vec![
                    with("as low as at the target", &|one| fill(one, None)),
                    with("read well", &|one| fill(one, Some(97.0))),
                ]
            }
            Self::RulerBetween => {
                let facts = EvidenceFacts::of(evidence, thresholds);
                let between = facts.between(thresholds);
                let ends = facts.shorter().copied().zip(facts.at_target);
                let fill = |one: &mut Evidence, bit_by_bit: bool| {
                    let Some((first, last)) = ends else {
                        return;
                    };
                    let whole = [(None, (first.overall, last.overall))];
                    let parts = first.categories.into_iter().zip(last.categories);
                    let parts = RulerCategory::ALL.into_iter().map(Some).zip(parts);
                    for (category, pair) in parts.chain(whole) {
                        let (Some(from), Some(to)) = pair else {
                            continue;
                        };
                        for (place, length) in between.iter().enumerate() {
                            let part = (place as f64 + 1.0) / (between.len() as f64 + 1.0);
                            let part = if bit_by_bit { part } else { 0.0 };
                            let value = from + part * (to - from);
                            one.ruler.push(exact(category, *length, value));
                        }
                    }
                };
                let last = between.last().copied().unwrap_or(target);
                let holds = format!("read well up to {}", short(last));
                vec![
                    with(&holds, &|one| fill(one, false)),
                    with("lost gradually", &|one| fill(one, true)),
                ]
            }
            Self::RulerShort => {
                let facts = EvidenceFacts::of(evidence, thresholds);
                let shortest = facts.shortest().map_or(target, |at| at.length);
                // The categories and not their mean, so that they stay consistent with the target.
                let known = facts.shortest().map_or([None; 5], |at| at.categories);
                let fill = |one: &mut Evidence, value| {
                    for (category, known) in RulerCategory::ALL.into_iter().zip(known).take(4) {
                        if known.is_none() {
                            one.ruler.push(exact(Some(category), shortest, value));
                        }
                    }
                };
                vec![
                    with("the unknown tasks are lost there too", &|one| {
                        fill(one, LOST);
                    }),
                    with("the unknown tasks are read well there", &|one| {
                        fill(one, READ);
                    }),
                ]
            }
            Self::Ruler(category) => {
                let facts = EvidenceFacts::of(evidence, thresholds);
                let (low, high) = range(category, &facts, target);
                let good = thresholds.good(category);
                let set = |one: &mut Evidence, value| {
                    one.ruler.push(exact(Some(category), target, value));
                };
                if low < good && good < high {
                    return sides(good, (LOST.max(low), READ.min(high)), &set);
                }
                vec![
                    with(&format!("{low:.1} at least"), &|one| set(one, low)),
                    with(&format!("{high:.1} at most"), &|one| set(one, high)),
                ]
            }
            Self::Direct => questions(LongBenchMode::Direct, evidence, thresholds),
            Self::Cot => questions(LongBenchMode::Cot, evidence, thresholds),
            Self::LongTexts => {
                let low = thresholds.comprehension - thresholds.materially;
                sides(low, (low - 7.0, low + 7.0), &|one, value| {
                    let part = (None, Some(LengthClass::Long));
                    let figure = PercentFigure::exact(value);
                    let figure = LongBenchFigure::of(LongBenchMode::Direct, part, figure);
                    one.longbench.push(figure);
                })
            }
            Self::NoContext => {
                let told = EvidenceFacts::of(evidence, thresholds).as_told;
                let set = |one: &mut Evidence, value| {
                    let figure = PercentFigure::exact(value);
                    let part = (None, None);
                    let figure = LongBenchFigure::of(LongBenchMode::NoContext, part, figure);
                    one.longbench.push(figure);
                };
                vec![
                    with("near chance", &|one| set(one, thresholds.chance)),
                    with("as good as with the text", &|one| {
                        set(one, told.unwrap_or(thresholds.comprehension));
                    }),
                ]
            }
            Self::Rag => {
                let told = EvidenceFacts::of(evidence, thresholds)
                    .as_told
                    .unwrap_or(50.0);
                let asked = [LongBenchMode::Direct, LongBenchMode::Cot];
                let asked = asked
                    .iter()
                    .any(|one| evidence.longbench_at(*one, None, None).is_some());
                let set = |one: &mut Evidence, value| {
                    let mut push = |reading, value| {
                        let figure = PercentFigure::exact(value);
                        let figure = LongBenchFigure::of(reading, (None, None), figure);
                        one.longbench.push(figure);
                    };
                    push(LongBenchMode::Rag, value);
                    if !asked {
                        push(LongBenchMode::Direct, told);
                    }
                };
                vec![
                    with("worse than the whole text", &|one| set(one, told - 10.0)),
                    with("as good as the whole text", &|one| set(one, told)),
                ]
            }
            Self::Holdouts => {
                let people = evidence.human.unwrap_or(PercentFigure::exact(70.0));
                let set = |one: &mut Evidence, away: f64| {
                    let value = (people.value + away).clamp(0.0, 100.0);
                    one.production = Some(PercentFigure::exact(value));
                    one.human = Some(people);
                };
                vec![
                    with("20 points below people", &|one| set(one, -20.0)),
                    with("as good as people", &|one| set(one, 3.0)),
                ]
            }
            Self::PositionFix => {
                let facts = EvidenceFacts::of(evidence, thresholds);
                vec![
                    with("it restores nothing", &|one| fix(one, &facts, None)),
                    with("it restores what was lost", &|one| {
                        fix(one, &facts, Some(95.0));
                    }),
                ]
            }
            Self::HardBefore => {
                let today = EvidenceFacts::of(evidence, thresholds).at_target;
                let today = today.and_then(|at| at.hard()).unwrap_or(LOST);
                before(today, &|given, value| {
                    with(given, &|one| one.before.hard = Some(value))
                })
            }
            Self::ComprehensionBefore => {
                let today = EvidenceFacts::of(evidence, thresholds).as_used;
                let today = today.unwrap_or(thresholds.comprehension);
                before(today, &|given, value| {
                    with(given, &|one| one.before.longbench = Some(value))
                })
            }
        }
    }
}

/// The short length that is measured if none was.
const SHORT: Tokens = Tokens(4_096);

/// What a task of RULER may reach if it is lost, and if it is read well.
const LOST: f64 = 60.0;
const READ: f64 = 98.0;

/// Scores that models reach on LongBench v2: below what is expected, about that, above people.
fn questions(
    reading: LongBenchMode,
    evidence: &Evidence,
    thresholds: &Thresholds,
) -> Vec<(String, Evidence)> {
    let low = thresholds.comprehension - thresholds.materially;
    let people = EvidenceFacts::of(evidence, thresholds).human.max(low);
    // Thinking first may also add nothing.
    let direct = evidence.longbench_at(LongBenchMode::Direct, None, None);
    let least = direct.map_or(low - 7.0, |direct| direct.min(low - 7.0));
    let answers = [
        (format!("if below {low:.1}"), least),
        (
            format!("if {low:.1} to {people:.1}"),
            f64::midpoint(low, people),
        ),
        (format!("if above {people:.1}"), people + 4.0),
    ];
    let filled = answers.into_iter().map(|(given, value)| {
        let mut filled = evidence.clone();
        let figure = PercentFigure::exact(value.clamp(0.0, 100.0));
        let figure = LongBenchFigure::of(reading, (None, None), figure);
        filled.longbench.push(figure);
        (given, filled)
    });
    filled.collect()
}

/// A figure before an adaptation: lower than today, or as high.
fn before(
    today: f64,
    with: &dyn Fn(&str, PercentFigure) -> (String, Evidence),
) -> Vec<(String, Evidence)> {
    vec![
        with(
            "10 points lower than today",
            PercentFigure::exact((today - 10.0).max(0.0)),
        ),
        with("as high as today", PercentFigure::exact(today)),
    ]
}

/// A fix tried on everything known at the target, each with this value, or unchanged.
fn fix(evidence: &mut Evidence, facts: &EvidenceFacts, value: Option<f64>) {
    let Some(at) = facts.at_target else {
        return;
    };
    let parts = RulerCategory::ALL.into_iter().map(Some).zip(at.categories);
    for (category, known) in parts.chain([(None, at.overall)]) {
        if let Some(known) = known {
            let value = value.map_or(known, |value| value.max(known));
            let figure = PercentFigure::exact(value);
            let fix = PositionFixFigure::of(PositionFixMethod::String, category, at.length, figure);
            evidence.position_fix.push(fix);
        }
    }
}

fn exact(category: Option<RulerCategory>, length: Tokens, value: f64) -> RulerFigure {
    RulerFigure::of(category, length, PercentFigure::exact(value))
}

/// The unknown needles at the present window, at the ends of what its mean allows.
fn needles_inside(evidence: &mut Evidence, thresholds: &Thresholds, best: bool) {
    for category in [RulerCategory::SingleNeedle, RulerCategory::MultiNeedle] {
        let facts = EvidenceFacts::of(evidence, thresholds);
        let Some(inside) = facts.inside().filter(|at| at.of(category).is_none()) else {
            continue;
        };
        let (low, high) = range(category, &facts, inside.length);
        let value = if best { high } else { low };
        evidence
            .ruler
            .push(exact(Some(category), inside.length, value));
    }
}
