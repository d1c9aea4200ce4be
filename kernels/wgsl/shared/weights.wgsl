// Weights, dequantised as they are read. A row is a sequence of blocks of 32 weights. A block is
// WORDS words, read as four pairs of vec4: pair j holds the quads j*STEP and j*STEP + GAP.
// Q4: scale and shift as 16-bit floats, then four bits each, the first 16 in the low halves of the
// bytes.
// Q8: scale and shift as 16-bit floats, then eight bits each. Q8X2: the scales of the first and
// last 16.
// Which stored format uses which layout: src/ops/layout.rs.
struct Pair {
    a: vec4<f32>,
    b: vec4<f32>,
}
#if Q4
const WORDS = 5u;
const STEP = 1u;
const GAP = 4u;
#else
const STEP = 2u;
const GAP = 1u;
#end
#if Q8
const WORDS = 9u;
#end
#if Q8X2
const WORDS = 9u;
#end
#if F16
const WORDS = 16u;
#end
#if F32
const WORDS = 32u;
#end

// Scale and shift, or the two scales, of the block at word `base`.
fn scales(base: u32) -> vec2<f32> {
#if Q4
    return unpack2x16float(w[base]);
#end
#if Q8
    return unpack2x16float(w[base]);
#end
#if Q8X2
    return unpack2x16float(w[base]);
#end
#if F16
    return vec2(1.0, 0.0);
#end
#if F32
    return vec2(1.0, 0.0);
#end
}

// Pair `j` of the block at word `base`, whose scales are `s`.
fn pair(base: u32, j: u32, s: vec2<f32>) -> Pair {
#if Q4
    let q = w[base + 1u + j];
    let low = vec4<f32>(unpack4xU8(q & 0x0f0f0f0fu));
    let high = vec4<f32>(unpack4xU8((q >> 4u) & 0x0f0f0f0fu));
    return Pair(low * s.x + s.y, high * s.x + s.y);
#end
#if Q8
    let at = base + 1u + 2u * j;
    let a = vec4<f32>(unpack4xI8(w[at]));
    return Pair(a * s.x + s.y, vec4<f32>(unpack4xI8(w[at + 1u])) * s.x + s.y);
#end
#if Q8X2
    let at = base + 1u + 2u * j;
    let scale = select(s.x, s.y, j > 1u);
    return Pair(vec4<f32>(unpack4xI8(w[at])) * scale, vec4<f32>(unpack4xI8(w[at + 1u])) * scale);
#end
#if F16
    let at = base + 4u * j;
    return Pair(
        vec4(unpack2x16float(w[at]), unpack2x16float(w[at + 1u])),
        vec4(unpack2x16float(w[at + 2u]), unpack2x16float(w[at + 3u])),
    );
#end
#if F32
    let at = base + 8u * j;
    return Pair(
        bitcast<vec4<f32>>(vec4(w[at], w[at + 1u], w[at + 2u], w[at + 3u])),
        bitcast<vec4<f32>>(vec4(w[at + 4u], w[at + 5u], w[at + 6u], w[at + 7u])),
    );
#end
}
