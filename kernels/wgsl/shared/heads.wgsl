struct HeadDims {
    heads: u32,
    kv_heads: u32, // divides heads
    quads: u32,    // of a head: D/4
    scale: f32,    // 1/sqrt(D)
}
const LEAST = -3.0e38; // stands for the maximum of no scores
