//! The figures behind a condition, for a reader.

use super::difference::{self, gain, is_assumed, thinking_gain};
use super::losses::{loss, losses, lost_short, name_at, value_of};
use super::{Condition, ConditionContext};
use crate::advise::chain::{HOPS, chain_success};
use crate::advise::evidence::LongBenchMode;
use crate::advise::facts::{MULTI_DOCUMENT, RULER_TASKS, RulerAtLength, all_tasks, mean_of, near};
use crate::chart::length_name;
use crate::task::RulerCategory;

impl Condition {
    /// The figures that a condition looked at, in words; none where it is a choice of the user's.
    pub(in crate::advise) fn told(self, at: &ConditionContext<'_>) -> Vec<String> {
        let (facts, limits) = (&at.facts, at.thresholds);
        let ruler = |name: &str, value: Option<f64>, good: f64| {
            let length = facts.at_target.map(|target| target.length);
            match (value, length) {
                (Some(value), Some(length)) => {
                    format!(
                        "RULER {name} {value:.1} at {length:#} ({})",
                        against(value, good)
                    )
                }
                _ => String::new(),
            }
        };
        let target = facts.at_target.as_ref();
        let category = |category: RulerCategory| {
            let value = target.and_then(|target| target.of(category));
            let lost = loss(at, Some(category));
            let name = || target.map(|target| name_at(at, target, Some(category)));
            lost.unwrap_or_else(|| ruler(&name().unwrap_or_default(), value, limits.good(category)))
        };
        let needle = category(RulerCategory::SingleNeedle);
        let several = category(RulerCategory::MultiNeedle);
        let hop = category(RulerCategory::MultiHop);
        let counted = category(RulerCategory::Aggregation);
        let answers = category(RulerCategory::QuestionAnswering);
        let overall = loss(at, None).unwrap_or_else(|| {
            let mean = target.and_then(|target| target.overall);
            let name = target.map(|target| name_at(at, target, None));
            ruler(&name.unwrap_or_default(), mean, limits.acceptable)
        });
        let share = |name: &str, value: Option<f64>| {
            value.map_or_else(String::new, |value| {
                format!("LongBench v2 {name} {value:.1}")
            })
        };
        // As it would be used today, by the name of that way of answering.
        let used = || {
            let direct = at.evidence.longbench_at(LongBenchMode::Direct, None, None);
            match direct {
                Some(direct) => share("direct", Some(direct)),
                None => share("with a chain of thought", facts.as_told),
            }
        };
        let adds = |with: LongBenchMode| {
            let both = [with, LongBenchMode::Direct];
            let told = difference::told(gain(at, both[0], both[1]), is_assumed(at, both));
            match told.is_empty() {
                true => told,
                false => format!("{} {told}", with.name()),
            }
        };
        let mut parts: Vec<String> = match self {
            Self::WindowShort | Self::WindowCovers => vec![windows(at)],
            Self::RulerHolds | Self::RulerFails => vec![overall],
            Self::InsideHolds
            | Self::InsideFails
            | Self::InsideDoubtful
            | Self::DropsPastWindow => vec![inside(at)],
            // Where neither is known the mean of all tasks told it.
            Self::RetrievalHolds | Self::RetrievalFails => {
                match target.and_then(|target| target.overall) {
                    Some(mean) if needle.is_empty() && several.is_empty() => {
                        vec![overall, needles_of_mean(target, mean)]
                    }
                    _ => vec![needle, several],
                }
            }
            Self::NeedleDisagrees => vec![needle, several, hop, counted, answers, overall],
            Self::WindowEndsEarly => vec![cliff(at)],
            Self::NeedleStrong | Self::NeedleOnly => vec![needle],
            Self::NeedleAtLeastMultiHop => vec![needle, hop],
            Self::MultiHopFails => vec![hop],
            Self::AggregationFails => vec![counted],
            Self::HardFails => vec![hop, counted, chain(at)],
            Self::HardHolds | Self::HardFlat | Self::WindowGainOnly => vec![hop, counted],
            Self::Degrades | Self::DegradesUnacceptably | Self::LostWithLength => losses(at),
            Self::FixHelps => fixes(at, at.thresholds.drop),
            Self::FixFails | Self::ScalingFails => fixes(at, f64::NEG_INFINITY),
            Self::TaskLostAtShort => lost_short(at),
            Self::NeedlesLostWithLength => vec![needle, several],
            Self::DepthDependent => vec![depths(at)],
            Self::RulerFlat
            | Self::NothingDegrades
            | Self::GradualLoss
            | Self::DegradesAtModerate
            | Self::BroadDegradation
            | Self::RetrievalAndHardFail
            | Self::ShortWorseThanLong
            | Self::ShortBroken => vec![curve(at)],
            Self::BelowHuman
            | Self::HumanMet
            | Self::HumanMetOrThinking
            | Self::OwnFallsShort
            | Self::BelowHumanEvenThinking
            | Self::AboutPeople
            | Self::AboutPeopleThinking
            | Self::HoldoutsHold => match facts.own {
                Some((own, people)) => vec![
                    format!("own hold-outs {own:.1}"),
                    format!("people on the same questions {people:.1}"),
                ],
                None => vec![used(), format!("people {:.1}", facts.human)],
            },
            Self::ComprehensionShort if facts.as_used.is_none() && facts.own.is_some() => {
                Self::BelowHuman.told(at)
            }
            Self::NearHuman | Self::ComprehensionShort => {
                vec![used(), format!("people {:.1}", facts.human)]
            }
            Self::ComprehensionLow
            | Self::ComprehensionFarBelow
            | Self::NearChance
            | Self::BelowChance
            | Self::ComprehensionFlat => vec![used()],
            Self::DirectStalls => vec![
                share("direct", facts.direct),
                format!("best direct answers {:.1}", limits.best_direct),
            ],
            Self::MultiDocLow => {
                let domain =
                    at.evidence
                        .longbench_at(LongBenchMode::Direct, Some(MULTI_DOCUMENT), None);
                match domain {
                    Some(own) => vec![share("direct, about several documents,", Some(own))],
                    None => vec![used()],
                }
            }
            Self::LongLow | Self::LongHolds => vec![share("on long texts", facts.long)],
            Self::CotRecovers
            | Self::CotFails
            | Self::ThinkingGap
            | Self::ThinkingFlat
            | Self::ThinkingCosts
            | Self::CotAboveHuman
            | Self::CotBelowHuman => {
                let both = [LongBenchMode::Cot, LongBenchMode::Direct];
                let paired = at.evidence.thinking_gain.is_some();
                let gain = difference::told(thinking_gain(at), !paired && is_assumed(at, both));
                let adds = match gain.is_empty() {
                    true => gain,
                    false => format!("with a chain of thought {gain}"),
                };
                vec![
                    share("direct", facts.direct),
                    share("with a chain of thought", facts.cot),
                    adds,
                ]
            }
            Self::NoContextEqualsFull | Self::TextHurts => vec![
                used(),
                share("without the text", facts.no_context),
                adds(LongBenchMode::NoContext),
            ],
            Self::TailEqualsFull => vec![
                used(),
                share("with the text's end alone", facts.tail),
                adds(LongBenchMode::TailOnly),
            ],
            Self::RagAtLeastFull | Self::RagBelowFull => vec![
                used(),
                share("with retrieved passages", facts.rag),
                adds(LongBenchMode::Rag),
            ],
            Self::ShortRegressed => {
                let value = |name: &str, figure: Option<super::super::evidence::PercentFigure>| {
                    figure.map_or_else(String::new, |one| format!("{name} {:.1}", one.value))
                };
                vec![
                    value("short texts before", at.evidence.before.short_context),
                    value("now", at.evidence.short_context),
                ]
            }
            Self::BudgetSmall => {
                let hours = at.evidence.budget_gpu_hours;
                vec![hours.map_or_else(String::new, |hours| format!("budget {hours:.0} GPU-hours"))]
            }
            Self::AlwaysThinks
            | Self::Lookup
            | Self::Synthesis
            | Self::LegalScientific
            | Self::DomainShifted
            | Self::SafetyCritical
            | Self::HighStakes
            | Self::DepthLow
            | Self::DepthMedium
            | Self::DepthHigh
            | Self::MissesAcceptable
            | Self::BelowHumanUnacceptable
            | Self::Target32kTo128k
            | Self::Target64kTo256k
            | Self::Target128kUp
            | Self::FixUntried
            | Self::RulerMeasured
            | Self::ExtendedBefore
            | Self::ContinuedBefore
            | Self::NoCorpus
            | Self::DomainCorpus
            | Self::NoDomainCorpus
            | Self::GeneralCorpusForDomain => Vec::new(),
        };
        parts.retain(|part| !part.is_empty());
        parts
    }
}

