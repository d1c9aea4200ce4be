//! How often each of a few values comes, when a sample is drawn anew.

use std::collections::BTreeMap;

use super::random::SplitMix;

/// Beyond this part of the likeliest count no draw falls: it is less than a number of 53 bits
/// tells apart.
const LEAST: f64 = 1.0 / (1_u64 << 60) as f64;

/// The binomial distribution, summed up around its mode.
#[derive(Clone, Debug)]
struct Binomial {
    from: usize,
    sums: Vec<f64>,
}

impl Binomial {
    /// Of `n` draws with the chance `hits / of`, which is neither 0 nor 1.
    ///
    /// # Formula
    /// `P(k+1) / P(k) = (n−k)/(k+1) · p/(1−p)`, up and down from the mode `⌊(n+1)p⌋`. No step of it
    /// is more than a product or a quotient, which every machine rounds the same way.
    fn new(n: usize, hits: usize, of: usize) -> Self {
        let odds = hits as f64 / (of - hits) as f64;
        let mode = (((n + 1) as f64 * hits as f64 / of as f64) as usize).min(n);
        let mut below = Vec::new();
        let mut weight = 1.0;
        for k in (1..=mode).rev() {
            weight *= k as f64 / ((n - k + 1) as f64 * odds);
            if weight < LEAST {
                break;
            }
            below.push(weight);
        }
        let from = mode - below.len();
        let mut sums: Vec<f64> = below.into_iter().rev().chain([1.0]).collect();
        weight = 1.0;
        for k in mode..n {
            weight *= (n - k) as f64 * odds / (k + 1) as f64;
            if weight < LEAST {
                break;
            }
            sums.push(weight);
        }
        let mut sum = 0.0;
        for weight in &mut sums {
            sum += *weight;
            *weight = sum;
        }
        Self { from, sums }
    }

    fn draw(&self, stream: &mut SplitMix) -> usize {
        let last = self.sums.len() - 1;
        let wanted = stream.unit() * self.sums[last];
        self.from + self.sums.partition_point(|sum| *sum <= wanted).min(last)
    }
}

/// The multinomial distribution of a sample that is drawn anew: as many of each value as a binomial
/// of those that are left.
#[derive(Debug)]
pub(super) struct Multinomial {
    /// The values, and how many there are of each.
    kinds: Vec<(f64, usize)>,
    /// For each value, by how many are left when it is drawn.
    known: Vec<BTreeMap<usize, Binomial>>,
}

impl Multinomial {
    /// Of `values`; nothing where that is no less work than to draw them one by one.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let most = values.len() / 8;
        let mut kinds = Vec::<(f64, usize)>::new();
        for value in values {
            match kinds.iter().position(|kind| kind.0 == *value) {
                Some(at) => kinds[at].1 += 1,
                None if kinds.len() == most.min(64) => return None,
                None => kinds.push((*value, 1)),
            }
        }
        // The order of the values says nothing, and the commonest leaves least to do.
        kinds.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
        let known = vec![BTreeMap::new(); kinds.len()];
        Some(Self { kinds, known })
    }

    /// The sum of a sample of as many as there are values.
    pub(super) fn sum(&mut self, stream: &mut SplitMix) -> f64 {
        let all: usize = self.kinds.iter().map(|kind| kind.1).sum();
        let (mut left, mut of, mut sum) = (all, all, 0.0);
        for ((value, hits), known) in self.kinds.iter().zip(&mut self.known) {
            let count = match of - hits {
                0 => left,
                _ => known
                    .entry(left)
                    .or_insert_with(|| Binomial::new(left, *hits, of))
                    .draw(stream),
            };
            sum += value * count as f64;
            left -= count;
            of -= hits;
            if left == 0 {
                break;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binomial_is_what_it_should_be() {
        // 5 draws of 3 in 10: 0.7^5, 5 · 0.3 · 0.7^4, 10 · 0.3² · 0.7³, ...
        let five = Binomial::new(5, 3, 10);
        let total = five.sums[5];
        let wanted = [0.16807, 0.36015, 0.3087, 0.1323, 0.02835, 0.00243];
        let mut before = 0.0;
        for (sum, wanted) in five.sums.iter().zip(wanted) {
            assert!(((sum - before) / total - wanted).abs() < 1e-12);
            before = *sum;
        }
        assert_eq!((five.from, five.sums.len()), (0, 6));
        // Far from the mode nothing is kept, and nothing underflows.
        let many = Binomial::new(100_000, 99, 100);
        assert!(many.from > 98_000 && many.sums.len() < 1000);
    }

    #[test]
    fn a_sample_has_the_moments_of_its_values() {
        let values: Vec<f64> = (0..500).map(|i| f64::from(i % 5 % 3) / 2.0).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        let mut drawn = Multinomial::of(&values).unwrap();
        let sums: Vec<f64> = (0..20_000)
            .map(|draw| drawn.sum(&mut SplitMix::of_draw(draw)))
            .collect();
        let got = sums.iter().sum::<f64>() / 20_000.0;
        let spread = sums.iter().map(|sum| (sum - got).powi(2)).sum::<f64>() / 20_000.0;
        // Six standard errors of the mean, and of the variance of something near to normal.
        assert!((got - n * mean).abs() < 6.0 * (n * variance / 20_000.0).sqrt());
        assert!((spread / (n * variance) - 1.0).abs() < 6.0 * (2.0_f64 / 20_000.0).sqrt());
    }

    #[test]
    fn many_values_are_better_drawn_one_by_one() {
        let all: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(Multinomial::of(&all).is_none());
        assert!(Multinomial::of(&[1.0, 0.0, 1.0]).is_none());
        assert!(Multinomial::of(&[1.0; 8]).is_some());
    }
}
