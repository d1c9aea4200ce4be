// attention over one slice of the keys: the maximum of the scores, the sum of the exponentials and
// the weighted sum of the values, which attention_merge combines    Dao et al. 2023
// (flash-decoding); twin src/cpu/attention.rs
// A workgroup takes QUERIES queries of a key head and one slice. Each lane scores one key for all
// of them, then computes one quad of the weighted sum over its part of the keys. Head width: at
// most 256.
#import chunk
#import heads
@group(0) @binding(0) var<uniform>             chunk: Chunk;             // T
@group(0) @binding(1) var<uniform>             dims: HeadDims;
@group(0) @binding(2) var<storage, read>       q: array<vec4<f32>>;      // (T, heads, D/4)
@group(0) @binding(3) var<storage, read>       keys: array<vec2<u32>>;   // (capacity, kv_heads, D/4) quads
@group(0) @binding(4) var<storage, read>       values: array<vec2<u32>>; // (capacity, kv_heads, D/4) quads
@group(0) @binding(5) var<storage, read_write> mixes: array<vec4<f32>>;  // (T, heads, slices, D/4)
@group(0) @binding(6) var<storage, read_write> tops: array<vec2<f32>>;   // (T, heads, slices) maximum and sum
#import slices
#import kv
const LANES = 64u;
const QUERIES = 4u;
const SLICE = LANES; // the fewest keys in a slice
const TILE_X = 1u;   // slices
const TILE_Y = 1u;   // QUERIES of a key head
var<workgroup> shares: array<vec4<f32>, LANES>;
var<workgroup> highs: array<vec4<f32>, 8>;
var<workgroup> parted: array<vec4<f32>, LANES * QUERIES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let group = dims.heads / dims.kv_heads;
    let queries = chunk.tokens * group;
    let blocks = (queries + QUERIES - 1u) / QUERIES;
    let kv = workgroup.y / blocks;
    let first = workgroup.y % blocks * QUERIES;
    let slice = workgroup.x;
    let slices = slice_count();
    let begin = slice * chunk.slice;
    let stop = min(begin + chunk.slice, chunk.start + chunk.tokens);
    // Lanes beyond the edge repeat the last query and do not store it.
#each i 0..4
    let query$i = min(first + $iu, queries - 1u);
    let end$i = min(chunk.start + query$i / group + 1u, stop);
    let at$i = query$i / group * dims.heads + kv * group + query$i % group;
    var mix$i = vec4<f32>();
#end
    let ends = vec4(end0, end1, end2, end3);
    let parts = LANES / dims.quads;
    let part = lane / dims.quads;
    let quad = lane % dims.quads;
    var top = vec4(LEAST);
    var sum = vec4<f32>();
    for (var tile = begin; tile < stop; tile += LANES) {
        let base = (min(tile + lane, stop - 1u) * dims.kv_heads + kv) * dims.quads;
        var score = vec4<f32>();
        for (var c = 0u; c < dims.quads; c++) {
            let k = key(base + c);
            score += vec4(
                dot(q[at0 * dims.quads + c], k),
                dot(q[at1 * dims.quads + c], k),
                dot(q[at2 * dims.quads + c], k),
                dot(q[at3 * dims.quads + c], k),
            );
        }
        let seen = vec4(tile + lane) < ends;
        score = select(vec4(LEAST), score * dims.scale, seen);
        shares[lane] = score;
        workgroupBarrier();
        if lane < 8u {
            var high = shares[lane * 8u];
            for (var n = 1u; n < 8u; n++) {
                high = max(high, shares[lane * 8u + n]);
            }
            highs[lane] = high;
        }
        workgroupBarrier();
        var high = top;
        for (var n = 0u; n < 8u; n++) {
            high = max(high, highs[n]);
        }
        let fade = exp(top - high);
        let share = select(vec4(0.0), exp(score - high), seen);
        sum = sum * fade + share;
        top = high;
        shares[lane] = share;
        workgroupBarrier();
#each i 0..4
        mix$i *= fade[$i];
#end
        if part < parts {
            let inside = min(LANES, stop - tile);
            for (var n = part; n < inside; n += parts) {
                let v = value(((tile + n) * dims.kv_heads + kv) * dims.quads + quad);
                let weight = shares[n];
#each i 0..4
                mix$i += weight[$i] * v;
#end
            }
        }
        workgroupBarrier();
    }
    shares[lane] = sum;
#each i 0..4
    parted[$iu * LANES + lane] = mix$i;
#end
    workgroupBarrier();
    if lane < dims.quads {
        var total = vec4<f32>();
        for (var n = 0u; n < LANES; n++) {
            total += shares[n];
        }
#each i 0..4
        if first + $iu < queries {
            var mix = vec4<f32>();
            for (var p = 0u; p < parts; p++) {
                mix += parted[$iu * LANES + p * dims.quads + lane];
            }
            let slot = at$i * slices + slice;
            mixes[slot * dims.quads + lane] = mix;
            if lane == 0u {
                tops[slot] = vec2(top[$i], total[$i]);
            }
        }
#end
    }
}
