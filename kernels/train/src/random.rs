//! Random numbers that follow from a seed alone, the same on every machine.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): one stream of numbers per seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    /// The stream of several numbers together, such as seed, step and row.
    pub(crate) fn of(numbers: &[u64]) -> Self {
        let fold = |state: u64, number: &u64| mixed(state.wrapping_add(STEP) ^ *number);
        Self(numbers.iter().fold(0, fold))
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number from 0 to 1, without 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number below `count`; 0 if that is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// A number of the standard normal distribution, by Box and Muller's method.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Puts `items` into a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// One of the indices of `shares`, each with a probability in proportion to its share.
    pub(crate) fn weighted(&mut self, shares: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * shares.clone().sum::<f64>();
        let mut last = 0;
        for (at, share) in shares.enumerate() {
            last = at;
            left -= share;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_where_they_should_be() {
        let mut random = Random::of(&[1, 2]);
        let mut normal = (0.0, 0.0);
        let mut counts = [0; 3];
        for _ in 0..30_000 {
            assert!(random.below(7) < 7 && (3..=5).contains(&random.between(3, 5)));
            let x = random.normal();
            normal = (normal.0 + x, normal.1 + x * x);
            counts[random.weighted([1.0, 0.0, 2.0].into_iter())] += 1;
        }
        assert!((normal.0 / 3e4).abs() < 0.03 && (normal.1 / 3e4 - 1.0).abs() < 0.05);
        assert!(
            counts[1] == 0 && (counts[2] - 20_000_i32).abs() < 400,
            "{counts:?}"
        );
        assert_ne!(Random::of(&[1, 2]).bits(), Random::of(&[2, 1]).bits());
    }
}
