// matmul: y[t,r] = sum_c x[t,c] * w[r,c], added to y if accumulate is 1    twin src/cpu/matmul.rs
// SWIGLU: of every four rows, two are gate rows and two are up rows: y = silu(gate) * up
// A workgroup computes a tile of 64 rows and 64 tokens. It keeps a block of 32 columns of both in
// its memory, and each invocation computes 4 × 4 outputs. Faster on GPUs.
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (R, C) as stored
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<f32>;       // (T, stride)
#import weights
const SIDE = 16u; // invocations
const TILE_X = 4u * SIDE; // rows
const TILE_Y = 4u * SIDE; // tokens
var<workgroup> tile_w: array<vec4<f32>, TILE_X * 8u>; // (8, rows)
var<workgroup> tile_x: array<vec4<f32>, TILE_Y * 8u>; // (8, tokens)

@compute @workgroup_size(SIDE, SIDE)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let blocks = dims.cols / 32u;
    let row = group.x * TILE_X;
    let token = group.y * TILE_Y;
    // Each lane fetches one pair of weights and two quads of x per block.
    let fetch = lane / 4u;
    let j = lane % 4u;
    let w_row = min(row + fetch, dims.rows - 1u) * blocks;
    let x_row = min(token + fetch, chunk.tokens - 1u) * blocks * 8u;
#each t 0..4
    var sum$t = vec4<f32>();
#end
    for (var block = 0u; block < blocks; block++) {
        let base = (w_row + block) * WORDS;
        let p = pair(base, j, scales(base));
        tile_w[(j * STEP) * TILE_X + fetch] = p.a;
        tile_w[(j * STEP + GAP) * TILE_X + fetch] = p.b;
        tile_x[j * TILE_Y + fetch] = x[x_row + block * 8u + j];
        tile_x[(j + 4u) * TILE_Y + fetch] = x[x_row + block * 8u + j + 4u];
        workgroupBarrier();
        for (var c = 0u; c < 8u; c++) {
#each i 0..4
            let w$i = tile_w[c * TILE_X + local.y * 4u + $iu];
#end
#each t 0..4
            let x$t = tile_x[c * TILE_Y + local.x + $tu * SIDE];
            sum$t += vec4(dot(w0, x$t), dot(w1, x$t), dot(w2, x$t), dot(w3, x$t));
#end
        }
        workgroupBarrier();
    }
#each t 0..4
    if token + local.x + $tu * SIDE < chunk.tokens {
        let at = (token + local.x + $tu * SIDE) * dims.stride + dims.offset;
        store(at, row + local.y * 4u, sum$t);
    }
#end
}
#import store
