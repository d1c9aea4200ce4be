/// Rotates each pair of neighbouring values of a head by the angle of its position. `x` is
/// `(tokens, heads, pairs, 2)`, `rope_cos_sin` is `(tokens, pairs)` of cosine and sine. Su et al.,
/// 2021.
pub fn rope(x: &[f32], rope_cos_sin: &[[f32; 2]], heads: usize, pairs: usize) -> Vec<f32> {
    let mut y = Vec::with_capacity(x.len());
    for (token, heads_of_token) in x.chunks(heads * pairs * 2).enumerate() {
        for (i, pair) in heads_of_token.chunks(2).enumerate() {
            let [cos, sin] = rope_cos_sin[token * pairs + i % pairs];
            y.extend([pair[0] * cos - pair[1] * sin, pair[0] * sin + pair[1] * cos]);
        }
    }
    y
}

/// Like [`rope`], but value `i` of a head is paired with value `i + pairs`.
pub fn rope_halves(x: &[f32], rope_cos_sin: &[[f32; 2]], heads: usize, pairs: usize) -> Vec<f32> {
    let mut y = Vec::with_capacity(x.len());
    for (i, head) in x.chunks(2 * pairs).enumerate() {
        let turns = &rope_cos_sin[i / heads * pairs..][..pairs];
        let (a, b) = head.split_at(pairs);
        let both = || a.iter().zip(b).zip(turns);
        y.extend(both().map(|((a, b), [cos, sin])| a * cos - b * sin));
        y.extend(both().map(|((a, b), [cos, sin])| a * sin + b * cos));
    }
    y
}
