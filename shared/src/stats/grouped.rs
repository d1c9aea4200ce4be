//! A weighted mean of the means of groups: thirteen tasks, several lengths.

use super::bootstrap::{DRAWS, Resampled, percentiles};
use super::{Estimate, Interval, Method, Summary, wilson::wilson};

/// The scores of one group and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// How much its mean counts; weights are taken in proportion to their sum.
    pub weight: f64,
    /// Its scores, fractions.
    pub scores: &'a Resampled,
    /// Failures, which are not in the mean.
    pub failed: u32,
}

/// Sums up groups; an empty group, or none at all, has no mean.
///
/// # Formula
/// `sum of weight * mean(values) / sum of weight`. Interval: the 2.5% and 97.5% quantiles of
/// 10,000 such means, each group drawn anew from itself with replacement (stratified percentile
/// bootstrap, Efron and Tibshirani 1993, chapter 8). The draws are the groups' own
/// [`means`](Resampled::means), each begun at another place, so that no two of a sum come from one
/// stream. Where all scores are 0 or all are 1, drawing again shows nothing: Wilson's interval for
/// `1 / sum of weight² / n` samples, the weights adding up to 1. A single group is summed up as any
/// set of scores; with several, no interval where one holds a single score, of whose spread nothing
/// is known.
pub fn summarise_groups(groups: &[Group<'_>]) -> Summary {
    let count = |sum: usize| u32::try_from(sum).unwrap_or(u32::MAX);
    let n = count(groups.iter().map(|group| group.scores.values().len()).sum());
    let failed = groups.iter().map(|group| group.failed).sum();
    let (mean, interval) = match groups {
        [only] => (only.scores.mean(), only.scores.interval_of_scores()),
        groups => {
            let mean = mean_of_groups(groups);
            (mean, mean.and_then(|_| interval(groups)))
        }
    };
    Summary {
        asked: n.saturating_add(failed),
        answered: n,
        failed,
        n,
        mean,
        interval,
    }
}

/// The mean of `first` minus that of `second`, and its 95% interval; nothing where either is empty.
///
/// # Formula
/// Both means as in [`summarise_groups`]. Interval: the 2.5% and 97.5% quantiles of 10,000
/// differences, every group drawn anew from itself. Where all scores of a side are 0 or all are 1,
/// drawing again shows nothing of it: then `d − √((m₁ − l₁)² + (u₂ − m₂)²)` to
/// `d + √((u₁ − m₁)² + (m₂ − l₂)²)` out of the intervals `l` to `u` of both sides (Newcombe,
/// Statistics in Medicine 17 (1998) 873–890, method 10). Golden: `stats/bootstrap.json` (scipy's
/// `bootstrap`, statsmodels' `confint_proportions_2indep`).
pub fn contrast(first: &[Group<'_>], second: &[Group<'_>]) -> Option<Estimate> {
    let value = mean_of_groups(first)? - mean_of_groups(second)?;
    let constant = |groups: &[Group<'_>]| all(groups, 0.0) || all(groups, 1.0);
    let interval = if constant(first) || constant(second) {
        newcombe(&summarise_groups(first), &summarise_groups(second))
    } else if thin(first) || thin(second) {
        None
    } else {
        let both: Vec<_> = weighted(first, 1.0).chain(weighted(second, -1.0)).collect();
        Some(percentiles(sums(&both), Method::Bootstrap))
    };
    Some(Estimate { value, interval })
}

fn newcombe(first: &Summary, second: &Summary) -> Option<Interval> {
    let (m1, m2) = (first.mean?, second.mean?);
    let (i1, i2) = (first.interval?, second.interval?);
    Some(Interval {
        low: m1 - m2 - (m1 - i1.low).hypot(i2.high - m2),
        high: m1 - m2 + (i1.high - m1).hypot(m2 - i2.low),
        level: 0.95,
        method: Method::Newcombe,
    })
}

/// The mean of [`summarise_groups`] alone, where the interval is not wanted.
pub fn mean_of_groups(groups: &[Group<'_>]) -> Option<f64> {
    let mut sum = 0.0;
    for group in groups {
        sum += group.weight * group.scores.mean()?;
    }
    (!groups.is_empty()).then(|| sum / total(groups))
}

fn total(groups: &[Group<'_>]) -> f64 {
    groups.iter().map(|group| group.weight).sum()
}

fn all(groups: &[Group<'_>], value: f64) -> bool {
    let mut groups = groups.iter();
    groups.all(|group| group.scores.values().iter().all(|v| *v == value))
}

fn thin(groups: &[Group<'_>]) -> bool {
    groups.iter().any(|group| group.scores.values().len() < 2)
}

fn interval(groups: &[Group<'_>]) -> Option<Interval> {
    let total = total(groups);
    if all(groups, 0.0) || all(groups, 1.0) {
        let shares = groups.iter().map(|group| {
            let weight = group.weight / total;
            weight * weight / group.scores.values().len() as f64
        });
        // A share is at least 1 / n, so this fits.
        let n = (1.0 / shares.sum::<f64>() + 1e-9) as u32;
        return wilson(if all(groups, 1.0) { n } else { 0 }, n);
    }
    if thin(groups) {
        return None;
    }
    let weighted: Vec<_> = weighted(groups, 1.0).collect();
    Some(percentiles(sums(&weighted), Method::Bootstrap))
}

/// Groups with weights that add up to `whole`.
fn weighted<'a>(groups: &[Group<'a>], whole: f64) -> impl Iterator<Item = (f64, &'a Resampled)> {
    let whole = whole / total(groups);
    groups
        .iter()
        .map(move |group| (group.weight * whole, group.scores))
}

/// The weighted sums of the groups' draws.
fn sums(groups: &[(f64, &Resampled)]) -> Vec<f64> {
    let mut sums = vec![0.0; DRAWS];
    for (number, (weight, scores)) in groups.iter().enumerate() {
        let begin = number * DRAWS / groups.len();
        let (before, from) = scores.means().split_at(begin);
        for (sum, mean) in sums.iter_mut().zip(from.iter().chain(before)) {
            *sum += weight * mean;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(weight: f64, scores: &Resampled) -> Group<'_> {
        Group {
            weight,
            scores,
            failed: 0,
        }
    }

    fn scores(values: &[f64]) -> Resampled {
        Resampled::new(values.to_vec())
    }

    #[test]
    fn groups_count_by_weight_and_not_by_size() {
        let (many, few) = (scores(&[1.0; 300]), scores(&[0.0, 0.5, 0.0, 0.5]));
        let got = summarise_groups(&[group(1.0, &many), group(3.0, &few)]);
        assert_eq!(got.mean, Some(0.4375));
        assert_eq!(got.answered, 304);
        let interval = got.interval.unwrap();
        assert!(interval.low < 0.35 && interval.high > 0.5, "{interval:?}");
    }

    #[test]
    fn thirteen_perfect_tasks_are_not_certain() {
        let (values, other) = (scores(&[1.0; 10]), scores(&[1.0; 20]));
        let got = summarise_groups(&[group(1.0, &values), group(1.0, &values)]);
        let interval = got.interval.unwrap();
        assert_eq!(Some(interval), wilson(20, 20));
        // Unequal groups are worth less than their sum.
        let got = summarise_groups(&[group(1.0, &values), group(1.0, &other)]);
        assert_eq!(got.interval, wilson(26, 26));
    }

    #[test]
    fn one_group_is_a_set_of_scores_and_one_score_has_no_spread() {
        let got = summarise_groups(&[group(5.0, &scores(&[1.0, 0.0, 0.0]))]);
        assert_eq!(got.interval, wilson(1, 3));
        let got = summarise_groups(&[
            group(1.0, &scores(&[1.0, 0.0])),
            group(1.0, &scores(&[1.0])),
        ]);
        assert_eq!((got.mean, got.interval), (Some(0.75), None));
    }

    #[test]
    fn an_empty_group_has_no_mean() {
        let got = summarise_groups(&[group(1.0, &scores(&[0.5, 1.0])), group(1.0, &scores(&[]))]);
        assert_eq!((got.mean, got.interval), (None, None));
        assert_eq!(summarise_groups(&[]).mean, None);
    }

    #[test]
    fn a_difference_of_groups_has_an_interval_of_its_own() {
        let (high, low) = (
            scores(&[1.0, 1.0, 0.5, 1.0, 1.0, 0.5]),
            scores(&[0.25, 0.5, 0.0, 0.25, 0.5, 0.0]),
        );
        let gap = contrast(&[group(1.0, &high)], &[group(1.0, &low)]).unwrap();
        let interval = gap.interval.unwrap();
        assert!((gap.value - (5.0 / 6.0 - 0.25)).abs() < 1e-12);
        assert!(interval.low > 0.3 && interval.high < 0.9, "{interval:?}");
        // A perfect side is not certain.
        let all = scores(&[1.0; 10]);
        let gap = contrast(&[group(1.0, &all)], &[group(1.0, &low)]).unwrap();
        assert_eq!(gap.interval.unwrap().method, Method::Newcombe);
        assert_eq!(contrast(&[], &[group(1.0, &low)]), None);
    }
    #[test]
    fn equal_groups_are_drawn_apart() {
        // Were both drawn by one stream, their mean would spread as much as either.
        let one: Vec<f64> = (0..60).map(|i| f64::from(i % 4) / 3.0).collect();
        let (first, second) = (scores(&one), scores(&one));
        let width = |interval: Option<Interval>| interval.map(|ends| ends.high - ends.low);
        let alone = width(first.interval()).unwrap();
        let both = [group(1.0, &first), group(1.0, &second)];
        let both = width(summarise_groups(&both).interval).unwrap();
        assert!(
            (alone / both - 2.0_f64.sqrt()).abs() < 0.06,
            "{}",
            alone / both
        );
    }

    #[derive(serde::Deserialize)]
    struct Ends {
        low: f64,
        high: f64,
        error: f64,
    }

    impl Ends {
        fn are(&self, got: Option<Interval>) {
            let got = got.unwrap();
            // An end of 10,000 draws has a standard error of 0.027 of the mean's own.
            let near = |got: f64, want: f64| (got - want).abs() < 0.15 * self.error;
            assert!(near(got.low, self.low), "{got:?} {}", self.low);
            assert!(near(got.high, self.high), "{got:?} {}", self.high);
        }
    }

    #[derive(serde::Deserialize)]
    struct Grouped {
        weights: Vec<f64>,
        values: Vec<Vec<f64>>,
        #[serde(flatten)]
        ends: Ends,
    }

    #[derive(serde::Deserialize)]
    struct Contrast {
        first: Vec<f64>,
        second: Vec<f64>,
        #[serde(flatten)]
        ends: Ends,
    }

    #[test]
    fn intervals_are_those_of_scipy_and_statsmodels() {
        #[derive(serde::Deserialize)]
        struct Golden {
            groups: Vec<Grouped>,
            contrast: Vec<Contrast>,
            newcombe: Vec<(usize, usize, usize, usize, f64, f64)>,
        }
        let golden = include_str!("../../../tests/golden/stats/bootstrap.json");
        let golden: Golden = serde_json::from_str(golden).unwrap();
        assert_eq!((golden.groups.len(), golden.contrast.len()), (2, 2));
        for case in golden.groups {
            let values: Vec<Resampled> = case.values.into_iter().map(Resampled::new).collect();
            let groups = case.weights.iter().zip(&values);
            let groups: Vec<_> = groups
                .map(|(weight, values)| group(*weight, values))
                .collect();
            case.ends.are(summarise_groups(&groups).interval);
        }
        for case in golden.contrast {
            let (first, second) = (scores(&case.first), scores(&case.second));
            let found = contrast(&[group(1.0, &first)], &[group(1.0, &second)]).unwrap();
            case.ends.are(found.interval);
        }
        assert_eq!(golden.newcombe.len(), 5);
        for (hits, n, others, of, low, high) in golden.newcombe {
            let ones = |hits: usize, n: usize| {
                Resampled::new((0..n).map(|i| f64::from(u8::from(i < hits))).collect())
            };
            let (a, b) = (ones(hits, n), ones(others, of));
            let (a, b) = ([group(1.0, &a)], [group(1.0, &b)]);
            let found = newcombe(&summarise_groups(&a), &summarise_groups(&b)).unwrap();
            let off = (found.low - low).abs().max((found.high - high).abs());
            assert!(off < 1e-9, "{found:?} {low} {high}");
        }
    }
}
