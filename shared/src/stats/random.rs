//! Numbers by chance, the same on every machine.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
#[derive(Clone, Debug)]
pub(crate) struct SplitMix(u64);

/// The step of its state.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl SplitMix {
    /// The stream that begins with `state`.
    pub(crate) fn new(state: u64) -> Self {
        Self(state)
    }

    /// The stream of one draw of many: those of different draws have nothing to do with one
    /// another.
    pub(crate) fn of_draw(draw: usize) -> Self {
        let begin = 0x6661_7468_6f6d_u64.wrapping_add((draw as u64).wrapping_mul(STEP));
        Self::new(mix(begin))
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// The next number of at least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Gives `take` as many numbers below `n` as there are: a sample of `n`, drawn with
    /// replacement.
    ///
    /// Each is half of 64 bits times `n` (Lemire, ACM TOMACS 29 (2019) 3, without his rejection: no
    /// number is likelier than another by more than `n` / 2³²).
    pub(crate) fn sample(&mut self, n: usize, mut take: impl FnMut(usize)) {
        let at = |half: u64| ((half * n as u64) >> 32) as usize;
        for _ in 0..n / 2 {
            let both = self.next();
            take(at(both >> 32));
            take(at(both & 0xffff_ffff));
        }
        if n % 2 == 1 {
            take(at(self.next() >> 32));
        }
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        // The first numbers of the reference program by Sebastiano Vigna, of state 1234567.
        let mut stream = SplitMix::new(1_234_567);
        assert_eq!(
            [stream.next(), stream.next(), stream.next()],
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_sample_has_every_place_about_once() {
        for n in [1, 2, 7, 500] {
            let mut counts = vec![0_u32; n];
            for draw in 0..1000 {
                let mut drawn = 0;
                SplitMix::of_draw(draw).sample(n, |at| {
                    counts[at] += 1;
                    drawn += 1;
                });
                assert_eq!(drawn, n);
            }
            let off = |count: &u32| (f64::from(*count) - 1000.0).abs() < 6.0 * 1000_f64.sqrt();
            assert!(counts.iter().all(off), "{n}: {counts:?}");
        }
    }
}
