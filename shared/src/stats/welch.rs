//! Welch's test for two unpaired sets of scores.

use super::special::student_cdf;

/// Welch's two-sided p-value of "both means are equal"; `None` if either has fewer than two values,
/// or neither varies.
///
/// # Formula
/// `t = (x̄ − ȳ) / √(s²ₓ/n + s²ᵧ/m)` with the degrees of freedom of Welch and Satterthwaite.
/// Source: Welch, Biometrika 34 (1947) 28–35. Golden: `stats/clustered.json` (scipy).
pub fn welch(first: &[f64], second: &[f64]) -> Option<f64> {
    let ((m1, v1, d1), (m2, v2, d2)) = (moments(first)?, moments(second)?);
    let variance = v1 + v2;
    if variance == 0.0 {
        return None;
    }
    let df = variance.powi(2) / (v1 * v1 / d1 + v2 * v2 / d2);
    let t = (m1 - m2).abs() / variance.sqrt();
    Some(2.0 * student_cdf(-t, df))
}

/// Mean, variance of the mean, degrees of freedom.
fn moments(values: &[f64]) -> Option<(f64, f64, f64)> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, squares / (n - 1.0) / n, n - 1.0))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct WelchGolden {
        welch: Vec<WelchCase>,
    }

    #[derive(Deserialize)]
    struct WelchCase {
        first: Vec<f64>,
        second: Vec<f64>,
        p: f64,
    }

    #[test]
    fn p_values_are_those_of_scipy() {
        let golden = include_str!("../../../tests/golden/stats/clustered.json");
        let golden: WelchGolden = serde_json::from_str(golden).unwrap();
        assert_eq!(golden.welch.len(), 3);
        for case in golden.welch {
            let p = welch(&case.first, &case.second).unwrap();
            assert!((p - case.p).abs() < 1e-10, "{p} {}", case.p);
        }
        assert_eq!(welch(&[1.0], &[0.0, 1.0]), None);
        assert_eq!(welch(&[1.0, 1.0], &[0.0, 0.0]), None);
    }
}
