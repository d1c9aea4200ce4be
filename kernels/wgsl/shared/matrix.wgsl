struct MatrixDims {
    rows: u32, // R
    cols: u32, // C, a multiple of 32
    accumulate: u32,
}
