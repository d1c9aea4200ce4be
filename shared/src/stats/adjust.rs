//! Adjusts the p-values of many comparisons.

/// Holm's adjusted p-values, in the order of `p`: testing all of them against α keeps the
/// probability of any false alarm at or below α.
///
/// # Formula
/// In rising order `p̃_i = max_{j ≤ i} min(1, (m − j + 1)·p_j)`.
/// Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65–70. Golden: `stats/paired.json`.
///
/// # Example
/// ```
/// use fathom_shared::stats::adjust::holm;
/// assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let order = rising(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, at) in order.iter().enumerate() {
        let left = (p.len() - rank) as f64;
        largest = largest.max((left * p[*at]).min(1.0));
        adjusted[*at] = largest;
    }
    adjusted
}

/// Holm's method with weights, in the order of the pairs of p-value and weight: all tests together
/// keep the probability of any false alarm at or below α, and a test with weight `w` is first
/// compared with `α·w / Σ w`. With equal weights it is [`holm`].
///
/// # Formula
/// In rising order of `p/w`: `p̃_i = max_{j ≤ i} min(1, p_j/w_j · Σ_{k ≥ j} w_k)`.
/// Source: Holm, Scandinavian Journal of Statistics 6 (1979) 65–70, section 4. Weights are above 0.
///
/// # Example
/// ```
/// use fathom_shared::stats::adjust::weighted_holm;
/// let adjusted = weighted_holm(&[(0.01, 3.0), (0.02, 1.0)]);
/// assert!((adjusted[0] - 0.04 / 3.0).abs() < 1e-12 && (adjusted[1] - 0.02).abs() < 1e-12);
/// ```
pub fn weighted_holm(tests: &[(f64, f64)]) -> Vec<f64> {
    let ratios: Vec<f64> = tests.iter().map(|(p, weight)| p / weight).collect();
    let mut adjusted = vec![0.0; tests.len()];
    let mut left: f64 = tests.iter().map(|(_, weight)| weight).sum();
    let mut largest: f64 = 0.0;
    for at in rising(&ratios) {
        // Rounding must not make an adjusted value smaller than the original.
        largest = largest.max((left * ratios[at]).max(tests[at].0).min(1.0));
        adjusted[at] = largest;
        left -= tests[at].1;
    }
    adjusted
}

fn rising(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_are_holms_and_heavy_ones_pass_theirs_on() {
        let p = [0.02, 0.001, 0.5, 0.04, 0.04];
        let even: Vec<(f64, f64)> = p.iter().map(|p| (*p, 2.0)).collect();
        for (got, want) in weighted_holm(&even).iter().zip(holm(&p)) {
            assert!((got - want).abs() < 1e-12);
        }
        // The heavy test is rejected first; the light ones then have the whole level.
        let adjusted = weighted_holm(&[(0.04, 0.98), (0.03, 0.01), (0.9, 0.01)]);
        assert!(
            adjusted[0] < 0.05 && (adjusted[1] - 0.06).abs() < 1e-9,
            "{adjusted:?}"
        );
    }
}
