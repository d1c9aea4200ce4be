// matmul: y[t,r] = sum_c x[t,c] * w[r,c], added to y if accumulate is 1    twin src/cpu/matmul.rs
// SWIGLU: of every four rows, two are gate rows and two are up rows: y = silu(gate) * up
// An invocation computes 4 · GROUPS rows of TOKENS tokens in registers: no barrier, no shared
// memory. Faster on adapters emulated by a CPU.
#import chunk
#import matrix
@group(0) @binding(0) var<uniform>             chunk: Chunk;        // T
@group(0) @binding(1) var<uniform>             dims: MatrixDims;
@group(0) @binding(2) var<storage, read>       w: array<u32>;       // (R, C) as stored
@group(0) @binding(3) var<storage, read>       x: array<vec4<f32>>; // (T, C/4)
@group(0) @binding(4) var<storage, read_write> y: array<f32>;       // (T, stride)
#import weights
const LANES = 8u;
const ROWS = 4u * $GROUPSu;     // per invocation
const TILE_X = ROWS * LANES;    // rows
const TILE_Y = $TOKENSu;        // tokens

@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.x * ROWS;
    let token = id.y * TILE_Y;
    if row >= dims.rows || token >= chunk.tokens {
        return;
    }
    let blocks = dims.cols / 32u;
    // Invocations beyond the edge repeat the last row or token and do not store it.
#each g 0..$GROUPS
#each i 0..4
    var w$g_$i = min(row + 4u * $gu + $iu, dims.rows - 1u) * blocks * WORDS;
#end
#each t 0..$TOKENS
    var sum$g_$t = vec4<f32>();
#end
#end
#each t 0..$TOKENS
    var x$t = min(token + $tu, chunk.tokens - 1u) * blocks * 8u;
#end
    for (var block = 0u; block < blocks; block++) {
#each g 0..$GROUPS
#each i 0..4
        let s$g_$i = scales(w$g_$i);
#end
#end
#each j 0..4
        {
#each t 0..$TOKENS
            let a$t = x[x$t + $ju * STEP];
            let b$t = x[x$t + $ju * STEP + GAP];
#end
#each g 0..$GROUPS
            {
#each i 0..4
                let p$i = pair(w$g_$i, $ju, s$g_$i);
#end
#each t 0..$TOKENS
                sum$g_$t += vec4(dot(p0.a, a$t), dot(p1.a, a$t), dot(p2.a, a$t), dot(p3.a, a$t));
                sum$g_$t += vec4(dot(p0.b, b$t), dot(p1.b, b$t), dot(p2.b, b$t), dot(p3.b, b$t));
#end
            }
#end
        }
#end
#each g 0..$GROUPS
#each i 0..4
        w$g_$i += WORDS;
#end
#end
#each t 0..$TOKENS
        x$t += 8u;
#end
    }
#each t 0..$TOKENS
    if token + $tu < chunk.tokens {
        let at = (token + $tu) * dims.stride + dims.offset;
#each g 0..$GROUPS
        store(at, row + 4u * $gu, sum$g_$t);
#end
    }
#end
}
#import store
