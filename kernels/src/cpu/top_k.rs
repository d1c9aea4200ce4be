/// The ids of the `k` largest logits, largest first and of equals the lowest id first, with their
/// log-probabilities `x − m − ln Σ_j exp(x[j] − m)`, `m` the largest; `None` if the logits are no numbers
/// to choose by: one is NaN or infinitely large, or none is finite.
pub fn top_k(logits: &[f32], k: usize) -> Option<Vec<(u32, f64)>> {
    let is_wrong = |x: &f32| x.is_nan() || *x == f32::INFINITY;
    if logits.iter().any(is_wrong) || !logits.iter().any(|x| x.is_finite()) {
        return None;
    }
    let mut ids: Vec<u32> = (0..).take(logits.len()).collect();
    // A sum with 0 makes 0 of -0, which equals it.
    let logit = |id: u32| f64::from(logits[id as usize]) + 0.0;
    ids.sort_by(|a, b| logit(*b).total_cmp(&logit(*a)).then(a.cmp(b)));
    let largest = logit(ids[0]);
    let sum: f64 = logits.iter().map(|x| (f64::from(*x) - largest).exp()).sum();
    let likeliest = ids.into_iter().take(k);
    Some(
        likeliest
            .map(|id| (id, logit(id) - largest - sum.ln()))
            .collect(),
    )
}
