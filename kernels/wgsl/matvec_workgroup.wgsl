// matvec: y[t,r] = sum_c x[t,c] * w[r,c], added to y where accumulate is 1    twin src/cpu/matmul.rs
// A workgroup makes 4 rows of one token: its lanes stride over the columns, then add up. The fast
// one on graphics processors when one token comes alone.
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (R, C) as stored
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<f32>;       // (T, R)
#import weights
const LANES = 64u;
const TILE_X = 4u; // rows
const TILE_Y = 1u; // tokens
var<workgroup> sums: array<vec4<f32>, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let blocks = dims.cols / 32u;
    let row = group.x * TILE_X;
    let token = group.y;
    var sum = vec4<f32>();
    for (var at = lane; at < blocks * 4u; at += LANES) {
        let block = at / 4u;
        let j = at % 4u;
        let here = token * blocks * 8u + block * 8u + j * STEP;
        let a = x[here];
        let b = x[here + GAP];
#each i 0..4
        let base$i = (min(row + $iu, dims.rows - 1u) * blocks + block) * WORDS;
        let p$i = pair(base$i, j, scales(base$i));
#end
        sum += vec4(dot(p0.a, a), dot(p1.a, a), dot(p2.a, a), dot(p3.a, a));
        sum += vec4(dot(p0.b, b), dot(p1.b, b), dot(p2.b, b), dot(p3.b, b));
    }
    sums[lane] = sum;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            sums[lane] += sums[lane + half];
        }
        workgroupBarrier();
    }
    if lane < 4u && row + lane < dims.rows {
        let at = token * dims.rows + row + lane;
        y[at] = select(0.0, y[at], dims.accumulate == 1u) + sums[0][lane];
    }
}
