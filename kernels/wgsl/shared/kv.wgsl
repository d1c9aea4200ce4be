// Keys and values in the cache's format, a quad at a time: two words of two 16-bit floats each, or
// four 32-bit floats.
override KV_F32: bool = false;
fn key(at: u32) -> vec4<f32> {
    if KV_F32 {
        return bitcast<vec4<f32>>(vec4(keys[2u * at], keys[2u * at + 1u]));
    }
    let halves = keys[at];
    return vec4(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
fn value(at: u32) -> vec4<f32> {
    if KV_F32 {
        return bitcast<vec4<f32>>(vec4(values[2u * at], values[2u * at + 1u]));
    }
    let halves = values[at];
    return vec4(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
