//! The largest gains that were ever published for a position fix, and what no such gain restores.

use super::condition::ConditionContext;
use super::derived_facts::near;
use super::evidence::ReasoningDepth;
use super::sentences::short;
use crate::published::categories::{CategoryLine, board};
use crate::published::same_name;
use crate::task::RulerCategory;

/// Points that a position fix may gain on real texts: 15. Chosen: its authors report "over 10 points"
/// for STRING on InfiniteBench (arXiv 2410.18745).
const ON_REAL_TEXTS: f64 = 15.0;

/// What would still be lost with the largest gain that was published for a position fix.
pub(super) struct FixShortfall {
    /// In words: what falls short by how much, and what was gained elsewhere.
    says: String,
    /// Points that would still be missing.
    rest: f64,
}

impl FixShortfall {
    /// In words: `RULER aggregation is 40.6 points too low at the target, and …`.
    pub(super) fn says(&self) -> &str {
        &self.says
    }
}

/// What a position fix alone will not restore, by anything that was published, at the target or on the
/// own hold-outs: that of which most stays missing; `None` if a fix alone may be enough. For work that
/// only looks up passages, only needles count.
///
/// # Formula
/// `limit − end − gain ≥ thresholds.drop`, with the upper end of the figure's 95% interval (for the own
/// hold-outs, that of the difference from people) and the largest difference between a model with STRING
/// and without it as the gain: 43.2 points for needles, 36.4 for multi-hop tracing, 13.4 for
/// aggregation, 30.9 for the mean of all tasks. Source: arXiv 2410.18745.
pub(super) fn beyond_a_fix(at: &ConditionContext<'_>) -> Option<FixShortfall> {
    let mut all: Vec<FixShortfall> = Vec::new();
    let mut add =
        |value: Option<(f64, f64)>, limit: f64, gain: f64, says: &dyn Fn(f64) -> String| {
            let Some((value, top)) = value else {
                return;
            };
            let (missing, rest) = (limit - value, limit - top - gain);
            if rest >= at.thresholds.drop {
                all.push(FixShortfall {
                    says: says(missing),
                    rest,
                });
            }
        };
    let lookup = at.facts.depth == Some(ReasoningDepth::Low);
    let here = at.facts.at_target.as_ref();
    let assumed = at.thresholds.assumed_n;
    // A value, the end of its interval that lies nearest to enough, and where it was measured.
    let measured = |category: Option<RulerCategory>, value: Option<f64>| {
        let value = value?;
        let ruler = at.evidence.ruler.iter();
        let same = ruler.filter(|one| one.category == category && (one.value - value).abs() < 1e-9);
        let one = same.max_by_key(|one| one.length)?;
        let top = one.figure().interval(assumed).1;
        Some(((value, top), at.facts.where_is(Some(one.length))))
    };
    for (category, of) in PUBLISHED {
        if lookup && !is_needles(category) {
            continue;
        }
        let Some(gain) = largest_gain(of) else {
            continue;
        };
        let value = here.and_then(|here| here.of(category));
        let (value, length) = measured(Some(category), value).unzip();
        let (name, length) = (category.name(), length.unwrap_or_default());
        add(value, at.thresholds.good(category), gain, &|missing| {
            too_low(name, missing, gain, &length)
        });
    }
    // A mean says something only where no category does.
    let by_category = here.is_some_and(|here| here.categories.iter().any(Option::is_some));
    if let Some(gain) = largest_gain(|line| line.mean).filter(|_| !by_category && !lookup) {
        let (value, length) = measured(None, here.and_then(|here| here.overall)).unzip();
        let length = length.unwrap_or_default();
        add(value, at.thresholds.acceptable, gain, &|missing| {
            too_low("mean", missing, gain, &length)
        });
    }
    if let Some((own, people)) = at.evidence.own_and_people() {
        let half = |value: f64, end: f64| (end - value).abs();
        let away = libm::hypot(
            half(own.value, own.interval(assumed).1),
            half(people.value, people.interval(assumed).0),
        );
        let value = Some((own.value, own.value + away));
        add(value, people.value, ON_REAL_TEXTS, &|missing| {
            format!(
                "your own hold-outs are {missing:.1} points below people, and the gain that was published for real texts is a little over 10 (arXiv 2410.18745)"
            )
        });
    }
    all.into_iter().max_by(|a, b| a.rest.total_cmp(&b.rest))
}

