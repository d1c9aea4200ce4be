// matvec: y[t,r] = sum_c x[t,c] * w[r,c], added to y if accumulate is 1    twin src/cpu/matmul.rs
// NORM: x is normalised first as in rms_norm, with weights g    twin src/cpu/rms_norm.rs
// SWIGLU: of every four rows, two are gate rows and two are up rows: y = silu(gate) * up
// A workgroup computes 4 rows for one token: its lanes stride over the columns, then sum up. Faster
// on GPUs for a single token.
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (R, C) as stored
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<f32>;       // (T, stride)
#if NORM
@group(0) @binding(5) var<storage, read>       g: array<vec4<f32>>; // (C/4)
#end
#import weights
const LANES = 64u;
const TILE_X = 4u; // rows
const TILE_Y = 1u; // tokens
var<workgroup> sums: array<vec4<f32>, LANES>;
#if NORM
var<workgroup> squares: array<f32, LANES>;
#end

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let blocks = dims.cols / 32u;
    let row = group.x * TILE_X;
    let token = group.y;
    var sum = vec4<f32>();
    var square = 0.0;
    for (var at = lane; at < blocks * 4u; at += LANES) {
        let block = at / 4u;
        let j = at % 4u;
        let quad = block * 8u + j * STEP;
        let here = token * blocks * 8u + quad;
        var a = x[here];
        var b = x[here + GAP];
#if NORM
        square += dot(a, a) + dot(b, b);
        a *= g[quad];
        b *= g[quad + GAP];
#end
#each i 0..4
        let base$i = (min(row + $iu, dims.rows - 1u) * blocks + block) * WORDS;
        let p$i = pair(base$i, j, scales(base$i));
#end
        sum += vec4(dot(p0.a, a), dot(p1.a, a), dot(p2.a, a), dot(p3.a, a));
        sum += vec4(dot(p0.b, b), dot(p1.b, b), dot(p2.b, b), dot(p3.b, b));
    }
    sums[lane] = sum;
#if NORM
    squares[lane] = square;
#end
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            sums[lane] += sums[lane + half];
#if NORM
            squares[lane] += squares[lane + half];
#end
        }
        workgroupBarrier();
    }
    if lane == 0u {
#if NORM
        let scale = inverseSqrt(squares[0] / f32(dims.cols) + dims.eps);
#else
        let scale = 1.0;
#end
        store(token * dims.stride + dims.offset, row, sums[0] * scale);
    }
}
#import store
