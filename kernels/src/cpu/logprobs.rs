/// `p[i] = x[ids[i]] − m − ln Σ_j exp(x[j] − m)`, with `m` the largest logit: the log-probabilities of
/// `ids`; `None` if the logits are no numbers, as in [`top_k`](super::top_k).
pub fn logprobs(logits: &[f32], ids: &[u32]) -> Option<Vec<f64>> {
    let (largest, _) = super::top_k(logits, 1)?[0];
    let largest = f64::from(logits[largest as usize]);
    let sum: f64 = logits.iter().map(|x| (f64::from(*x) - largest).exp()).sum();
    let logprob = |id: &u32| f64::from(logits[*id as usize]) - largest - sum.ln();
    Some(ids.iter().map(logprob).collect())
}
