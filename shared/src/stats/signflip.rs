//! Tests a sum of differences, assuming that each could equally have the opposite sign.

use std::collections::BTreeMap;

use super::special::normal_cdf;

/// Up to this many non-zero differences, every choice of signs is enumerated.
const COUNTED: usize = 14;
/// Sums of whole numbers are counted exactly up to this many additions.
const ADDED: f64 = 3e7;
/// Scores in halves, thirds, quarters, fifths, tenths and their mixtures are whole multiples of one
/// of these parts.
const PARTS: [f64; 10] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0, 12.0, 20.0, 60.0];

/// The two-sided p-value of "each difference could equally have the opposite sign": 1 if none
/// differs. The only lower bound is given by the number of choices of signs.
///
/// # Formula
/// `P(|Σ ± d| ≥ |Σ d|)` over all choices of signs, like `scipy.stats.permutation_test` with
/// `permutation_type="samples"`. Counted exactly if there are few differences, or if all are whole
/// multiples of a part (tenths, quarters); otherwise by the saddlepoint of `K(t) = Σ ln cosh(t d)`:
/// `K′(t) = Σ d`, `w = √(2(t Σ d − K(t)))`, `u = t√K″(t)`, `2 (1 − Φ(w + ln(u/w)/w))`. Source:
/// Robinson, JRSS B 44 (1982) 91–101. It replaces a tail fitted to random signs (Knijnenburg et
/// al., Bioinformatics 25 (2009) i161–i168): it needs no random draws, and its relative error is a
/// few percent even far out in the tail. For scores of 0 and 1 it equals McNemar's exact test.
/// Golden: `stats/signflip.json` (scipy).
///
/// # Example
/// ```
/// use fathom_shared::stats::signflip::sign_flip;
/// // All twenty worse: two of 2²⁰ choices are as far out.
/// assert_eq!(sign_flip(&[-0.25; 20]), 2.0_f64.powi(-19));
/// assert_eq!(sign_flip(&[0.5, -0.5]), 1.0);
/// assert_eq!(sign_flip(&[0.0; 9]), 1.0);
/// ```
pub fn sign_flip(differences: &[f64]) -> f64 {
    let sizes: Vec<f64> = differences.iter().map(|d| d.abs()).collect();
    let sizes: Vec<f64> = sizes.into_iter().filter(|size| *size > 1e-12).collect();
    if sizes.is_empty() {
        return 1.0;
    }
    let sum = differences.iter().sum::<f64>().abs();
    let p = match whole(&sizes) {
        Some((numbers, parts)) => counted(&numbers, (sum * parts).round() as usize),
        None if sizes.len() <= COUNTED => enumerated(&sizes, sum),
        None => saddlepoint(&sizes, sum),
    };
    // At least two choices of signs are as extreme.
    p.clamp(2.0_f64.powi(1 - sizes.len().min(1000) as i32), 1.0)
}

/// The sizes as whole multiples of a part, and how many parts make 1; `None` if there is no such
/// part, or too many sums to count.
fn whole(sizes: &[f64]) -> Option<(Vec<usize>, f64)> {
    let is_whole = |parts: f64| {
        let mut sizes = sizes.iter().map(|size| size * parts);
        sizes.all(|size| (size - size.round()).abs() < 1e-7 && size.round() >= 1.0)
    };
    let parts = PARTS.into_iter().find(|parts| is_whole(*parts))?;
    let sum: f64 = sizes.iter().sum::<f64>() * parts;
    let numbers = || sizes.iter().map(|size| (size * parts).round() as usize);
    (sum * sizes.len() as f64 <= ADDED).then(|| (numbers().collect(), parts))
}

/// The share of choices of signs whose sum is at least `sum` or at most `−sum`: each number is
/// taken or not, and `sum = 2 · taken − all`.
fn counted(numbers: &[usize], sum: usize) -> f64 {
    let all: usize = numbers.iter().sum();
    let mut chances = vec![0.0; all + 1];
    chances[0] = 1.0;
    let mut reached = 0;
    for number in numbers {
        reached += number;
        for at in (0..=reached).rev() {
            let taken = at
                .checked_sub(*number)
                .map_or(0.0, |before| chances[before]);
            chances[at] = 0.5 * (chances[at] + taken);
        }
    }
    // Smallest first: this loses no precision in the tail.
    let tail: f64 = chances[(all + sum).div_ceil(2)..].iter().rev().sum();
    if sum == 0 { 1.0 } else { 2.0 * tail }
}

fn enumerated(sizes: &[f64], sum: f64) -> f64 {
    // Rounding must not separate equal sums.
    let least = sum - 1e-9 * sizes.iter().sum::<f64>();
    let choices = 1_u32 << sizes.len();
    let signed = |choice: u32| {
        let sizes = sizes.iter().enumerate();
        let signed = sizes.map(|(at, size)| if choice >> at & 1 == 1 { -size } else { *size });
        signed.sum::<f64>().abs()
    };
    let far = (0..choices).filter(|choice| signed(*choice) >= least);
    far.count() as f64 / f64::from(choices)
}

