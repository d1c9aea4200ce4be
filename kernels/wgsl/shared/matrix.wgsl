struct MatrixDims {
    rows: u32, // R
    cols: u32, // C, a multiple of 32
    accumulate: u32,
    offset: u32, // where the first row is written in a token's output
    stride: u32, // values of a token's output
    eps: f32,
}
