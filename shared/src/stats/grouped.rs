//! A weighted mean of the means of groups: thirteen tasks, several lengths.

use super::bootstrap::{below, quantile};
use super::summary::summarise_values;
use super::{Interval, Method, Summary, wilson::wilson};

const DRAWS: usize = 2_000;

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
    if let [only] = groups {
        let failures = (0..only.failed).map(|_| None);
        let scores = only.values.iter().copied().map(Some).chain(failures);
        let asked = u32::try_from(only.values.len()).unwrap_or(u32::MAX);
        return summarise_values(asked.saturating_add(only.failed), scores);
    }
    let count = |sum: usize| u32::try_from(sum).unwrap_or(u32::MAX);
    let answered = count(groups.iter().map(|group| group.values.len()).sum());
    let failed = groups.iter().map(|group| group.failed).sum();
    let mean = mean_of_groups(groups);
    Summary {
        asked: answered.saturating_add(failed),
        answered,
        failed,
        mean,
        interval: mean.and_then(|_| interval(groups)),
    }
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

fn interval(groups: &[Group<'_>]) -> Option<Interval> {
    let total = total(groups);
    let all = |value: f64| {
        groups
            .iter()
            .all(|group| group.values.iter().all(|v| *v == value))
    };
    if all(0.0) || all(1.0) {
        let shares = groups.iter().map(|group| {
            let weight = group.weight / total;
            weight * weight / group.values.len() as f64
        });
        // A share is at least 1 / n, so this fits.
        let n = (1.0 / shares.sum::<f64>() + 1e-9) as u32;
        return wilson(if all(1.0) { n } else { 0 }, n);
    }
    if groups.iter().any(|group| group.values.len() < 2) {
        return None;
    }
    let mut state = 0x6661_7468_6f6d_u64;
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn = groups.iter().map(|group| {
                let n = group.values.len();
                let sum: f64 = (0..n).map(|_| group.values[below(&mut state, n)]).sum();
                group.weight * sum / n as f64
            });
            drawn.sum::<f64>() / total
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&means, 0.025),
        high: quantile(&means, 0.975),
        level: 0.95,
        method: Method::Bootstrap,
    })
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
}
