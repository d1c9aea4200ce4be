// matmul: y[t,r] = sum_c x[t,c] * w[r,c], added to y where accumulate is 1    twin src/cpu/matmul.rs
// A workgroup makes a tile of 64 rows and 64 tokens; a block of 32 columns of either lies in its
// memory, and an invocation makes 4 × 4. The fast one on graphics processors.
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (R, C) as stored
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<f32>;       // (T, R)
#import weights
const SIDE = 16u; // invocations
const TILE_X = 4u * SIDE; // rows
const TILE_Y = 4u * SIDE; // tokens
var<workgroup> tile_w: array<vec4<f32>, TILE_X * 8u>; // (rows, 8)
var<workgroup> tile_x: array<vec4<f32>, TILE_Y * 8u>; // (tokens, 8)

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
        tile_w[fetch * 8u + j * STEP] = p.a;
        tile_w[fetch * 8u + j * STEP + GAP] = p.b;
        tile_x[fetch * 8u + j] = x[x_row + block * 8u + j];
        tile_x[fetch * 8u + j + 4u] = x[x_row + block * 8u + j + 4u];
        workgroupBarrier();
        for (var c = 0u; c < 8u; c++) {
#each i 0..4
            let w$i = tile_w[(local.y + $iu * SIDE) * 8u + c];
#end
#each t 0..4
            let x$t = tile_x[(local.x + $tu * SIDE) * 8u + c];
            sum$t += vec4(dot(w0, x$t), dot(w1, x$t), dot(w2, x$t), dot(w3, x$t));
#end
        }
        workgroupBarrier();
    }
#each t 0..4
    if token + local.x + $tu * SIDE < chunk.tokens {
        let at = (token + local.x + $tu * SIDE) * dims.rows;
#each i 0..4
        let r$i = row + local.y + $iu * SIDE;
        if r$i < dims.rows {
            y[at + r$i] = select(0.0, y[at + r$i], dims.accumulate == 1u) + sum$t[$i];
        }
#end
    }
#end
}
