//! The figures behind a condition, for a reader.

use super::{Condition, Context};
use crate::chart::length_name;
use crate::results::Category;

impl Condition {
    /// The figures that a condition looked at, in words; none where it is a choice of the user's.
    pub(in crate::advise) fn told(self, at: &Context<'_>) -> Vec<String> {
        let (facts, limits) = (&at.facts, at.thresholds);
        let ruler = |name: &str, value: Option<f64>| {
            let length = facts.at_target.map(|target| target.length);
            match (value, length) {
                (Some(value), Some(length)) => {
                    format!(
                        "RULER {name} {value:.1} at {length:#} (acceptable: {:.1})",
                        limits.acceptable
                    )
                }
                _ => String::new(),
            }
        };
        let target = facts.at_target.as_ref();
        let category = |category: Category| target.and_then(|target| target.of(category));
        let needle = ruler("single needle", category(Category::SingleNeedle));
        let several = ruler("multi needle", category(Category::MultiNeedle));
        let hop = ruler("multi-hop", category(Category::MultiHop));
        let counted = ruler("aggregation", category(Category::Aggregation));
        let overall = ruler("mean", target.and_then(|target| target.overall));
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
            Self::NeedleDisagrees => vec![needle, several, hop, counted, overall],
            Self::NeedleStrong | Self::NeedleOnly => vec![needle],
            Self::NeedleAtLeastMultiHop => vec![needle, hop],
            Self::MultiHopFails => vec![hop],
            Self::AggregationFails => vec![counted],
            Self::HardFails | Self::HardHolds | Self::HardFlat | Self::WindowGainOnly => {
                vec![hop, counted]
            }
            Self::Degrades
            | Self::RulerFlat
            | Self::DegradesAtModerate
            | Self::BroadDegradation
            | Self::RetrievalAndHardFail
            | Self::ShortBroken => vec![curve(at)],
            Self::BelowHuman | Self::HumanMet => {
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
            | Self::ComprehensionFlat => vec![share("as used", facts.as_used)],
            Self::DirectStalls => vec![
                share("direct", facts.direct),
                format!("best direct answers {:.1}", limits.best_direct),
            ],
            Self::MultiDocLow => vec![share(
                "about several documents (else overall)",
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
                share("as used", facts.as_used),
                share("without the text", facts.no_context),
            ],
            Self::TailEqualsFull => vec![
                share("as used", facts.as_used),
                share("with the text's end alone", facts.tail),
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
            _ => Vec::new(),
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
