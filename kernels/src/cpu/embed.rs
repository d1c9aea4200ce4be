/// `x[t,c] = w[ids[t],c]`, with `w` `(tokens of the vocabulary, cols)`.
pub fn embed(w: &[f32], cols: usize, ids: &[u32]) -> Vec<f32> {
    let row = |id: &u32| &w[*id as usize * cols..][..cols];
    ids.iter().flat_map(row).copied().collect()
}
