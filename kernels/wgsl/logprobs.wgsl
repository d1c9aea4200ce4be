// logprobs: p[0] = 1 if the logits are numbers, else 0; p[1+i] = x[ids[i]] - m - log(sum_j exp(x[j] - m)),
// m the largest logit    twin src/cpu/logprobs.rs
// One workgroup; its lanes stride over the vocabulary: the maximum first, then the sum, then the ids.
struct LogitsDims {
    vocab: u32, // V
    count: u32, // K
}
@group(0) @binding(0) var<uniform>             dims: LogitsDims;
@group(0) @binding(1) var<storage, read>       logits: array<u32>; // (V) bits of f32
@group(0) @binding(2) var<storage, read>       ids: array<u32>;    // (K), each below V
@group(0) @binding(3) var<storage, read_write> p: array<f32>;      // (1 + K)
#import logits
const TILE_X = 1u;
const TILE_Y = 1u;
const LANES = 256u;
var<workgroup> ranks: array<u32, LANES>;
var<workgroup> wrong: array<u32, LANES>;
var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
    var best = 0u;
    var flaw = 0u;
    for (var i = lane; i < dims.vocab; i += LANES) {
        flaw |= u32(is_wrong(logits[i]));
        best = max(best, rank(logits[i]));
    }
    ranks[lane] = best;
    wrong[lane] = flaw;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            ranks[lane] = max(ranks[lane], ranks[lane + half]);
            wrong[lane] |= wrong[lane + half];
        }
        workgroupBarrier();
    }
    let top = bitcast<f32>(select(~ranks[0], ranks[0] & 0x7fffffffu, ranks[0] >= 0x80000000u));
    var sum = 0.0;
    for (var i = lane; i < dims.vocab; i += LANES) {
        sum += exp(bitcast<f32>(logits[i]) - top);
    }
    sums[lane] = sum;
    workgroupBarrier();
    for (var half = LANES / 2u; half > 0u; half /= 2u) {
        if lane < half {
            sums[lane] += sums[lane + half];
        }
        workgroupBarrier();
    }
    let all = log(sums[0]);
    for (var i = lane; i < dims.count; i += LANES) {
        p[1u + i] = bitcast<f32>(logits[min(ids[i], dims.vocab - 1u)]) - top - all;
    }
    if lane == 0u {
        p[0] = f32(wrong[0] == 0u && ranks[0] > LOWEST);
    }
}
