// embed: x[t,c] = w[ids[t],c]    twin src/cpu/embed.rs
// One invocation per pair of quads (x) of a token (y).
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (V, C) as stored
@group(0) @binding(3) var<storage, read>       ids: array<u32>;     // (T)
@group(0) @binding(4) var<storage, read_write> x: array<vec4<f32>>; // (T, C/4)
#import weights

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let token = id.y;
    let block = id.x / 4u;
    let blocks = dims.cols / 32u;
    if token >= chunk.tokens || block >= blocks {
        return;
    }
    let j = id.x % 4u;
    let base = (min(ids[token], dims.rows - 1u) * blocks + block) * WORDS;
    let p = pair(base, j, scales(base));
    let at = token * dims.cols / 4u + block * 8u + j * STEP;
    x[at] = p.a;
    x[at + GAP] = p.b;
}