/// What STRING was published to gain for this very model at the target, in words: `STRING raised RULER
/// mean of Qwen2-72B at 128K from 53.7 to 84.6 without training (arXiv 2410.18745)`. The mean if it gained
/// materially, else the category that gained most; `None` if nothing did, or if a fix of that kind was
/// tried or cannot be. For work that only looks up passages, only needles and the mean count.
pub(super) fn published_gain(at: &ConditionContext<'_>) -> Option<String> {
    let target = at.facts.target.filter(|_| at.evidence.fix_untried())?;
    let model = at.evidence.model.as_ref().map(|one| one.name.as_str());
    let named = [Some(at.evidence.name.as_str()), model];
    let this = |line: &CategoryLine| {
        let mut names = named.into_iter().flatten();
        names.any(|name| same_name(line.model, name)) && near(line.length, target)
    };
    let lines: Vec<CategoryLine> = board().into_iter().filter(this).collect();
    let with = lines.iter().find(|line| line.string)?;
    let without = lines.iter().find(|line| !line.string)?;
    let mut gains = vec![
        ("mean", without.mean, with.mean),
        ("needles", without.needles, with.needles),
    ];
    if at.facts.depth != Some(ReasoningDepth::Low) {
        gains.extend([
            ("multi-hop tracing", without.multi_hop, with.multi_hop),
            ("aggregation", without.aggregation, with.aggregation),
        ]);
    }
    gains.retain(|(_, from, to)| to - from >= at.thresholds.drop);
    let mean = gains.iter().find(|(what, ..)| *what == "mean").copied();
    let most = || {
        let all = gains.iter().copied();
        all.max_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)))
    };
    let (what, from, to) = mean.or_else(most)?;
    Some(format!(
        "STRING raised RULER {what} of {} at {} from {from:.1} to {to:.1} without training (arXiv 2410.18745)",
        with.model,
        short(with.length)
    ))
}

/// A category's mean in a line of published figures.
type CategoryMean = fn(&CategoryLine) -> f64;

/// RULER's categories that a position fix is meant for, and where the table of published figures has
/// them: both kinds of needles in one column.
const PUBLISHED: [(RulerCategory, CategoryMean); 4] = [
    (RulerCategory::SingleNeedle, |line| line.needles),
    (RulerCategory::MultiNeedle, |line| line.needles),
    (RulerCategory::MultiHop, |line| line.multi_hop),
    (RulerCategory::Aggregation, |line| line.aggregation),
];

fn is_needles(category: RulerCategory) -> bool {
    matches!(
        category,
        RulerCategory::SingleNeedle | RulerCategory::MultiNeedle
    )
}

fn too_low(name: &str, missing: f64, gain: f64, length: &str) -> String {
    format!(
        "RULER {name} is {missing:.1} points too low {length}, and the largest gain that was published for such a fix is {gain:.1} (arXiv 2410.18745)"
    )
}

/// The largest difference between a model with STRING and without it at the same length.
fn largest_gain(of: CategoryMean) -> Option<f64> {
    let lines = board();
    let with = lines.iter().filter(|line| line.string);
    let gains = with.filter_map(|with| {
        let same = |one: &&CategoryLine| {
            !one.string && one.model == with.model && one.length == with.length
        };
        Some(of(with) - of(lines.iter().find(same)?))
    });
    gains.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gains_are_those_of_the_paper() {
        let gains = [
            largest_gain(|line| line.needles),
            largest_gain(|line| line.multi_hop),
            largest_gain(|line| line.aggregation),
            largest_gain(|line| line.mean),
        ];
        let gains = gains.map(|gain| format!("{:.1}", gain.unwrap()));
        assert_eq!(gains, ["43.2", "36.4", "13.4", "30.9"]);
    }
}
