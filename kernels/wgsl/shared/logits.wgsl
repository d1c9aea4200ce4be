// Logits by their bits, so that NaN stays visible whatever a driver assumes of floats.
// The number of a float in the order of floats; -0 is 0.
fn rank(bits: u32) -> u32 {
    if bits == 0x80000000u {
        return bits;
    }
    return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}
const LOWEST = 0x007fffffu; // the rank of minus infinity
// Whether it is no number to choose by: NaN or infinitely large.
fn is_wrong(bits: u32) -> bool {
    return (bits & 0x7fffffffu) > 0x7f800000u || bits == 0x7f800000u;
}
