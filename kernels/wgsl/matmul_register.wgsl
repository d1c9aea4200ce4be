// matmul: y[t,r] = sum_c x[t,c] * w[r,c], added to y where accumulate is 1    twin src/cpu/matmul.rs
// One invocation makes 4 rows of $TOKENS tokens in registers: no barrier, no shared memory. The fast
// one on processors that play an adapter.
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (R, C) as stored
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<f32>;       // (T, R)
#import weights
const LANES = 64u;
const TILE_X = 4u * LANES; // rows
const TILE_Y = $TOKENSu;   // tokens

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x * 4u;
    let token = id.y * $TOKENSu;
    if row >= dims.rows || token >= chunk.tokens {
        return;
    }
    let blocks = dims.cols / 32u;
    // What lies beyond the edge repeats the last row or token, and is not stored.
#each i 0..4
    var w$i = min(row + $iu, dims.rows - 1u) * blocks * WORDS;
#end
#each t 0..$TOKENS
    var x$t = min(token + $tu, chunk.tokens - 1u) * blocks * 8u;
    var sum$t = vec4<f32>();
#end
    for (var block = 0u; block < blocks; block++) {
#each i 0..4
        let s$i = scales(w$i);
#end
#each j 0..4
        {
#each i 0..4
            let p$i = pair(w$i, $ju, s$i);
#end
#each t 0..$TOKENS
            let a$t = x[x$t + $ju * STEP];
            let b$t = x[x$t + $ju * STEP + GAP];
            sum$t += vec4(dot(p0.a, a$t), dot(p1.a, a$t), dot(p2.a, a$t), dot(p3.a, a$t));
            sum$t += vec4(dot(p0.b, b$t), dot(p1.b, b$t), dot(p2.b, b$t), dot(p3.b, b$t));
#end
        }
#end
#each i 0..4
        w$i += WORDS;
#end
#each t 0..$TOKENS
        x$t += 8u;
#end
    }
#each t 0..$TOKENS
    if token + $tu < chunk.tokens {
        let at = (token + $tu) * dims.rows + row;
#each i 0..4
        if row + $iu < dims.rows {
            y[at + $iu] = select(0.0, y[at + $iu], dims.accumulate == 1u) + sum$t[$i];
        }
#end
    }
#end
}