fn saddlepoint(sizes: &[f64], sum: f64) -> f64 {
    // Group equal sizes, as there are few different ones.
    let mut kinds = BTreeMap::<u64, (f64, f64)>::new();
    for size in sizes {
        let kind = kinds.entry((size * 1e9).round() as u64).or_default();
        *kind = (*size, kind.1 + 1.0);
    }
    let kinds: Vec<(f64, f64)> = kinds.into_values().collect();
    let all: f64 = sizes.iter().sum();
    if sum >= all * (1.0 - 1e-9) {
        return 2.0_f64.powi(1 - sizes.len().min(1000) as i32);
    }
    let slopes = |t: f64| {
        let each = kinds.iter().map(|(d, n)| {
            let slope = (t * d).tanh();
            (n * d * slope, n * d * d * (1.0 - slope * slope))
        });
        each.fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    let (mut low, mut high) = (0.0, 1.0 / largest);
    while slopes(high).0 < sum && high < 1e12 {
        (low, high) = (high, 2.0 * high);
    }
    let mut t = f64::midpoint(low, high);
    for _ in 0..100 {
        let (slope, curve) = slopes(t);
        match slope < sum {
            true => low = t,
            false => high = t,
        }
        let next = t + (sum - slope) / curve;
        let next = match next > low && next < high {
            true => next,
            false => f64::midpoint(low, high),
        };
        let step = (next - t).abs();
        t = next;
        if step <= 1e-12 * t {
            break;
        }
    }
    // ln cosh x without overflow.
    let log = |x: f64| x + (-2.0 * x).exp().ln_1p() - std::f64::consts::LN_2;
    let generated: f64 = kinds.iter().map(|(d, n)| n * log(t * d)).sum();
    let w = (2.0 * (t * sum - generated)).max(0.0).sqrt();
    let u = t * slopes(t).1.sqrt();
    if w < 1e-4 {
        return 1.0;
    }
    2.0 * normal_cdf(-(w + (u / w).ln() / w))
}

#[cfg(test)]
mod tests {
    use super::super::mcnemar::mcnemar;
    use super::*;

    #[test]
    fn of_right_and_wrong_it_is_mcnemars() {
        for (gained, lost) in [(1, 9), (0, 5), (3, 3), (12, 40), (0, 0), (2, 300)] {
            let mut all = vec![1.0; gained as usize];
            all.extend(vec![-1.0; lost as usize]);
            all.extend([0.0; 20]);
            let (got, want) = (sign_flip(&all), mcnemar(gained, lost));
            assert!((got / want - 1.0).abs() < 1e-9, "{got} {want}");
        }
    }

    #[test]
    fn counting_and_the_saddlepoint_agree() {
        // In fifths, with more and more of them lost.
        for lost in [22, 26, 30, 34, 38] {
            let sign = |i: i32| if i < lost { -1.0 } else { 1.0 };
            let all: Vec<f64> = (0..40)
                .map(|i| sign(i) * f64::from(i % 5 + 1) / 5.0)
                .collect();
            let sizes: Vec<f64> = all.iter().map(|d| d.abs()).collect();
            let sum = all.iter().sum::<f64>().abs();
            let (exact, near) = (sign_flip(&all), saddlepoint(&sizes, sum));
            // Such sums come in steps, which the saddlepoint ignores; there they are counted.
            assert!(
                (near.ln() - exact.ln()).abs() < 0.5,
                "{lost}: {near} {exact}"
            );
        }
        // Without steps it is closer.
        let sizes: Vec<f64> = (1..=14).map(|i| f64::from(i).sqrt()).collect();
        for share in [0.3, 0.5, 0.7, 0.8] {
            let sum = share * sizes.iter().sum::<f64>();
            let (exact, near) = (enumerated(&sizes, sum), saddlepoint(&sizes, sum));
            assert!((near / exact - 1.0).abs() < 0.1, "{share}: {near} {exact}");
        }
    }

    #[test]
    fn there_is_no_floor() {
        let lost: Vec<f64> = (0..50).map(|i| -f64::from(i % 3 + 3) / 5.0).collect();
        assert_eq!(sign_flip(&lost), 2.0_f64.powi(-49));
        let odd: Vec<f64> = (0..50).map(|i| -0.5 - f64::from(i) / 777.0).collect();
        assert_eq!(sign_flip(&odd), 2.0_f64.powi(-49));
        let mut most = odd;
        most[0] = 0.5;
        let p = sign_flip(&most);
        assert!(p > 2.0_f64.powi(-49) && p < 1e-12, "{p}");
    }

    #[test]
    fn p_values_are_those_of_scipy() {
        #[derive(serde::Deserialize)]
        struct SignFlipCase {
            differences: Vec<f64>,
            p: f64,
        }
        #[derive(serde::Deserialize)]
        struct SignFlipGolden {
            exact: Vec<SignFlipCase>,
            drawn: Vec<SignFlipCase>,
        }
        let golden = include_str!("../../../tests/golden/stats/signflip.json");
        let golden: SignFlipGolden = serde_json::from_str(golden).unwrap();
        assert!(golden.exact.len() >= 6 && golden.drawn.len() >= 3);
        for case in golden.exact {
            let got = sign_flip(&case.differences);
            assert!((got / case.p - 1.0).abs() < 1e-9, "{got} {}", case.p);
        }
        for case in golden.drawn {
            let got = sign_flip(&case.differences);
            // A million draws determine p to about this precision.
            let off = 4.0 * (case.p / 1e6).sqrt() + 0.03 * case.p;
            assert!((got - case.p).abs() < off, "{got} {}", case.p);
        }
    }
}
