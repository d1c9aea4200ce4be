//! How likely tokens are.

/// The log-probability of `id` and of the `top` likeliest.
///
/// # Formula
/// `x_i − m − ln Σ_j exp(x_j − m)`, with `m` the largest logit; in f64.
///
/// # Example
/// ```
/// use fathom_kernels::model::logprobs::log_softmax;
/// let (own, top) = log_softmax(&[0.0, 0.0], 1, 1);
/// assert!((own + 2.0_f64.ln()).abs() < 1e-12);
/// assert_eq!(top[0].0, 0);
/// ```
pub fn log_softmax(logits: &[f32], id: u32, top: usize) -> (f64, Vec<(u32, f64)>) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let largest = f64::from(largest);
    let sum: f64 = logits.iter().map(|x| (f64::from(*x) - largest).exp()).sum();
    let norm = largest + sum.ln();
    let logprob = |logit: f32| f64::from(logit) - norm;
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(top + 1);
    for (id, logit) in (0..).zip(logits) {
        if best.len() == top && best.last().is_none_or(|last| last.1 >= *logit) {
            continue;
        }
        let place = best.partition_point(|other| other.1 >= *logit);
        best.insert(place, (id, *logit));
        best.truncate(top);
    }
    let own = logits.get(id as usize).copied();
    let top = best.into_iter().map(|(id, logit)| (id, logprob(logit)));
    (own.map_or(f64::NEG_INFINITY, logprob), top.collect())
}

#[cfg(test)]
mod tests {
    use super::log_softmax;

    #[test]
    fn by_hand() {
        // Probabilities 0.1, 0.4, 0.1 and 0.4, all shifted by the same 300.
        let logits = [1.0_f32, 4.0, 1.0, 4.0].map(|p| p.ln() + 300.0);
        let (own, top) = log_softmax(&logits, 2, 3);
        assert!((own - 0.1_f64.ln()).abs() < 1e-4, "{own}");
        let ids: Vec<u32> = top.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [1, 3, 0], "of equals the lower id first");
        let all: f64 = log_softmax(&logits, 0, 9)
            .1
            .iter()
            .map(|(_, p)| p.exp())
            .sum();
        assert!((all - 1.0).abs() < 1e-12, "{all}");
        assert_eq!(log_softmax(&logits, 1, 0).1, []);
        // The chosen one's value is the very same number as in the list.
        assert_eq!(
            log_softmax(&logits, 1, 1).0,
            log_softmax(&logits, 1, 1).1[0].1
        );
    }
}
