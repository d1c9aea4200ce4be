// top_k: best = (1 if the logits are numbers, else 0; log(sum_j exp(x[j] - m)) if asked for; then the K
// largest logits with their ids, each (id, x[id]), of equals the lowest id first); m is the largest. No
// numbers: one is NaN or infinitely large, or none is finite.    twin src/cpu/top_k.rs
// One workgroup. A round for each of the K: its lanes stride over the vocabulary for what comes next after
// the round before, and then compare by halves.
struct TopKDims {
    vocab: u32,  // V
    count: u32,  // K, from 1 to V
    summed: u32, // whether the logarithm is asked for
}
@group(0) @binding(0) var<uniform>             dims: TopKDims;
@group(0) @binding(1) var<storage, read>       logits: array<u32>; // (V) bits of f32
@group(0) @binding(2) var<storage, read_write> best: array<u32>;   // (2 + 2 K)
#import logits
const TILE_X = 1u;
const TILE_Y = 1u;
const LANES = 256u;
const NONE = 0xffffffffu;
var<workgroup> ranks: array<u32, LANES>;
var<workgroup> ids: array<u32, LANES>;
var<workgroup> wrong: array<u32, LANES>;
var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
    var last_rank = NONE;
    var last_id = NONE;
    var top = 0.0;
    for (var k = 0u; k < dims.count; k++) {
        var rank_here = 0u;
        var id = NONE;
        var flaw = 0u;
        for (var i = lane; i < dims.vocab; i += LANES) {
            let bits = logits[i];
            flaw |= u32(is_wrong(bits));
            let here = rank(bits);
            let comes_later = here < last_rank || (here == last_rank && i > last_id);
            if comes_later && (here > rank_here || id == NONE) {
                rank_here = here;
                id = i;
            }
        }
        ranks[lane] = rank_here;
        ids[lane] = id;
        wrong[lane] = flaw;
        workgroupBarrier();
        for (var half = LANES / 2u; half > 0u; half /= 2u) {
            if lane < half {
                let other = lane + half;
                wrong[lane] |= wrong[other];
                let equal = ranks[other] == ranks[lane];
                if ranks[other] > ranks[lane] || (equal && ids[other] < ids[lane]) {
                    ranks[lane] = ranks[other];
                    ids[lane] = ids[other];
                }
            }
            workgroupBarrier();
        }
        last_rank = ranks[0];
        last_id = ids[0];
        if k == 0u {
            top = bitcast<f32>(logits[min(last_id, dims.vocab - 1u)]);
        }
        if lane == 0u {
            best[2u + 2u * k] = last_id;
            best[3u + 2u * k] = logits[min(last_id, dims.vocab - 1u)];
            if k == 0u {
                best[0] = u32(wrong[0] == 0u && last_rank > LOWEST);
            }
        }
        workgroupBarrier();
    }
    if dims.summed == 1u {
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
    }
    if lane == 0u {
        var sum = 1.0;
        if dims.summed == 1u {
            sum = sums[0];
        }
        best[1] = bitcast<u32>(log(sum));
    }
}
