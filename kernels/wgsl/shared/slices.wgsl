const SLICES = 128u; // at most
fn slice_count() -> u32 {
    return (chunk.start + chunk.tokens + chunk.slice - 1u) / chunk.slice;
}
