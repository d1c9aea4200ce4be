// attention_merge: o = sum_s(fade_s · mix_s) / sum_s(fade_s · sum_s) over the slices s of the keys,
// with fade_s = exp(top_s - max top)    twin src/cpu/attention.rs
// One invocation per quad of a head.
#import chunk
#import heads
@group(0) @binding(0) var<uniform>             chunk: Chunk;            // T
@group(0) @binding(1) var<uniform>             dims: HeadDims;
@group(0) @binding(2) var<storage, read>       mixes: array<vec4<f32>>; // (T, heads, slices, D/4)
@group(0) @binding(3) var<storage, read>       tops: array<vec2<f32>>;  // (T, heads, slices) maximum and sum
@group(0) @binding(4) var<storage, read_write> o: array<vec4<f32>>;     // (T, heads, D/4)
#import slices

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.y >= chunk.tokens || id.x >= dims.heads * dims.quads {
        return;
    }
    let at = id.y * dims.heads + id.x / dims.quads;
    let quad = id.x % dims.quads;
    let slices = slice_count();
    var top = LEAST;
    for (var s = at * slices; s < (at + 1u) * slices; s++) {
        top = max(top, tops[s].x);
    }
    var sum = 0.0;
    var mix = vec4<f32>();
    for (var s = at * slices; s < (at + 1u) * slices; s++) {
        let fade = exp(tops[s].x - top);
        sum += fade * tops[s].y;
        mix += fade * mixes[s * dims.quads + quad];
    }
    o[at * dims.quads + quad] = mix / sum;
}
