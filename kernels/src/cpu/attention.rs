/// How the heads lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadLayout {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Values per head.
    pub head_dim: usize,
}

/// `o = softmax(q·k / √d) v` over all tokens up to its own, of which the first `start` came before
/// this chunk; query head `h` reads key head `h / (heads / kv_heads)`. Vaswani et al., 2017.
/// `q` is `(tokens, heads, d)`, `keys` and `values` are `(start + tokens, kv_heads, d)`.
pub fn attention(
    q: &[f32],
    keys: &[f32],
    values: &[f32],
    start: usize,
    heads: HeadLayout,
) -> Vec<f32> {
    let HeadLayout {
        heads,
        kv_heads,
        head_dim: d,
    } = heads;
    let mut out = Vec::with_capacity(q.len());
    for (i, q) in q.chunks(d).enumerate() {
        let (token, head) = (i / heads, i % heads);
        let at = |position: usize| (position * kv_heads + head / (heads / kv_heads)) * d;
        let positions = 0..=start + token;
        let scores: Vec<f64> = positions
            .map(|position| {
                let key = &keys[at(position)..][..d];
                let products = q
                    .iter()
                    .zip(key)
                    .map(|(q, k)| f64::from(*q) * f64::from(*k));
                products.sum::<f64>() / (d as f64).sqrt()
            })
            .collect();
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
        let total: f64 = shares.iter().sum();
        out.extend((0..d).map(|c| {
            let mix = shares.iter().enumerate();
            let mix = mix.map(|(p, share)| share * f64::from(values[at(p) + c]));
            (mix.sum::<f64>() / total) as f32
        }));
    }
    out
}
