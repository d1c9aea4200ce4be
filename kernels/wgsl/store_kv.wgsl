// store_kv: keys[start+t] = rope(k[t]), values[start+t] = v[t]    twin src/cpu/rope.rs
// One invocation per pair.
#import chunk
struct PairDims {
    heads: u32,
    pairs: u32, // of a head: D/2
}
@group(0) @binding(0) var<uniform>             chunk: Chunk;             // T
@group(0) @binding(1) var<uniform>             dims: PairDims;
@group(0) @binding(2) var<storage, read>       rope_cos_sin: array<vec2<f32>>;  // (T, D/2) cosine and sine
@group(0) @binding(3) var<storage, read>       k: array<vec2<f32>>;      // (T, heads, D/2)
@group(0) @binding(4) var<storage, read>       v: array<vec2<f32>>;      // (T, heads, D/2)
@group(0) @binding(5) var<storage, read_write> keys: array<vec2<f32>>;   // (room, heads, D/2)
@group(0) @binding(6) var<storage, read_write> values: array<vec2<f32>>; // (room, heads, D/2)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let token = id.y;
    let row = dims.heads * dims.pairs;
    if token >= chunk.tokens || id.x >= row {
        return;
    }
    let turn = rope_cos_sin[token * dims.pairs + id.x % dims.pairs];
    let key = k[token * row + id.x];
    let at = (chunk.start + token) * row + id.x;
    keys[at] = vec2(key.x * turn.x - key.y * turn.y, key.x * turn.y + key.y * turn.x);
    values[at] = v[token * row + id.x];
}
