use std::ops::Range;

/// The layout of the attention heads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadLayout {
    /// Query heads.
    pub heads: usize,
    /// Key and value heads.
    pub kv_heads: usize,
    /// Values per head.
    pub head_dim: usize,
}

/// The result of one slice of the keys for one query: the maximum of its scores, the sum of their
/// exponentials relative to that maximum, and the values weighted by these exponentials. Dao et
/// al., Flash-Decoding, 2023.
#[derive(Clone, PartialEq, Debug)]
pub struct AttentionSlice {
    /// The maximum score; minus infinity if the query sees no key of the slice.
    pub top: f64,
    /// The sum of the exponentials, by which `mix` is not yet divided.
    pub sum: f64,
    /// The weighted sum of the values, `(head_dim)`.
    pub mix: Vec<f64>,
}

/// `o = softmax(q·k / √d) v` over all tokens up to and including the query's own; the first `start`
/// of them precede this chunk. Query head `h` reads key head `h / (heads / kv_heads)`. Vaswani et
/// al., 2017. `q` is `(tokens, heads, d)`, `keys` and `values` are `(start + tokens, kv_heads, d)`.
pub fn attention(
    q: &[f32],
    keys: &[f32],
    values: &[f32],
    start: usize,
    heads: HeadLayout,
) -> Vec<f32> {
    let all = keys.len() / (heads.kv_heads * heads.head_dim);
    let whole = attention_slice(q, keys, values, start, heads, 0..all);
    attention_merge(&[whole])
}

/// The results of the keys at positions `slice` for each query, `(tokens, heads)`; the arguments
/// are those of [`attention`].
pub fn attention_slice(
    q: &[f32],
    keys: &[f32],
    values: &[f32],
    start: usize,
    heads: HeadLayout,
    slice: Range<usize>,
) -> Vec<AttentionSlice> {
    let HeadLayout {
        heads,
        kv_heads,
        head_dim: d,
    } = heads;
    let one = |(i, q): (usize, &[f32])| {
        let (token, head) = (i / heads, i % heads);
        let at = |position: usize| (position * kv_heads + head / (heads / kv_heads)) * d;
        let positions = slice.start..slice.end.min(start + token + 1);
        let scores: Vec<f64> = positions
            .clone()
            .map(|position| {
                let key = &keys[at(position)..][..d];
                let products = q.iter().zip(key);
                let products = products.map(|(q, k)| f64::from(*q) * f64::from(*k));
                products.sum::<f64>() / (d as f64).sqrt()
            })
            .collect();
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
        let mix = |c| {
            let parts = positions.clone().zip(&shares);
            let parts = parts.map(|(position, share)| share * f64::from(values[at(position) + c]));
            parts.sum()
        };
        AttentionSlice {
            top,
            sum: shares.iter().sum(),
            mix: (0..d).map(mix).collect(),
        }
    };
    q.chunks(d).enumerate().map(one).collect()
}

/// Merges the slices, each `(tokens, heads)`, into the attention output.
pub fn attention_merge(slices: &[Vec<AttentionSlice>]) -> Vec<f32> {
    let queries = slices.first().map_or(0, Vec::len);
    let one = |query: usize| {
        let parts = || slices.iter().map(move |slice| &slice[query]);
        let top = parts()
            .map(|part| part.top)
            .fold(f64::NEG_INFINITY, f64::max);
        let fade = move |part: &AttentionSlice| (part.top - top).exp();
        let sum: f64 = parts().map(|part| fade(part) * part.sum).sum();
        let width = slices[0][query].mix.len();
        let mix = move |c: usize| parts().map(|part| fade(part) * part.mix[c]).sum::<f64>() / sum;
        (0..width)
            .map(mix)
            .map(|value| value as f32)
            .collect::<Vec<_>>()
    };
    (0..queries).flat_map(one).collect()
}