/// Which side of a limit a value lies on.
pub(super) fn against(value: f64, good: f64) -> String {
    match value < good {
        true => format!("below {good:.1}"),
        false => format!("good: {good:.1} and more"),
    }
}

fn windows(at: &ConditionContext<'_>) -> String {
    match (at.facts.target, at.facts.window) {
        (Some(target), Some(window)) => format!("target {target:#} and window {window:#} tokens"),
        _ => String::new(),
    }
}

fn inside(at: &ConditionContext<'_>) -> String {
    let Some(inside) = at.facts.inside() else {
        return String::new();
    };
    let value = inside
        .overall
        .map_or_else(|| "by category".to_owned(), |one| format!("{one:.1}"));
    format!(
        "RULER {} inside the window {value} at {:#}",
        inside.mean_name(),
        inside.length
    )
}

/// What the mean of all tasks leaves to the eight with needles.
///
/// # Formula
/// `(13 · mean − Σ t · value) / 8` over the other tasks that are known; the others count as 0.
fn needles_of_mean(target: Option<&RulerAtLength>, mean: f64) -> String {
    let tasks = |category: RulerCategory| category.tasks().map(|_| 1.0).sum::<f64>();
    let others = [
        RulerCategory::MultiHop,
        RulerCategory::Aggregation,
        RulerCategory::QuestionAnswering,
    ];
    let known = others.map(|category| {
        let value = target.and_then(|target| target.of(category));
        value.map(|value| value * tasks(category))
    });
    let rest = known.iter().flatten().sum::<f64>();
    let with_needles = tasks(RulerCategory::SingleNeedle) + tasks(RulerCategory::MultiNeedle);
    let needles = ((all_tasks() * mean - rest) / with_needles).clamp(0.0, 100.0);
    match known.iter().all(Option::is_some) {
        true => format!("which leaves its 8 tasks with needles a mean of {needles:.1}"),
        false => format!("which leaves its 8 tasks with needles a mean of {needles:.1} at most"),
    }
}

