
// Stores four rows of a token, from `row` on; its output begins at `at`.
fn store(at: u32, row: u32, sum: vec4<f32>) {
#if SWIGLU
    if row < dims.rows {
        let gate = sum.xy;
        let opened = gate / (1.0 + exp(-gate)) * sum.zw;
        y[at + row / 2u] = opened.x;
        y[at + row / 2u + 1u] = opened.y;
    }
#else
#each i 0..4
    if row + $iu < dims.rows {
        y[at + row + $iu] = select(0.0, y[at + row + $iu], dims.accumulate == 1u) + sum[$i];
    }
#end
#end
}
