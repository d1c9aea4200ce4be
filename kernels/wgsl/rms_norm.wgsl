// rms_norm: y[t,c] = x[t,c] * w[c] / sqrt(mean_c(x[t,c]^2) + eps)    Zhang & Sennrich 2019; twin src/cpu/rms_norm.rs
// One invocation per token, or one workgroup per token whose lanes stride over c.
#import chunk
struct NormDims {
    quads: u32, // C/4
    eps: f32,
}
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: NormDims;
@group(0) @binding(2) var<storage, read>       w: array<vec4<f32>>; // (C/4)
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>; // (T, C/4)
const TILE_X = 1u; // tokens
const TILE_Y = 1u;
#if WORKGROUP
const LANES = 64u;
var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let at = group.x * dims.quads;
    var sum = 0.0;
    for (var c = lane; c < dims.quads; c += LANES) {
        sum += dot(x[at + c], x[at + c]);
    }
    sums[lane] = sum;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            sums[lane] += sums[lane + half];
        }
        workgroupBarrier();
    }
    let scale = inverseSqrt(sums[0] / f32(dims.quads * 4u) + dims.eps);
    for (var c = lane; c < dims.quads; c += LANES) {
        y[at + c] = x[at + c] * w[c] * scale;
    }
}
#else

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3<u32>) {
    let at = group.x * dims.quads;
    var sum = 0.0;
    for (var c = 0u; c < dims.quads; c++) {
        sum += dot(x[at + c], x[at + c]);
    }
    let scale = inverseSqrt(sum / f32(dims.quads * 4u) + dims.eps);
    for (var c = 0u; c < dims.quads; c++) {
        y[at + c] = x[at + c] * w[c] * scale;
    }
}
#end
