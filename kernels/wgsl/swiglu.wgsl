// swiglu: gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i]    Shazeer 2020; twin src/cpu/swiglu.rs
// One invocation per quad.
#import chunk
struct SwigluDims {
    quads: u32, // F/4
}
@group(0) @binding(0) var<uniform>             chunk: Chunk;           // T
@group(0) @binding(1) var<uniform>             dims: SwigluDims;
@group(0) @binding(2) var<storage, read>       up: array<vec4<f32>>;   // (T, F/4)
@group(0) @binding(3) var<storage, read_write> gate: array<vec4<f32>>; // (T, F/4)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= dims.quads || id.y >= chunk.tokens {
        return;
    }
    let at = id.y * dims.quads + id.x;
    let value = gate[at];
    gate[at] = value / (1.0 + exp(-value)) * up[at];
}
