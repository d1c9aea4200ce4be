//! From logits to a token.

/// How the next token is chosen.
#[derive(Clone, PartialEq, Debug)]
pub enum Sampler {
    /// The likeliest; of equals the first.
    Greedy,
    /// By chance among the likeliest.
    TopP {
        /// Divides the logits; above 0.
        temperature: f32,
        /// The smallest set of tokens whose probabilities reach this is drawn from.
        p: f32,
        /// State of the generator.
        state: u64,
    },
}

/// The likeliest token at its place.
#[derive(Clone, PartialEq, Debug)]
pub struct GreedyToken {
    /// Which it is.
    pub id: u32,
    /// The likeliest tokens, itself first, with the natural logarithms of their probabilities, likeliest
    /// first and of equals the lower id; as many as were asked for.
    pub top: Vec<(u32, f64)>,
}

impl Sampler {
    /// Always the likeliest.
    pub fn greedy() -> Self {
        Self::Greedy
    }

    /// By chance; the same seed gives the same tokens. A temperature of 0 or less is greedy.
    ///
    /// Source: Holtzman et al., The Curious Case of Neural Text Degeneration, 2020, section 3.1.
    pub fn top_p(temperature: f32, p: f32, seed: u64) -> Self {
        if temperature <= 0.0 {
            return Self::Greedy;
        }
        Self::TopP {
            temperature,
            p,
            state: seed,
        }
    }

    /// The next token's id. `logits` is not empty.
    ///
    /// # Example
    /// ```
    /// use fathom_kernels::model::sampler::Sampler;
    /// assert_eq!(Sampler::greedy().sample(&[0.1, 2.0, 2.0]), 1);
    /// ```
    pub fn sample(&mut self, logits: &[f32]) -> u32 {
        match self {
            Self::Greedy => likeliest(logits),
            Self::TopP {
                temperature,
                p,
                state,
            } => {
                let draw = uniform(state);
                nucleus(logits, *temperature, *p, draw)
            }
        }
    }
}

fn likeliest(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (id, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = id;
        }
    }
    id(best)
}

fn nucleus(logits: &[f32], temperature: f32, p: f32, draw: f64) -> u32 {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weight = |logit: f32| f64::from((logit - top) / temperature).exp();
    let mut ranked: Vec<(usize, f64)> = logits
        .iter()
        .map(|logit| weight(*logit))
        .enumerate()
        .collect();
    ranked.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let total: f64 = ranked.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0.0;
    let mut kept = 0;
    while kept < ranked.len() && (kept == 0 || sum < f64::from(p) * total) {
        sum += ranked[kept].1;
        kept += 1;
    }
    // In the order of ids: where two are nearly alike, which of them is ahead must not decide what
    // every draw means.
    let drawn = &mut ranked[..kept];
    drawn.sort_unstable_by_key(|(token, _)| *token);
    let mut left = draw * sum;
    for (token, weight) in drawn.iter() {
        left -= weight;
        if left < 0.0 {
            return id(*token);
        }
    }
    id(drawn[kept - 1].0)
}

/// Whether `logits` are numbers to choose by: none is NaN or infinitely large, and not all are
/// infinitely small.
///
/// # Example
/// ```
/// use fathom_kernels::model::sampler::are_numbers;
/// assert!(are_numbers(&[0.5, f32::NEG_INFINITY]));
/// assert!(!are_numbers(&[0.5, f32::NAN]));
/// ```
pub fn are_numbers(logits: &[f32]) -> bool {
    let wrong = |logit: &f32| logit.is_nan() || *logit == f32::INFINITY;
    !logits.iter().any(wrong) && logits.iter().any(|logit| logit.is_finite())
}

/// The next number in `[0, 1)`. SplitMix64: Steele, Lea and Flood, OOPSLA 2014, figure 17.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_p_is_greedy() {
        let mut sampler = Sampler::top_p(1.0, 0.0, 7);
        assert!((0..50).all(|_| sampler.sample(&[0.0, 3.0, 2.9]) == 1));
        assert_eq!(Sampler::top_p(0.0, 0.9, 7), Sampler::greedy());
    }

    #[test]
    fn draws_follow_the_probabilities() {
        // Probabilities 0.6, 0.3 and 0.1: with p = 0.8 the last is out and the others are 2 to 1.
        let logits = [0.6_f32.ln(), 0.3_f32.ln(), 0.1_f32.ln()];
        let mut sampler = Sampler::top_p(1.0, 0.8, 42);
        let mut counts = [0; 3];
        for _ in 0..6000 {
            counts[sampler.sample(&logits) as usize] += 1;
        }
        assert_eq!(counts[2], 0);
        // Four standard deviations of a proportion at n = 6000 are 0.024.
        assert!(
            (f64::from(counts[0]) / 6000.0 - 2.0 / 3.0).abs() < 0.025,
            "{counts:?}"
        );
    }

    #[test]
    fn equals_that_change_places_are_drawn_alike() {
        // What rounding does to two that are nearly alike.
        let draws = |a: f32, b: f32| {
            let mut sampler = Sampler::top_p(1.0, 0.9, 3);
            (0..200)
                .map(|_| sampler.sample(&[a, b, -9.0]))
                .collect::<Vec<_>>()
        };
        assert_eq!(draws(1.0, 1.000_000_1), draws(1.000_000_1, 1.0));
    }

    #[test]
    fn the_seed_decides() {
        let draw = |seed| {
            let mut sampler = Sampler::top_p(1.0, 1.0, seed);
            (0..20)
                .map(|_| sampler.sample(&[0.0; 50]))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
