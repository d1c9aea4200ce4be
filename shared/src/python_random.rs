//! The random numbers of CPython's `random` and of numpy's `RandomState`, number for number.
//!
//! Both rest on the Mersenne Twister MT19937 (Matsumoto and Nishimura, ACM TOMACS 8 (1998) 3–30)
//! but seed it differently, so one integer gives two streams. Golden: `ruler/pyrandom.json`
//! (CPython 3.11.7, numpy 2.4.6).

use std::collections::HashSet;

const N: usize = 624;
const M: usize = 397;

/// MT19937: 32-bit outputs.
#[derive(Clone)]
struct MersenneTwister {
    state: [u32; N],
    at: usize,
}

impl MersenneTwister {
    /// The authors' `init_genrand`.
    fn from_word(seed: u32) -> Self {
        let mut state = [0_u32; N];
        let mut word = seed;
        for (i, slot) in (0_u32..).zip(state.iter_mut()) {
            if i > 0 {
                word = 1_812_433_253_u32
                    .wrapping_mul(word ^ (word >> 30))
                    .wrapping_add(i);
            }
            *slot = word;
        }
        Self { state, at: N }
    }

    /// The authors' `init_by_array`, for a key of one word.
    fn from_key(key: u32) -> Self {
        let mut mt = Self::from_word(19_650_218);
        let state = &mut mt.state;
        let mix = |previous: u32| previous ^ (previous >> 30);
        let mut i = 1;
        for _ in 0..N {
            state[i] = (state[i] ^ mix(state[i - 1]).wrapping_mul(1_664_525)).wrapping_add(key);
            i += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        for _ in 0..N - 1 {
            let word = state[i] ^ mix(state[i - 1]).wrapping_mul(1_566_083_941);
            state[i] = word.wrapping_sub(u32::try_from(i).unwrap_or_default());
            i += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        mt
    }

    fn word(&mut self) -> u32 {
        if self.at >= N {
            for k in 0..N {
                let y = (self.state[k] & 0x8000_0000) | (self.state[(k + 1) % N] & 0x7fff_ffff);
                let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[k] = self.state[(k + M) % N] ^ (y >> 1) ^ twist;
            }
            self.at = 0;
        }
        let mut y = self.state[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }
}

/// CPython's `random.Random`.
#[derive(Clone)]
pub struct PythonRandom(MersenneTwister);

impl PythonRandom {
    /// `random.seed(seed)`.
    pub fn new(seed: u32) -> Self {
        Self(MersenneTwister::from_key(seed))
    }

    /// `random.random()`: a fraction of 53 bits.
    pub fn random(&mut self) -> f64 {
        let (a, b) = (self.0.word() >> 5, self.0.word() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
    }

    /// `random.getrandbits(bits)`, for at most 128 bits.
    pub fn bits(&mut self, bits: u32) -> u128 {
        let (mut value, mut shift, mut left) = (0, 0, bits);
        while left > 0 {
            let take = left.min(32);
            value |= u128::from(self.0.word() >> (32 - take)) << shift;
            shift += 32;
            left -= take;
        }
        value
    }

    /// A number below `n`, as `choice`, `sample`, `shuffle` and `randint` draw it: bits are drawn
    /// again until they fit.
    pub fn below(&mut self, n: usize) -> usize {
        let bits = usize::BITS - n.leading_zeros();
        loop {
            let value = match bits {
                // The common case, without wide numbers.
                1..=32 => (self.0.word() >> (32 - bits)) as usize,
                _ => self.bits(bits) as usize,
            };
            if value < n {
                return value;
            }
        }
    }

    /// `random.randint(low, high)`, both ends included.
    pub fn int(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// `random.choices(items, k=k)` without weights.
    pub fn choices<T: Copy>(&mut self, items: &[T], k: usize) -> Vec<T> {
        let n = items.len() as f64;
        (0..k)
            .map(|_| items[(self.random() * n) as usize])
            .collect()
    }

    /// `random.shuffle(items)`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// `random.sample(range(n), k)`; nothing where `k > n`, which CPython refuses.
    pub fn sample(&mut self, n: usize, k: usize) -> Option<Vec<usize>> {
        if k > n {
            return None;
        }
        // CPython picks from a pool up to this size and by rejection above it; the two consume
        // the stream differently.
        let mut pool_limit = 21_usize;
        if k > 5 {
            let power = ((k as f64 * 3.0).ln() / 4_f64.ln()).ceil();
            pool_limit += 4_usize.pow(power as u32);
        }
        if n <= pool_limit {
            let mut pool: Vec<usize> = (0..n).collect();
            return Some(
                (0..k)
                    .map(|i| {
                        let j = self.below(n - i);
                        let picked = pool[j];
                        pool[j] = pool[n - i - 1];
                        picked
                    })
                    .collect(),
            );
        }
        let mut seen = HashSet::with_capacity(k);
        let mut picked = Vec::with_capacity(k);
        while picked.len() < k {
            let j = self.below(n);
            if seen.insert(j) {
                picked.push(j);
            }
        }
        Some(picked)
    }

    /// `str(uuid.UUID(int=random.getrandbits(128), version=4))`.
    pub fn uuid4(&mut self) -> String {
        let version = 0xf000_u128 << 64;
        let variant = 0xc000_u128 << 48;
        let bits = self.bits(128) & !version & !variant | (4 << 76) | (2 << 62);
        let hex = format!("{bits:032x}");
        [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ]
        .join("-")
    }
}

/// numpy's legacy `RandomState`.
#[derive(Clone)]
pub struct NumpyRandom(MersenneTwister);

impl NumpyRandom {
    /// `np.random.seed(seed)`.
    pub fn new(seed: u32) -> Self {
        Self(MersenneTwister::from_word(seed))
    }

    /// `np.random.randint(low, high)`, `high` excluded, for ranges below 2³²: masked rejection.
    pub fn int(&mut self, low: u32, high: u32) -> u32 {
        let most = high - low - 1;
        let mask = most.checked_ilog2().map_or(0, |bit| u32::MAX >> (31 - bit));
        loop {
            let value = self.0.word() & mask;
            if value <= most {
                return low + value;
            }
        }
    }
}
