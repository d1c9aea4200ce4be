//! The random streams of a generator, and the placement of evidence.

use crate::python_random::{NumpyRandom, PythonRandom};

/// Both streams of RULER's scripts, seeded with the same number.
pub(in crate::task) struct RandomStreams {
    pub(in crate::task) python: PythonRandom,
    pub(in crate::task) numpy: NumpyRandom,
    order: PlacementOrder,
}

/// How shuffles and placement of evidence work.
enum PlacementOrder {
    /// As in the original: some shuffles restart from the seed each time.
    Upstream { seed: u32 },
    /// Evenly over the depth, starting at a place that differs from sample to sample.
    Stratified { offset: f64 },
}

/// The fractional part of the golden ratio: any number of its multiples fill the unit interval
/// evenly.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

impl RandomStreams {
    /// The original's streams, one pair for all samples.
    pub(in crate::task) fn upstream(seed: u32) -> Self {
        Self {
            python: PythonRandom::new(seed),
            numpy: NumpyRandom::new(seed),
            order: PlacementOrder::Upstream { seed },
        }
    }

    /// The streams of a single sample.
    pub(in crate::task) fn of_sample(seed: u32, number: u32) -> Self {
        let mixed = mix(seed, number);
        let start = f64::from(mix(seed, u32::MAX)) / f64::from(u32::MAX);
        Self {
            python: PythonRandom::new(mixed),
            numpy: NumpyRandom::new(mixed),
            order: PlacementOrder::Stratified {
                offset: (start + f64::from(number) * GOLDEN).fract(),
            },
        }
    }

    /// Shuffles what the original shuffles with `random.Random(seed)`, the same way each time; a
    /// sample with its own stream has its own order.
    pub(in crate::task) fn shuffle<T>(&mut self, items: &mut [T]) {
        match self.order {
            PlacementOrder::Upstream { seed } => PythonRandom::new(seed).shuffle(items),
            PlacementOrder::Stratified { .. } => self.python.shuffle(items),
        }
    }

    /// Depths from 0 to 1 for `count` things in order, one in each of that many strata; `None`
    /// under the original's rules.
    pub(in crate::task) fn depths(&self, count: usize) -> Option<Vec<f64>> {
        let PlacementOrder::Stratified { offset } = self.order else {
            return None;
        };
        let depth = |i: usize| {
            let within = (offset + i as f64 * GOLDEN).fract();
            (i as f64 + within) / count as f64
        };
        Some((0..count).map(depth).collect())
    }

    /// A random order in which the `repeats` copies of a word are spread evenly: a sort key for
    /// each copy of each word; `None` under the original's rules.
    pub(in crate::task) fn spread(&mut self, repeats: usize) -> Option<Vec<f64>> {
        let PlacementOrder::Stratified { .. } = self.order else {
            return None;
        };
        let key = |copy: usize| (copy as f64 + self.python.random()) / repeats as f64;
        Some((0..repeats).map(key).collect())
    }
}

/// Mixes two numbers into one that looks random: the finaliser of SplitMix64 (Steele, Lea and
/// Flood, OOPSLA 2014).
fn mix(seed: u32, number: u32) -> u32 {
    let mut z = (u64::from(seed) << 32 | u64::from(number)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_depths_fill_the_range_evenly() {
        let depth = |number| RandomStreams::of_sample(42, number).depths(1).unwrap()[0];
        let mut deciles = [0; 10];
        for number in 0..100 {
            deciles[(depth(number) * 10.0) as usize] += 1;
        }
        assert!(
            deciles.iter().all(|count| (9..=11).contains(count)),
            "{deciles:?}"
        );
    }

    #[test]
    fn several_depths_are_in_order_and_apart() {
        let depths = RandomStreams::of_sample(1, 5).depths(4).unwrap();
        for (i, depth) in depths.iter().enumerate() {
            assert!(
                (i as f64 / 4.0..(i + 1) as f64 / 4.0).contains(depth),
                "{depths:?}"
            );
        }
        assert!(RandomStreams::upstream(1).depths(4).is_none());
    }
}
