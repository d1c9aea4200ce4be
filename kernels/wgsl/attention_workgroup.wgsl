// attention: o = softmax(q·k · scale) v over all tokens up to its own; query head h reads key head
// h / (heads / kv_heads)    Vaswani et al. 2017, online softmax Milakov & Gimelshein 2018; twin src/cpu/attention.rs
// One workgroup per query head and token: each lane scores one position of LANES, then makes one quad
// of the mix. Heads of at most 256 values.
#import chunk
#import heads
@group(0) @binding(0) var<uniform>             chunk: Chunk;             // T
@group(0) @binding(1) var<uniform>             dims: HeadDims;
@group(0) @binding(2) var<storage, read>       q: array<vec4<f32>>;      // (T, heads, D/4)
@group(0) @binding(3) var<storage, read>       keys: array<vec4<f32>>;   // (room, kv_heads, D/4)
@group(0) @binding(4) var<storage, read>       values: array<vec4<f32>>; // (room, kv_heads, D/4)
@group(0) @binding(5) var<storage, read_write> o: array<vec4<f32>>;      // (T, heads, D/4)
const LANES = 64u;
const TILE_X = 1u; // heads
const TILE_Y = 1u; // tokens
var<workgroup> scores: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let head = group.x;
    let token = group.y;
    let here = (token * dims.heads + head) * dims.quads;
    let stride = dims.kv_heads * dims.quads;
    let kv = head / (dims.heads / dims.kv_heads) * dims.quads;
    let count = chunk.start + token + 1u;
    var top = -3.0e38;
    var sum = 0.0;
    var mix = vec4<f32>();
    for (var tile = 0u; tile < count; tile += LANES) {
        let inside = min(LANES, count - tile);
        if lane < inside {
            let at = (tile + lane) * stride + kv;
            var score = 0.0;
            for (var c = 0u; c < dims.quads; c++) {
                score += dot(q[here + c], keys[at + c]);
            }
            scores[lane] = score * dims.scale;
        }
        workgroupBarrier();
        var high = top;
        for (var i = 0u; i < inside; i++) {
            high = max(high, scores[i]);
        }
        let fade = exp(top - high);
        sum *= fade;
        mix *= fade;
        top = high;
        for (var i = 0u; i < inside; i++) {
            let share = exp(scores[i] - top);
            sum += share;
            if lane < dims.quads {
                mix += share * values[(tile + i) * stride + kv + lane];
            }
        }
        workgroupBarrier();
    }
    if lane < dims.quads {
        o[here + lane] = mix / sum;
    }
}
