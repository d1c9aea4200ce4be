//! Scores that share a source: questions about one article say less than as many about as many.

use super::bootstrap::DRAWS;
use super::random::SplitMix;

/// Mean, and its standard error with the clusters as what is drawn; nothing for fewer than two
/// clusters.
///
/// # Formula
/// `√(C/(C−1) · Σ_c (Σ_{i∈c} (x_i − x̄))²) / n` over `C` clusters with `n` values in all.
/// Source: Miller, arXiv 2411.00640 (2024), section 2.2, with the correction `C/(C−1)` for few
/// clusters. Golden: `stats/clustered.json` (statsmodels' cluster-robust covariance).
///
/// # Example
/// ```
/// use fathom_shared::stats::clustered::standard_error;
/// // Ten times the same five answers are no fifty answers.
/// let five: Vec<Vec<f64>> = [1.0, 0.0, 1.0, 1.0, 0.0].map(|score| vec![score; 10]).to_vec();
/// let (mean, error) = standard_error(&five).unwrap();
/// assert!((mean - 0.6).abs() < 1e-12 && (error - (0.24_f64 / 4.0).sqrt()).abs() < 1e-12);
/// ```
pub fn standard_error(clusters: &[Vec<f64>]) -> Option<(f64, f64)> {
    let count = clusters.len() as f64;
    let n = clusters.iter().map(Vec::len).sum::<usize>() as f64;
    if clusters.len() < 2 || n == 0.0 {
        return None;
    }
    let mean = clusters.iter().flatten().sum::<f64>() / n;
    let squares = clusters.iter().map(|cluster| {
        let off: f64 = cluster.iter().map(|value| value - mean).sum();
        off * off
    });
    let error = (count / (count - 1.0) * squares.sum::<f64>()).sqrt() / n;
    Some((mean, error))
}

/// The means of samples of whole clusters, in the order in which they are drawn. Their 2.5% and
/// 97.5% quantiles are the percentile interval of the mean.
///
/// # Formula
/// 10,000 means `Σ sums / Σ sizes` over `C` clusters drawn with replacement. Source: Davison and
/// Hinkley, Bootstrap Methods (1997), section 3.8.
pub(super) fn means(clusters: &[Vec<f64>]) -> Vec<f64> {
    let each: Vec<(f64, f64)> = clusters
        .iter()
        .map(|cluster| (cluster.iter().sum(), cluster.len() as f64))
        .collect();
    let mean = |draw| {
        let mut all = (0.0, 0.0);
        SplitMix::of_draw(draw).sample(each.len(), |at| {
            all = (all.0 + each[at].0, all.1 + each[at].1);
        });
        all.0 / all.1
    };
    (0..DRAWS).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::Method;
    use super::super::bootstrap::percentiles;
    use super::*;

    #[derive(Deserialize)]
    struct Case {
        values: Vec<f64>,
        clusters: Vec<usize>,
        mean: f64,
        error: f64,
    }

    #[test]
    fn errors_are_those_of_statsmodels() {
        #[derive(Deserialize)]
        struct Golden {
            clustered: Vec<Case>,
        }
        let golden = include_str!("../../../tests/golden/stats/clustered.json");
        let golden: Golden = serde_json::from_str(golden).unwrap();
        assert!(golden.clustered.len() >= 5);
        for case in golden.clustered {
            let most = case.clusters.iter().max().unwrap() + 1;
            let mut clusters = vec![Vec::new(); most];
            for (value, cluster) in case.values.iter().zip(&case.clusters) {
                clusters[*cluster].push(*value);
            }
            let (mean, error) = standard_error(&clusters).unwrap();
            assert!((mean - case.mean).abs() < 1e-12);
            assert!((error - case.error).abs() < 1e-12, "{error} {}", case.error);
        }
    }

    #[test]
    fn the_bootstrap_draws_whole_clusters() {
        let shared: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i % 2); 8]).collect();
        let alone: Vec<Vec<f64>> = (0..320).map(|i| vec![f64::from(i / 8 % 2)]).collect();
        let width = |clusters: &[Vec<f64>]| {
            let found = percentiles(means(clusters), Method::ClusterBootstrap);
            assert!(found.low < 0.5 && found.high > 0.5, "{found:?}");
            found.high - found.low
        };
        let ratio = width(&shared) / width(&alone);
        assert!((ratio - 8.0_f64.sqrt()).abs() < 0.3, "{ratio}");
        let (_, error) = standard_error(&shared).unwrap();
        assert!((width(&shared) - 2.0 * 1.96 * error).abs() < 0.02);
    }
}
