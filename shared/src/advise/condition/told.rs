//! The figures behind a condition, for a reader.

use super::{Condition, Context};
use crate::advise::chain::{HOPS, chain_success};
use crate::advise::facts::At;
use crate::chart::length_name;
use crate::task::Category;

impl Condition {
    /// The figures that a condition looked at, in words; none where it is a choice of the user's.
    pub(in crate::advise) fn told(self, at: &Context<'_>) -> Vec<String> {
        let (facts, limits) = (&at.facts, at.thresholds);
        let ruler = |name: &str, value: Option<f64>, good: f64| {
            let length = facts.at_target.map(|target| target.length);
            match (value, length) {
                (Some(value), Some(length)) => {
                    format!("RULER {name} {value:.1} at {length:#} (good: {good:.1} and more)")
                }
                _ => String::new(),
            }
        };
        let target = facts.at_target.as_ref();
        let category = |category: Category| {
            let value = target.and_then(|target| target.of(category));
            let lost = loss(at, Some(category));
            lost.unwrap_or_else(|| ruler(category.name(), value, limits.good(category)))
        };
        let needle = category(Category::SingleNeedle);
        let several = category(Category::MultiNeedle);
        let hop = category(Category::MultiHop);
        let counted = category(Category::Aggregation);
        let answers = category(Category::QuestionAnswering);
        let overall = ruler(
            "mean",
            target.and_then(|target| target.overall),
            limits.acceptable,
        );
        let share = |name: &str, value: Option<f64>| {
            value.map_or_else(String::new, |value| {
                format!("LongBench v2 {name} {value:.1}")
            })
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
                        let most = (13.0 * mean / 8.0).min(100.0);
                        vec![
                            overall,
                            format!("8 of its 13 tasks are needles: at most {most:.1} of these"),
                        ]
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
            Self::Degrades | Self::LostWithLength => losses(at),
            Self::FixHelps | Self::FixFails => fixes(at),
            Self::DepthDependent => vec![depths(at)],
            Self::RulerFlat
            | Self::DegradesAtModerate
            | Self::BroadDegradation
            | Self::RetrievalAndHardFail
            | Self::ShortWorseThanLong
            | Self::ShortBroken => vec![curve(at)],
            Self::BelowHuman
            | Self::HumanMet
            | Self::BelowHumanEvenThinking
            | Self::HoldoutsHold => {
                let own = at
                    .evidence
                    .production
                    .map(|one| format!("own hold-outs {:.1}", one.value));
                let used = share("as used", facts.as_used);
                vec![own.unwrap_or(used), format!("people {:.1}", facts.human)]
            }
            Self::NearHuman | Self::ComprehensionShort => {
                vec![
                    share("as used", facts.as_used),
                    format!("people {:.1}", facts.human),
                ]
            }
            Self::ComprehensionLow
            | Self::ComprehensionFarBelow
            | Self::NearChance
            | Self::BelowChance
            | Self::ComprehensionFlat => vec![share("as used", facts.as_used)],
            Self::DirectStalls => vec![
                share("direct", facts.direct),
                format!("best direct answers {:.1}", limits.best_direct),
            ],
            Self::MultiDocLow => vec![share(
                "about several documents, or overall",
                facts.multi_document,
            )],
            Self::LongLow | Self::LongHolds => vec![share("on long texts", facts.long)],
            Self::CotRecovers
            | Self::CotFails
            | Self::ThinkingGap
            | Self::CotAboveHuman
            | Self::CotBelowHuman => vec![
                share("direct", facts.direct),
                share("with a chain of thought", facts.cot),
            ],
            Self::NoContextEqualsFull => vec![
                share("as used", facts.as_told),
                share("without the text", facts.no_context),
            ],
            Self::TailEqualsFull => vec![
                share("as used", facts.as_used),
                share("with the text's end alone", facts.tail),
            ],
            Self::RagAtLeastFull | Self::RagBelowFull => vec![
                share("as used", facts.as_used),
                share("with retrieved passages", facts.rag),
            ],
            Self::ShortRegressed => {
                let value = |name: &str, figure: Option<super::super::evidence::Figure>| {
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
            Self::Lookup
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

fn windows(at: &Context<'_>) -> String {
    match (at.facts.target, at.facts.window) {
        (Some(target), Some(window)) => format!("target {target:#} and window {window:#} tokens"),
        _ => String::new(),
    }
}

fn inside(at: &Context<'_>) -> String {
    let Some(inside) = at.facts.inside() else {
        return String::new();
    };
    let value = inside
        .overall
        .map_or_else(|| "by category".to_owned(), |one| format!("{one:.1}"));
    format!("RULER inside the window {value} at {:#}", inside.length)
}

/// First and last of the curve.
fn curve(at: &Context<'_>) -> String {
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
        false => format!("RULER mean {}", parts.join(", ")),
    }
}

/// What single retrievals alone would make of a chain, beside what was measured.
fn chain(at: &Context<'_>) -> String {
    let Some(target) = &at.facts.at_target else {
        return String::new();
    };
    let single = target.of(Category::SingleNeedle);
    match single.zip(target.of(Category::MultiHop)) {
        Some((single, hop)) if hop < at.thresholds.acceptable => format!(
            "if only finding failed, {:.1} of 100 chains of {HOPS} hops would hold",
            chain_success(single, HOPS)
        ),
        _ => String::new(),
    }
}

fn cliff(at: &Context<'_>) -> String {
    at.facts.cliff.map_or_else(String::new, |cliff| {
        format!(
            "RULER {:.1} at {:#}, {:.1} at {:#}",
            cliff.from, cliff.after, cliff.to, cliff.at
        )
    })
}

/// What is lost from the shortest length to the target, each with the interval of its difference,
/// and what is below good models there.
fn losses(at: &Context<'_>) -> Vec<String> {
    let Some(last) = &at.facts.at_target else {
        return Vec::new();
    };
    let limits = at.thresholds;
    let parts = Category::ALL.into_iter().map(Some);
    let told = parts.chain([None]).filter_map(|category| {
        let good = category.map_or(limits.acceptable, |one| limits.good(one));
        loss(at, category).or_else(|| {
            let value = value_of(last, category).filter(|value| *value < good)?;
            let name = category.map_or("mean", Category::name);
            Some(format!(
                "RULER {name} {value:.1} at {:#} (good: {good:.1} and more)",
                last.length
            ))
        })
    });
    told.collect()
}

fn value_of(at: &At, category: Option<Category>) -> Option<f64> {
    match category {
        Some(category) => at.of(category),
        None => at.overall,
    }
}

/// A material loss from the shortest length to the target, with the interval of the difference.
fn loss(at: &Context<'_>, category: Option<Category>) -> Option<String> {
    let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
    let (from, to) = (value_of(first, category)?, value_of(last, category)?);
    if last.length <= first.length || from - to < at.thresholds.drop {
        return None;
    }
    let name = category.map_or("mean", Category::name);
    let ends = difference(at, category, first.length, last.length);
    let ends = ends.map_or_else(String::new, |(low, high)| {
        format!(" (95% interval {low:.0} to {high:.0})")
    });
    Some(format!(
        "RULER {name} loses {:.1} points from {from:.1} at {:#} to {to:.1} at {:#}{ends}",
        from - to,
        first.length,
        last.length
    ))
}

/// The 95% interval of the loss between two lengths.
///
/// # Formula
/// Newcombe's hybrid of the two intervals: `d ± √(δ₁² + δ₂²)` with the distances of the ends that
/// face away. Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
fn difference(
    at: &Context<'_>,
    category: Option<Category>,
    first: crate::tokens::Tokens,
    last: crate::tokens::Tokens,
) -> Option<(f64, f64)> {
    let figure = |length| {
        let mut found = at.evidence.ruler.iter();
        found.find(|one| one.length == length && one.category == category)
    };
    let (a, b) = (figure(first)?.figure(), figure(last)?.figure());
    let ((a_low, a_high), (b_low, b_high)) = (a.ends()?, b.ends()?);
    let lost = a.value - b.value;
    let below = libm::hypot(a.value - a_low, b_high - b.value);
    let above = libm::hypot(a_high - a.value, b.value - b_low);
    Some((lost - below, lost + above))
}

fn fixes(at: &Context<'_>) -> Vec<String> {
    let told = at.evidence.position_fix.iter().map(|fix| {
        let without = at.facts.unfixed.as_ref().and_then(|at| match fix.category {
            Some(category) => at.of(category),
            None => at.overall,
        });
        let without =
            without.map_or_else(String::new, |without| format!(" ({without:.1} without)"));
        format!("{}: {:.1}{without}", fix.what(), fix.value)
    });
    told.collect()
}

fn depths(at: &Context<'_>) -> String {
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
