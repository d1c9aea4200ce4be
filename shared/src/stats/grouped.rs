//! A weighted mean of the means of groups: thirteen tasks, several lengths.

use super::bootstrap::{DRAWS, SEED, below, quantile};
use super::summary::estimate;
use super::{Interval, Method, Summary, wilson::wilson};

/// The scores of one group and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// How much its mean counts; weights are taken in proportion to their sum.
    pub weight: f64,
    /// Its scores, fractions.
    pub values: &'a [f64],
    /// Failures, which are not in the mean.
    pub failed: u32,
}

/// Sums up groups; an empty group, or none at all, has no mean.
///
/// # Formula
/// `sum of weight * mean(values) / sum of weight`. Interval: the 2.5% and 97.5% quantiles of
/// 2,000 such means, each group drawn anew from itself with replacement (stratified percentile
/// bootstrap, Efron and Tibshirani 1993, chapter 8), from a fixed seed. Where all scores are 0 or
/// all are 1, drawing again shows nothing: Wilson's interval for `1 / sum of weight² / n` samples,
/// the weights adding up to 1. A single group is summed up as any set of scores; with several, no
/// interval where one holds a single score, of whose spread nothing is known.
pub fn summarise_groups(groups: &[Group<'_>]) -> Summary {
    let count = |sum: usize| u32::try_from(sum).unwrap_or(u32::MAX);
    let n = count(groups.iter().map(|group| group.values.len()).sum());
    let failed = groups.iter().map(|group| group.failed).sum();
    let (mean, interval) = match groups {
        [only] => estimate(only.values),
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
/// Both means as in [`summarise_groups`]. Interval: the 2.5% and 97.5% quantiles of 2,000
/// differences, every group drawn anew from itself. Where all scores of a side are 0 or all are 1,
/// drawing again shows nothing of it: then `d − √((m₁ − l₁)² + (u₂ − m₂)²)` to
/// `d + √((u₁ − m₁)² + (m₂ − l₂)²)` out of the intervals `l` to `u` of both sides (Newcombe,
/// Statistics in Medicine 17 (1998) 873–890, method 10).
pub fn contrast(first: &[Group<'_>], second: &[Group<'_>]) -> Option<(f64, Option<Interval>)> {
    let difference = mean_of_groups(first)? - mean_of_groups(second)?;
    let constant = |groups: &[Group<'_>]| all(groups, 0.0) || all(groups, 1.0);
    if constant(first) || constant(second) {
        let (a, b) = (summarise_groups(first), summarise_groups(second));
        return Some((difference, newcombe(&a, &b)));
    }
    let thin = |groups: &[Group<'_>]| groups.iter().any(|group| group.values.len() < 2);
    if thin(first) || thin(second) {
        return Some((difference, None));
    }
    let mut state = SEED;
    let differences = (0..DRAWS).map(|_| drawn(first, &mut state) - drawn(second, &mut state));
    Some((difference, Some(percentiles(differences.collect()))))
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
    let whole = !groups.is_empty() && groups.iter().all(|group| !group.values.is_empty());
    let weighted = groups.iter().map(|group| {
        let sum: f64 = group.values.iter().sum();
        group.weight * sum / group.values.len() as f64
    });
    whole.then(|| weighted.sum::<f64>() / total(groups))
}

fn total(groups: &[Group<'_>]) -> f64 {
    groups.iter().map(|group| group.weight).sum()
}

fn all(groups: &[Group<'_>], value: f64) -> bool {
    let mut groups = groups.iter();
    groups.all(|group| group.values.iter().all(|v| *v == value))
}

fn interval(groups: &[Group<'_>]) -> Option<Interval> {
    let total = total(groups);
    if all(groups, 0.0) || all(groups, 1.0) {
        let shares = groups.iter().map(|group| {
            let weight = group.weight / total;
            weight * weight / group.values.len() as f64
        });
        // A share is at least 1 / n, so this fits.
        let n = (1.0 / shares.sum::<f64>() + 1e-9) as u32;
        return wilson(if all(groups, 1.0) { n } else { 0 }, n);
    }
    if groups.iter().any(|group| group.values.len() < 2) {
        return None;
    }
    let mut state = SEED;
    let means = (0..DRAWS).map(|_| drawn(groups, &mut state));
    Some(percentiles(means.collect()))
}

/// The mean of groups that are drawn anew from themselves.
fn drawn(groups: &[Group<'_>], state: &mut u64) -> f64 {
    let drawn = groups.iter().map(|group| {
        let n = group.values.len();
        let sum: f64 = (0..n).map(|_| group.values[below(state, n)]).sum();
        group.weight * sum / n as f64
    });
    drawn.sum::<f64>() / total(groups)
}

fn percentiles(mut draws: Vec<f64>) -> Interval {
    draws.sort_by(f64::total_cmp);
    Interval {
        low: quantile(&draws, 0.025),
        high: quantile(&draws, 0.975),
        level: 0.95,
        method: Method::Bootstrap,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(weight: f64, values: &[f64]) -> Group<'_> {
        Group {
            weight,
            values,
            failed: 0,
        }
    }

    #[test]
    fn groups_count_by_weight_and_not_by_size() {
        let (many, few) = ([1.0; 300], [0.0, 0.5, 0.0, 0.5]);
        let got = summarise_groups(&[group(1.0, &many), group(3.0, &few)]);
        assert_eq!(got.mean, Some(0.4375));
        assert_eq!(got.answered, 304);
        let interval = got.interval.unwrap();
        assert!(interval.low < 0.35 && interval.high > 0.5, "{interval:?}");
    }

    #[test]
    fn thirteen_perfect_tasks_are_not_certain() {
        let (values, other) = ([1.0; 10], [1.0; 20]);
        let got = summarise_groups(&[group(1.0, &values), group(1.0, &values)]);
        let interval = got.interval.unwrap();
        assert_eq!(Some(interval), wilson(20, 20));
        // Unequal groups are worth less than their sum.
        let got = summarise_groups(&[group(1.0, &values), group(1.0, &other)]);
        assert_eq!(got.interval, wilson(26, 26));
    }

    #[test]
    fn one_group_is_a_set_of_scores_and_one_score_has_no_spread() {
        let got = summarise_groups(&[group(5.0, &[1.0, 0.0, 0.0])]);
        assert_eq!(got.interval, wilson(1, 3));
        let got = summarise_groups(&[group(1.0, &[1.0, 0.0]), group(1.0, &[1.0])]);
        assert_eq!((got.mean, got.interval), (Some(0.75), None));
    }

    #[test]
    fn an_empty_group_has_no_mean() {
        let got = summarise_groups(&[group(1.0, &[0.5, 1.0]), group(1.0, &[])]);
        assert_eq!((got.mean, got.interval), (None, None));
        assert_eq!(summarise_groups(&[]).mean, None);
    }

    #[test]
    fn a_difference_of_groups_has_an_interval_of_its_own() {
        let (high, low) = (
            [1.0, 1.0, 0.5, 1.0, 1.0, 0.5],
            [0.25, 0.5, 0.0, 0.25, 0.5, 0.0],
        );
        let (gap, interval) = contrast(&[group(1.0, &high)], &[group(1.0, &low)]).unwrap();
        let interval = interval.unwrap();
        assert!((gap - (5.0 / 6.0 - 0.25)).abs() < 1e-12);
        assert!(interval.low > 0.3 && interval.high < 0.9, "{interval:?}");
        // Newcombe's own example, table II (a): 56 of 70 and 48 of 80.
        let ones = |hits: usize, n: usize| -> Vec<f64> {
            (0..n).map(|i| f64::from(u8::from(i < hits))).collect()
        };
        let (a, b) = (ones(56, 70), ones(48, 80));
        let (a, b) = ([group(1.0, &a)], [group(1.0, &b)]);
        let found = newcombe(&summarise_groups(&a), &summarise_groups(&b)).unwrap();
        assert!(
            (found.low - 0.0524).abs() < 5e-5 && (found.high - 0.3339).abs() < 5e-5,
            "{found:?}"
        );
        // A perfect side is not certain.
        let all = ones(10, 10);
        let (_, interval) = contrast(&[group(1.0, &all)], &[group(1.0, &low)]).unwrap();
        assert_eq!(interval.unwrap().method, Method::Newcombe);
        assert_eq!(contrast(&[], &[group(1.0, &low)]), None);
    }
}
