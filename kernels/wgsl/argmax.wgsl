// argmax: chosen = (the lowest id of the largest logit, 1 if the logits are numbers), else (0, 0): one
// is NaN or infinitely large, or none is finite    twin src/cpu/argmax.rs
// One workgroup; its lanes stride over the vocabulary and then compare by halves.
struct LogitsDims {
    vocab: u32, // V
    count: u32, // K
}
@group(0) @binding(0) var<uniform>             dims: LogitsDims;
@group(0) @binding(1) var<storage, read>       logits: array<u32>; // (V) bits of f32
@group(0) @binding(2) var<storage, read_write> chosen: array<u32>; // (2)
#import logits
const TILE_X = 1u;
const TILE_Y = 1u;
const LANES = 256u;
var<workgroup> ranks: array<u32, LANES>;
var<workgroup> ids: array<u32, LANES>;
var<workgroup> wrong: array<u32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
    var best = 0u;
    var id = 0u;
    var flaw = 0u;
    for (var i = lane; i < dims.vocab; i += LANES) {
        let bits = logits[i];
        flaw |= u32(is_wrong(bits));
        let here = rank(bits);
        if here > best {
            best = here;
            id = i;
        }
    }
    ranks[lane] = best;
    ids[lane] = id;
    wrong[lane] = flaw;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            let other = lane + half;
            wrong[lane] |= wrong[other];
            let ahead = ranks[other] > ranks[lane];
            if ahead || (ranks[other] == ranks[lane] && ids[other] < ids[lane]) {
                ranks[lane] = ranks[other];
                ids[lane] = ids[other];
            }
        }
        workgroupBarrier();
    }
    if lane == 0u {
        let good = wrong[0] == 0u && ranks[0] > LOWEST;
        chosen[0] = select(0u, ids[0], good);
        chosen[1] = u32(good);
    }
}
