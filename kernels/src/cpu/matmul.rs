/// `y[t,r] = sum_c x[t,c] · w[r,c]`, with `w` `(rows, cols)` and `x` `(tokens, cols)`. Summed in f64.
pub fn matmul(w: &[f32], x: &[f32], cols: usize) -> Vec<f32> {
    let dot = |x: &[f32], w: &[f32]| {
        let products = x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w));
        products.sum::<f64>() as f32
    };
    x.chunks(cols)
        .flat_map(|x| w.chunks(cols).map(move |w| dot(x, w)))
        .collect()
}
