//! Two one-sided tests: whether a difference is too small to matter.

use super::special::student_cdf;

/// The p-value of "the mean of `differences` lies within ±`margin`": below α, the difference is
/// shown to be smaller than the margin. `None` for fewer than two pairs.
///
/// # Formula
/// The larger of the p-values of the two one-sided t tests against `−margin` and `+margin`, with `n
/// − 1` degrees of freedom. If all differences are equal, 0 within the margin and 1 beyond it.
/// Source: Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657–680. Golden:
/// `stats/paired.json` (statsmodels' `ttost_paired`).
///
/// # Example
/// ```
/// use fathom_shared::stats::equivalence::tost;
/// let same: Vec<f64> = (0..200).map(|i| if i % 20 == 0 { 1.0 } else if i % 20 == 1 { -1.0 } else { 0.0 }).collect();
/// assert!(tost(&same, 0.05).unwrap() < 0.05);
/// assert!(tost(&same[..40], 0.05).unwrap() > 0.05);
/// ```
pub fn tost(differences: &[f64], margin: f64) -> Option<f64> {
    let n = differences.len();
    if n < 2 {
        return None;
    }
    let count = n as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let error = (squares / (count - 1.0) / count).sqrt();
    Some(tost_by(mean, error, count - 1.0, margin))
}

/// Like [`tost`], from a mean difference with its standard error and degrees of freedom.
pub fn tost_by(mean: f64, error: f64, df: f64, margin: f64) -> f64 {
    if error == 0.0 {
        return f64::from(u8::from(mean.abs() >= margin));
    }
    let above = not_worse(mean, error, df, margin);
    let below = student_cdf((mean - margin) / error, df);
    above.max(below)
}

/// The p-value of "the mean difference is above −`margin`", one of [`tost_by`]'s two tests: below
/// α, a loss of the margin or more is ruled out.
pub fn not_worse(mean: f64, error: f64, df: f64, margin: f64) -> f64 {
    if error == 0.0 {
        return f64::from(u8::from(mean <= -margin));
    }
    1.0 - student_cdf((mean + margin) / error, df)
}
