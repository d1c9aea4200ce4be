//! p-values of many comparisons at once.

/// Holm's adjusted p-values, in the order of `p`: below α with all of them together at most α of
/// any false alarm.
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

/// Benjamini and Hochberg's adjusted p-values, in the order of `p`: among those below α at most a
/// share of α is expected to be false alarms.
///
/// # Formula
/// In rising order `p̃_i = min_{j ≥ i} min(1, m·p_j/j)`.
/// Source: Benjamini and Hochberg, JRSS B 57 (1995) 289–300. Golden: `stats/paired.json`.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let order = rising(p);
    let mut adjusted = vec![0.0; p.len()];
    let mut least: f64 = 1.0;
    for (rank, at) in order.iter().enumerate().rev() {
        let share = p.len() as f64 / (rank + 1) as f64;
        least = least.min(share * p[*at]);
        adjusted[*at] = least;
    }
    adjusted
}

fn rising(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}
