//! McNemar's exact test for paired answers that are either right or wrong.

/// The two-sided p-value for `gained` pairs that only the second answered right and `lost` pairs
/// that only the first did; pairs that agree do not count. 1 if no pair differs.
///
/// # Formula
/// `min(1, 2·Σ_{k ≤ min(b, c)} C(b + c, k)·2^{−(b+c)})`.
/// Source: McNemar, Psychometrika 12 (1947) 153–157, in its exact form. Golden:
/// `stats/paired.json` (statsmodels).
///
/// # Example
/// ```
/// use fathom_shared::stats::mcnemar::mcnemar;
/// assert!((mcnemar(1, 9) - 0.021484375).abs() < 1e-12);
/// assert_eq!(mcnemar(0, 0), 1.0);
/// ```
pub fn mcnemar(gained: u32, lost: u32) -> f64 {
    let (n, least) = (gained + lost, gained.min(lost));
    if n == 0 {
        return 1.0;
    }
    let choose = |k: u32| {
        let factorial = |n: u32| libm::lgamma(f64::from(n) + 1.0);
        factorial(n) - factorial(k) - factorial(n - k)
    };
    let half = f64::from(n) * std::f64::consts::LN_2;
    let tail: f64 = (0..=least).map(|k| (choose(k) - half).exp()).sum();
    (2.0 * tail).min(1.0)
}
