//! The figures behind a condition, in words.

use super::difference::{self, is_assumed};
use super::losses::{against, loss, losses, lost_short, low_alike, name_at, shortest, value_of};
use super::questions::{gain, thinking_gain};
use super::{ConditionContext, ConditionFigures};
use crate::advise::benchmarks::{MULTI_DOCUMENT, mean_of, needle_tasks, ruler_tasks, tasks_of};
use crate::advise::chain_probability::{HOPS, chain_success};
use crate::advise::derived_facts::{RulerAtLength, near};
use crate::advise::evidence::{LongBenchMode, PercentFigure};
use crate::advise::sentences::short;
use crate::task::RulerCategory;

impl ConditionFigures {
    /// The figures in words.
    pub(in crate::advise) fn told(self, at: &ConditionContext<'_>) -> Vec<String> {
        let (facts, limits) = (&at.facts, at.thresholds);
        let ruler = |name: &str, value: Option<f64>, good: f64| {
            let length = facts.at_target.map(|target| target.length);
            match (value, length) {
                (Some(value), Some(length)) => {
                    format!(
                        "RULER {name} {value:.1} at {} ({})",
                        short(length),
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
        // As the model would be used today, named by that way of answering.
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
        let people = || match facts.own {
            Some((own, people)) => vec![
                format!("own hold-outs {own:.1}"),
                format!("people on the same questions {people:.1}"),
            ],
            None => vec![used(), format!("people {:.1}", facts.human)],
        };
        let mut parts: Vec<String> = match self {
            Self::Nothing => Vec::new(),
            Self::Windows => vec![windows(at)],
            Self::Cliff => vec![cliff(at)],
            Self::Inside => vec![inside(at)],
            Self::Mean => vec![overall],
            // If neither kind of needle is known, the mean of all tasks decided.
            Self::Needles => match target.and_then(|target| target.overall) {
                Some(mean) if needle.is_empty() && several.is_empty() => {
                    vec![overall, needles_of_mean(target, mean)]
                }
                _ => vec![needle, several],
            },
            Self::NeedlesByLength => vec![needle, several],
            Self::SingleNeedle => vec![needle],
            Self::NeedleAndHop => vec![needle, hop],
            Self::MultiHop => vec![hop],
            Self::Aggregation => vec![counted],
            Self::Hard | Self::HardBefore | Self::RetrievalBefore => vec![hop, counted],
            Self::HardAndChain => vec![hop, counted, chain(at)],
            Self::AllCategories => vec![needle, several, hop, counted, answers, overall],
            Self::Losses => losses(at),
            Self::LostAtShort => lost_short(at),
            Self::LowAlike => low_alike(at),
            Self::Shortest => shortest(at),
            Self::Curve => vec![curve(at)],
            Self::Depths => vec![depths(at)],
            Self::FixGains => fixes(at, at.thresholds.drop),
            Self::Fixes => fixes(at, f64::NEG_INFINITY),
            Self::People | Self::PeopleAndThinking | Self::PeopleOrThinking => people(),
            Self::UsedOrOwn if facts.as_used.is_none() && facts.own.is_some() => people(),
            Self::UsedOrOwn | Self::UsedAndPeople => {
                vec![used(), format!("people {:.1}", facts.human)]
            }
            Self::Used | Self::UsedBefore => vec![used()],
            Self::Direct => vec![
                share("direct", facts.direct),
                format!("best direct answers {:.1}", limits.best_direct),
            ],
            Self::MultiDocument => {
                let several = Some(MULTI_DOCUMENT);
                let domain = at
                    .evidence
                    .longbench_at(LongBenchMode::Direct, several, None);
                match domain {
                    Some(own) => vec![share("direct, about several documents,", Some(own))],
                    None => vec![used()],
                }
            }
            Self::LongTexts => vec![share("on long texts", facts.long)],
            Self::Thinking => {
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
            Self::NoContext => vec![
                used(),
                share("without the text", facts.no_context),
                adds(LongBenchMode::NoContext),
            ],
            Self::TailOnly => vec![
                used(),
                share("with the text's end alone", facts.tail),
                adds(LongBenchMode::TailOnly),
            ],
            Self::RagAndPeople => vec![
                share("with retrieved passages", facts.rag),
                format!("people {:.1}", facts.human),
            ],
            Self::Rag => vec![
                used(),
                share("with retrieved passages", facts.rag),
                adds(LongBenchMode::Rag),
            ],
            Self::ShortTexts => {
                let value = |name: &str, figure: Option<PercentFigure>| {
                    figure.map_or_else(String::new, |one| format!("{name} {:.1}", one.value))
                };
                vec![
                    value("short texts before", at.evidence.before.short_context),
                    value("now", at.evidence.short_context),
                ]
            }
            Self::Budget => {
                let hours = at.evidence.budget_gpu_hours;
                vec![hours.map_or_else(String::new, |hours| format!("budget {hours:.0} GPU-hours"))]
            }
        };
        parts.retain(|part| !part.is_empty());
        parts
    }
}

fn windows(at: &ConditionContext<'_>) -> String {
    match (at.facts.target, at.facts.window) {
        (Some(target), Some(window)) => format!(
            "target {} and window {} tokens",
            short(target),
            short(window)
        ),
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
        "RULER {} inside the window {value} at {}",
        inside.mean_name(),
        short(inside.length)
    )
}

/// The mean of the eight needle tasks that is implied by the mean of all tasks.
///
/// # Formula
/// `(13 · mean − Σ t · value) / 8` over the other tasks that are known; the others count as 0.
fn needles_of_mean(target: Option<&RulerAtLength>, mean: f64) -> String {
    let tasks = |category: RulerCategory| f64::from(tasks_of(&[category]));
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
    let (all, with_needles) = (ruler_tasks(), needle_tasks());
    let needles = ((f64::from(all) * mean - rest) / f64::from(with_needles)).clamp(0.0, 100.0);
    let most = match known.iter().all(Option::is_some) {
        true => "",
        false => " at most",
    };
    format!("which leaves its {with_needles} tasks with needles a mean of {needles:.1}{most}")
}

/// The curve, length by length.
fn curve(at: &ConditionContext<'_>) -> String {
    let parts = at.facts.ruler.iter().filter_map(|one| {
        let overall = one.overall?;
        Some(format!("{overall:.1} at {}", short(one.length)))
    });
    let parts: Vec<String> = parts.collect();
    match parts.is_empty() {
        true => String::new(),
        false => {
            let with_mean = at.facts.ruler.iter().filter(|one| one.overall.is_some());
            let fewest = with_mean.map(|one| one.tasks).min();
            format!(
                "RULER {} {}",
                mean_of(fewest.unwrap_or_else(ruler_tasks)),
                parts.join(", ")
            )
        }
    }
}

/// What single retrievals alone would imply for a chain, beside what was measured.
fn chain(at: &ConditionContext<'_>) -> String {
    let Some(target) = &at.facts.at_target else {
        return String::new();
    };
    let single = target.of(RulerCategory::SingleNeedle);
    match single.zip(target.of(RulerCategory::MultiHop)) {
        Some((single, hop)) if hop < at.thresholds.acceptable => format!(
            "a chain of {HOPS} hops would succeed in {:.1} of 100 texts if finding single needles were the only limit",
            chain_success(single, HOPS)
        ),
        _ => String::new(),
    }
}

fn cliff(at: &ConditionContext<'_>) -> String {
    at.facts.cliff.map_or_else(String::new, |cliff| {
        format!(
            "RULER {} {:.1} at {}, {:.1} at {}",
            mean_of(cliff.tasks),
            cliff.from,
            short(cliff.after),
            cliff.to,
            short(cliff.at)
        )
    })
}

/// The fixes that gained at least `least` points, each compared with today.
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
        let (length, method) = (short(fix.length), fix.method.name());
        Some(match without {
            Some(without) => {
                let gained = fix.value - without;
                let way = if gained < 0.0 { "fewer" } else { "more" };
                let points = gained.abs();
                format!("RULER {name} at {length}: {points:.1} points {way} with {method}")
            }
            None => format!("RULER {name} at {length} with {method} {:.1}", fix.value),
        })
    });
    told.collect()
}

fn depths(at: &ConditionContext<'_>) -> String {
    let mut all: Vec<_> = at.evidence.by_depth.iter().collect();
    all.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    let told: Vec<String> = all
        .iter()
        .map(|one| format!("{:.1} at depth {:.0}%", one.value, one.depth))
        .collect();
    match told.is_empty() {
        true => String::new(),
        false => format!("found: {}", told.join(", ")),
    }
}
