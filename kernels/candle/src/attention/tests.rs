use candle_core::DType;

use super::in_blocks::{in_blocks, mask};
use super::*;
use crate::testing::device;

/// Numbers that look random and are the same everywhere.
fn noise(shape: (usize, usize, usize), seed: u32, device: &Device) -> Tensor {
    let mut state = seed;
    let values: Vec<f32> = (0..shape.0 * shape.1 * shape.2)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect();
    Tensor::from_vec(values, shape, device).unwrap()
}

/// The whole square of scores at once, in loops.
fn plain(q: &Tensor, k: &Tensor, v: &Tensor, len: usize, scale: f32) -> Vec<Vec<f32>> {
    let all =
        |x: &Tensor| -> Vec<Vec<Vec<f32>>> { x.to_dtype(DType::F32).unwrap().to_vec3().unwrap() };
    let (q, k, v) = (all(q), all(k), all(v));
    let (heads, tokens, d) = (q.len(), q[0].len(), q[0][0].len());
    let group = heads / k.len();
    let mut out = vec![vec![0.0; heads * d]; tokens];
    for head in 0..heads {
        let (keys, values) = (&k[head / group], &v[head / group]);
        for token in 0..tokens {
            let last = len - tokens + token;
            let dot =
                |key: &[f32]| -> f32 { key.iter().zip(&q[head][token]).map(|(a, b)| a * b).sum() };
            let scores: Vec<f64> = keys[..=last]
                .iter()
                .map(|k| f64::from(scale * dot(k)))
                .collect();
            let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = scores.iter().map(|s| (s - largest).exp()).collect();
            let sum: f64 = weights.iter().sum();
            for (weight, value) in weights.iter().zip(values) {
                for (at, value) in value.iter().enumerate() {
                    out[token][head * d + at] += (weight / sum) as f32 * value;
                }
            }
        }
    }
    out
}

#[test]
fn blocks_give_what_the_whole_square_gives() {
    // Heads, key heads, head width, new tokens, all tokens, room: no multiples of blocks or tiles.
    let cases = [
        (9, 3, 64, 1, 1, 5),
        (9, 3, 64, 1, 2500, 2600),
        (2, 1, 24, 3, 1030, 1030),
        (4, 4, 16, 70, 333, 400),
        (6, 2, 40, 301, 301, 302),
        (8, 1, 128, 130, 700, 701),
        // More keys than one block holds of so many scores.
        (32, 4, 8, 300, 3000, 3000),
    ];
    let cpu = Device::Cpu;
    for (heads, kv_heads, d, tokens, len, room) in cases {
        for dtype in [DType::F32, DType::F16, DType::BF16] {
            let q = noise((heads, tokens, d), 1, &cpu);
            // Large enough that some weights are close to 1.
            let q = (q * 4.0).unwrap();
            let [k, v] = [2, 3].map(|seed| {
                let x = noise((kv_heads, room, d), seed, &cpu);
                x.to_dtype(dtype).unwrap()
            });
            let scale = 1.0 / (d as f32).sqrt();
            let want = plain(&q, &k, &v, len, scale);
            let ours = q
                .apply_op3_no_bwd(&k, &v, &BlockwiseAttention { len, scale })
                .unwrap();
            let [q, k, v] = [&q, &k, &v].map(|x| x.to_device(&device()).unwrap());
            let mask = mask(tokens, q.device()).unwrap();
            let theirs = in_blocks(&q, [&k, &v], len, scale, mask.as_ref()).unwrap();
            for (name, got) in [("ours", ours), ("candle's", theirs)] {
                let got: Vec<Vec<f32>> = got.to_vec2().unwrap();
                for (got, want) in got.iter().flatten().zip(want.iter().flatten()) {
                    assert!(
                        (got - want).abs() < 2e-5,
                        "{name}, {heads} heads, {tokens} of {len} in {dtype:?}: {got}, {want}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_cache_with_no_room_is_refused() {
    let q = noise((2, 3, 8), 1, &Device::Cpu);
    let k = noise((2, 4, 8), 2, &Device::Cpu);
    for len in [2, 5] {
        let got = q.apply_op3_no_bwd(&k, &k, &BlockwiseAttention { len, scale: 1.0 });
        assert!(got.is_err(), "3 tokens of {len} in a room of 4");
    }
}
