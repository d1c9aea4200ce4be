/// `silu(gate) · up`, with `silu(g) = g / (1 + exp(−g))`. Shazeer, GLU Variants, 2020.
pub fn swiglu(gate: &[f32], up: &[f32]) -> Vec<f32> {
    gate.iter()
        .zip(up)
        .map(|(gate, up)| gate / (1.0 + (-gate).exp()) * up)
        .collect()
}
