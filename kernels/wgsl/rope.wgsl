// rope: turns each pair (2i, 2i+1) of a head by its position's angle, in place    Su et al. 2021; twin src/cpu/rope.rs
// One invocation per pair.
#import chunk
struct PairDims {
    heads: u32,
    pairs: u32, // of a head: D/2
}
@group(0) @binding(0) var<uniform>             chunk: Chunk;          // T
@group(0) @binding(1) var<uniform>             dims: PairDims;
@group(0) @binding(2) var<storage, read>       rope_cos_sin: array<vec2<f32>>; // (T, D/2) cosine and sine
@group(0) @binding(3) var<storage, read_write> x: array<vec2<f32>>;     // (T, heads, D/2)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let token = id.y;
    if token >= chunk.tokens || id.x >= dims.heads * dims.pairs {
        return;
    }
    let at = token * dims.heads * dims.pairs + id.x;
    let turn = rope_cos_sin[token * dims.pairs + id.x % dims.pairs];
    let value = x[at];
    x[at] = vec2(value.x * turn.x - value.y * turn.y, value.x * turn.y + value.y * turn.x);
}
