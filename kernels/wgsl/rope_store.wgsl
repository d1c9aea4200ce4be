// rope_store: q = rope(qkv's queries), keys[start+t] = rope(qkv's keys), values[start+t] = qkv's
// values. Before rotation, biases are added, and queries and keys normalised head by head, if the
// model has these    Su et al. 2021; twins src/cpu/rope.rs, src/cpu/rms_norm.rs
// One invocation per quad of a head: two pairs (2i, 2i+1), or (i, i + D/2).
#import chunk
struct RopeDims {
    heads: u32,
    kv_heads: u32,
    quads: u32,  // of a head: D/4
    halves: u32, // whether value i is paired with i + D/2
    biased: u32,
    normed: u32,
    eps: f32,
}
@group(0) @binding(0) var<uniform>             chunk: Chunk;             // T
@group(0) @binding(1) var<uniform>             dims: RopeDims;
@group(0) @binding(2) var<storage, read>       turns: array<vec4<f32>>;  // (T, D/4) cosine and sine of two pairs
@group(0) @binding(3) var<storage, read>       extra: array<vec2<f32>>;  // (heads + 2 kv_heads + 2, D/2) biases, then q's and k's norm
@group(0) @binding(4) var<storage, read>       qkv: array<vec2<f32>>;    // (T, heads + 2 kv_heads, D/2)
@group(0) @binding(5) var<storage, read_write> q: array<vec2<f32>>;      // (T, heads, D/2)
@group(0) @binding(6) var<storage, read_write> keys: array<u32>;         // (capacity, kv_heads, D/2), or D in f32
@group(0) @binding(7) var<storage, read_write> values: array<u32>;       // the same
override KV_F32: bool = false;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let token = id.y;
    let head = id.x / dims.quads;
    let rows = dims.heads + 2u * dims.kv_heads;
    if token >= chunk.tokens || head >= rows {
        return;
    }
    let width = dims.quads * 2u;
    let j = id.x % dims.quads;
    let halves = dims.halves == 1u;
    let first = select(2u * j, j, halves);
    let second = select(2u * j + 1u, j + dims.quads, halves);
    let base = (token * rows + head) * width;
    var a = qkv[base + first];
    var b = qkv[base + second];
    if dims.biased == 1u {
        a += extra[head * width + first];
        b += extra[head * width + second];
    }
    if head >= dims.heads + dims.kv_heads {
        let at = ((chunk.start + token) * dims.kv_heads + head - dims.heads - dims.kv_heads) * width;
        if KV_F32 {
            values[2u * (at + first)] = bitcast<u32>(a.x);
            values[2u * (at + first) + 1u] = bitcast<u32>(a.y);
            values[2u * (at + second)] = bitcast<u32>(b.x);
            values[2u * (at + second) + 1u] = bitcast<u32>(b.y);
        } else {
            values[at + first] = pack2x16float(a);
            values[at + second] = pack2x16float(b);
        }
        return;
    }
    if dims.normed == 1u {
        var squares = 0.0;
        for (var c = 0u; c < width; c++) {
            var x = qkv[base + c];
            if dims.biased == 1u {
                x += extra[head * width + c];
            }
            squares += dot(x, x);
        }
        let scale = inverseSqrt(squares / f32(2u * width) + dims.eps);
        let norm = (rows + select(0u, 1u, head >= dims.heads)) * width;
        a *= scale * extra[norm + first];
        b *= scale * extra[norm + second];
    }
    let turn = turns[token * dims.quads + j];
    if halves {
        let before = a;
        a = a * turn.xz - b * turn.yw;
        b = before * turn.yw + b * turn.xz;
    } else {
        a = vec2(a.x * turn.x - a.y * turn.y, a.x * turn.y + a.y * turn.x);
        b = vec2(b.x * turn.z - b.y * turn.w, b.x * turn.w + b.y * turn.z);
    }
    if head < dims.heads {
        let at = (token * dims.heads + head) * width;
        q[at + first] = a;
        q[at + second] = b;
        return;
    }
    let at = ((chunk.start + token) * dims.kv_heads + head - dims.heads) * width;
    if KV_F32 {
        keys[2u * (at + first)] = bitcast<u32>(a.x);
        keys[2u * (at + first) + 1u] = bitcast<u32>(a.y);
        keys[2u * (at + second)] = bitcast<u32>(b.x);
        keys[2u * (at + second) + 1u] = bitcast<u32>(b.y);
    } else {
        keys[at + first] = pack2x16float(a);
        keys[at + second] = pack2x16float(b);
    }
}