/// The curve, length by length.
fn curve(at: &ConditionContext<'_>) -> String {
    let parts = at.facts.ruler.iter().filter_map(|one| {
        let overall = one.overall?;
        Some(format!(
            "{overall:.1} at {}",
            length_name(one.length.0.into())
        ))
    });
    let parts: Vec<String> = parts.collect();
    match parts.is_empty() {
        true => String::new(),
        false => {
            let with_mean = at.facts.ruler.iter().filter(|one| one.overall.is_some());
            let fewest = with_mean.map(|one| one.tasks).min();
            format!(
                "RULER {} {}",
                mean_of(fewest.unwrap_or(RULER_TASKS)),
                parts.join(", ")
            )
        }
    }
}

/// What single retrievals alone would make of a chain, beside what was measured.
fn chain(at: &ConditionContext<'_>) -> String {
    let Some(target) = &at.facts.at_target else {
        return String::new();
    };
    let single = target.of(RulerCategory::SingleNeedle);
    match single.zip(target.of(RulerCategory::MultiHop)) {
        Some((single, hop)) if hop < at.thresholds.acceptable => format!(
            "a chain of {HOPS} hops would hold in {:.1} of 100 texts if finding single needles were all that limits it",
            chain_success(single, HOPS)
        ),
        _ => String::new(),
    }
}

fn cliff(at: &ConditionContext<'_>) -> String {
    at.facts.cliff.map_or_else(String::new, |cliff| {
        format!(
            "RULER {} {:.1} at {:#}, {:.1} at {:#}",
            mean_of(cliff.tasks),
            cliff.from,
            cliff.after,
            cliff.to,
            cliff.at
        )
    })
}

/// What was tried and gained so many points, each beside today.
fn fixes(at: &ConditionContext<'_>, least: f64) -> Vec<String> {
    let told = at.evidence.position_fix.iter().filter_map(|fix| {
        let today = at.facts.at_target.as_ref();
        let today = today.filter(|at| near(at.length, fix.length));
        let without = today.and_then(|at| value_of(at, fix.category));
        if without.is_some_and(|one| fix.value - one < least) {
            return None;
        }
        let name = match (fix.category, today) {
            (category, Some(today)) => name_at(at, today, category),
            (category, None) => category.map_or("mean", RulerCategory::name).to_owned(),
        };
        let (length, method) = (fix.length, fix.method.name());
        Some(match without {
            Some(without) => {
                let gained = fix.value - without;
                let way = if gained < 0.0 { "fewer" } else { "more" };
                let points = gained.abs();
                format!("RULER {name} at {length:#}: {points:.1} points {way} with {method}")
            }
            None => format!("RULER {name} at {length:#} with {method} {:.1}", fix.value),
        })
    });
    told.collect()
}

fn depths(at: &ConditionContext<'_>) -> String {
    let mut all: Vec<_> = at.evidence.by_depth.iter().collect();
    all.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    let told: Vec<String> = all
        .iter()
        .map(|one| format!("{:.0} at depth {:.0}%", one.value, one.depth))
        .collect();
    match told.is_empty() {
        true => String::new(),
        false => format!("found: {}", told.join(", ")),
    }
}
