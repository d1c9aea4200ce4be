// attention: o = softmax(q·k · scale) v over all tokens up to its own; query head h reads key head
// h / (heads / kv_heads)    Vaswani et al. 2017, online softmax Milakov & Gimelshein 2018; twin src/cpu/attention.rs
// One invocation per query head and token, everything in registers.
#import chunk
#import heads
@group(0) @binding(0) var<uniform>             chunk: Chunk;             // T
@group(0) @binding(1) var<uniform>             dims: HeadDims;
@group(0) @binding(2) var<storage, read>       q: array<vec4<f32>>;      // (T, heads, D/4)
@group(0) @binding(3) var<storage, read>       keys: array<vec4<f32>>;   // (room, kv_heads, D/4)
@group(0) @binding(4) var<storage, read>       values: array<vec4<f32>>; // (room, kv_heads, D/4)
@group(0) @binding(5) var<storage, read_write> o: array<vec4<f32>>;      // (T, heads, D/4)
const QUADS = $QUADSu; // of a head: D/4

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let token = id.x / dims.heads;
    if token >= chunk.tokens {
        return;
    }
    let head = id.x % dims.heads;
    let here = id.x * QUADS;
#each c 0..$QUADS
    let q$c = q[here + $cu] * dims.scale;
    var o$c = vec4<f32>();
#end
    var top = -3.0e38;
    var sum = 0.0;
    let stride = dims.kv_heads * QUADS;
    var at = head / (dims.heads / dims.kv_heads) * QUADS;
    let end = chunk.start + token;
    for (var position = 0u; position <= end; position++) {
        var score = 0.0;
#each c 0..$QUADS
        score += dot(q$c, keys[at + $cu]);
#end
        if score > top {
            let fade = exp(top - score);
            sum *= fade;
#each c 0..$QUADS
            o$c *= fade;
#end
            top = score;
        }
        let share = exp(score - top);
        sum += share;
#each c 0..$QUADS
        o$c += share * values[at + $cu];
#end
        at += stride;
    }
#each c 0..$QUADS
    o[here + $cu] = o$c / sum;
#end
}
