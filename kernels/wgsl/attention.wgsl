// attention: o = softmax(q·k · scale) v over all tokens up to and including its own; query head h
// reads key head h / (heads / kv_heads)    Vaswani et al. 2017, online softmax Milakov & Gimelshein
// 2018, tiles Dao et al. 2022; twin src/cpu/attention.rs
// The queries of a key head are ordered by token, then by query head. An invocation keeps QUERIES
// of them in registers and reads four keys at a time, once for all its queries.
// TILED: the lanes of a workgroup load keys and values into workgroup memory for each other.
// SPLIT: an invocation reads one slice of the keys and writes a partial result for attention_merge.
#import chunk
#import heads
@group(0) @binding(0) var<uniform>             chunk: Chunk;             // T
@group(0) @binding(1) var<uniform>             dims: HeadDims;
@group(0) @binding(2) var<storage, read>       q: array<vec4<f32>>;      // (T, heads, D/4)
@group(0) @binding(3) var<storage, read>       keys: array<vec2<u32>>;   // (capacity, kv_heads, D/4) quads
@group(0) @binding(4) var<storage, read>       values: array<vec2<u32>>; // (capacity, kv_heads, D/4) quads
#if SPLIT
@group(0) @binding(5) var<storage, read_write> mixes: array<vec4<f32>>;  // (T, heads, slices, D/4)
@group(0) @binding(6) var<storage, read_write> tops: array<vec2<f32>>;   // (T, heads, slices) maximum and sum
#import slices
#else
@group(0) @binding(5) var<storage, read_write> o: array<vec4<f32>>;      // (T, heads, D/4)
#end
#import kv
const QUADS = $QUADSu;     // of a head: D/4
const QUERIES = $QUERIESu; // of an invocation
const LANES = $LANESu;
#if SPLIT
const SLICE = 32u;     // the fewest keys in a slice
const TILE_X = LANES;  // slices
const TILE_Y = 1u;     // QUERIES of a key head
#else
const TILE_X = LANES * QUERIES; // queries of a key head
const TILE_Y = 1u;              // key heads
#end
#if TILED
const KEYS = 16u;
var<workgroup> tile_k: array<vec4<f32>, KEYS * QUADS>;
var<workgroup> tile_v: array<vec4<f32>, KEYS * QUADS>;
#end

@compute @workgroup_size(LANES)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group = dims.heads / dims.kv_heads;
    let queries = chunk.tokens * group;
    let all = chunk.start + chunk.tokens;
#if SPLIT
    let blocks = (queries + QUERIES - 1u) / QUERIES;
    let kv = id.y / blocks;
    let first = id.y % blocks * QUERIES;
    let slices = slice_count();
    if id.x >= slices || kv >= dims.kv_heads {
        return;
    }
    let begin = id.x * chunk.slice;
    let stop = min(begin + chunk.slice, all);
#else
    let kv = workgroup.y;
    let first = id.x * QUERIES;
    let begin = 0u;
    let stop = all;
#end
#if TILED
    // The last position that any query of this workgroup reads.
    let last = chunk.start + min((workgroup.x + 1u) * TILE_X - 1u, queries - 1u) / group;
#else
    if first >= queries {
        return;
    }
    let last = min(chunk.start + min(first + QUERIES - 1u, queries - 1u) / group, stop - 1u);
#end
    // Invocations beyond the edge repeat the last query and do not store it.
#each i 0..$QUERIES
    let query$i = min(first + $iu, queries - 1u);
    let end$i = min(chunk.start + query$i / group, stop - 1u);
    let at$i = query$i / group * dims.heads + kv * group + query$i % group;
    var top$i = LEAST;
    var sum$i = 0.0;
#each c 0..$QUADS
    let q$i_$c = q[at$i * QUADS + $cu] * dims.scale;
    var o$i_$c = vec4<f32>();
#end
#end
#if TILED
    for (var tile = begin; tile <= last; tile += KEYS) {
        for (var n = lane; n < KEYS * QUADS; n += LANES) {
            let base = (min(tile + n / QUADS, last) * dims.kv_heads + kv) * QUADS + n % QUADS;
            tile_k[n] = key(base);
            tile_v[n] = value(base);
        }
        workgroupBarrier();
        for (var position = tile; position < tile + KEYS; position += 4u) {
#each k 0..4
            let base$k = (position - tile + $ku) * QUADS;
#end
#else
    {
        for (var position = begin; position <= last; position += 4u) {
#each k 0..4
            let base$k = (min(position + $ku, last) * dims.kv_heads + kv) * QUADS;
#end
#end
#each i 0..$QUERIES
            var s$i = vec4<f32>();
#end
#each c 0..$QUADS
            {
#each k 0..4
#if TILED
                let k$k = tile_k[base$k + $cu];
#else
                let k$k = key(base$k + $cu);
#end
#end
#each i 0..$QUERIES
                s$i += vec4(dot(q$i_$c, k0), dot(q$i_$c, k1), dot(q$i_$c, k2), dot(q$i_$c, k3));
#end
            }
#end
#each i 0..$QUERIES
            let seen$i = vec4(position) + vec4(0u, 1u, 2u, 3u) <= vec4(end$i);
            let score$i = select(vec4(LEAST), s$i, seen$i);
            let high$i = max(max(top$i, max(score$i.x, score$i.y)), max(score$i.z, score$i.w));
            let fade$i = exp(top$i - high$i);
            let share$i = select(vec4(0.0), exp(score$i - high$i), seen$i);
            sum$i = sum$i * fade$i + dot(share$i, vec4(1.0));
            top$i = high$i;
#end
#each c 0..$QUADS
            {
#each k 0..4
#if TILED
                let v$k = tile_v[base$k + $cu];
#else
                let v$k = value(base$k + $cu);
#end
#end
#each i 0..$QUERIES
                o$i_$c = o$i_$c * fade$i + share$i.x * v0 + share$i.y * v1 + share$i.z * v2 + share$i.w * v3;
#end
            }
#end
        }
#if TILED
        workgroupBarrier();
#end
    }
#each i 0..$QUERIES
    if first + $iu < queries {
#if SPLIT
        let slot$i = at$i * slices + id.x;
        tops[slot$i] = vec2(top$i, sum$i);
#each c 0..$QUADS
        mixes[slot$i * QUADS + $cu] = o$i_$c;
#end
#else
#each c 0..$QUADS
        o[at$i * QUADS + $cu] = o$i_$c / sum$i;
#end
#end
    }
#end
}
