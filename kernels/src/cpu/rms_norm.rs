/// `y[t,c] = x[t,c] · w[c] / √(mean_c(x[t,c]²) + eps)`. Zhang and Sennrich, 2019.
pub fn rms_norm(w: &[f32], x: &[f32], eps: f32) -> Vec<f32> {
    let norm = |x: &[f32]| {
        let squares: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
        let scale = (squares / x.len() as f64 + f64::from(eps)).sqrt().recip();
        let scaled = x
            .iter()
            .zip(w)
            .map(|(x, w)| (f64::from(*x) * f64::from(*w) * scale) as f32);
        scaled.collect::<Vec<_>>()
    };
    x.chunks(w.len()).flat_map(norm).collect()
}
