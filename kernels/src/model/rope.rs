//! Positions.

/// Radians per position of each pair of a head's values.
///
/// # Formula
/// `base^(−2i / head_dim)` for `i` in `0..head_dim / 2`.
/// Source: Su et al., RoFormer, 2021, section 3.2.2.
///
/// # Example
/// ```
/// use fathom_kernels::model::rope::inverse_frequencies;
/// assert_eq!(inverse_frequencies(10_000.0, 4), [1.0, 0.01]);
/// ```
pub fn inverse_frequencies(base: f32, head_dim: usize) -> Vec<f32> {
    let exponent = |pair: usize| -2.0 * pair as f64 / head_dim as f64;
    (0..head_dim / 2)
        .map(|pair| f64::from(base).powf(exponent(pair)) as f32)
        .collect()
}

/// Cosine and sine of every pair at the positions `from..from + count`, `(count, pairs)` of each
/// two. The angle is made in f64: at thousands of radians f32 has no digits left for it.
pub fn rotations(inverse_frequencies: &[f32], from: usize, count: usize) -> Vec<[f32; 2]> {
    let angle = |position: usize, frequency: &f32| position as f64 * f64::from(*frequency);
    (from..from + count)
        .flat_map(|position| inverse_frequencies.iter().map(move |f| angle(position, f)))
        .map(|angle| [angle.cos() as f32, angle.sin() as f32])
        .collect()
}
