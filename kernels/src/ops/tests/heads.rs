//! Tests of attention and its inputs.

use super::*;
use crate::cpu::attention_slice;
use crate::model::rope;
use crate::ops::attention::FEW;

/// Rounds values as the cache does.
fn kept(values: &[f32], kv: KvPrecision) -> Vec<f32> {
    let half = |value: &f32| half::f16::from_f32(*value).to_f32();
    match kv {
        KvPrecision::F16 => values.iter().map(half).collect(),
        KvPrecision::F32 => values.to_vec(),
    }
}

/// A cache on the adapter that contains these values.
fn cache(gpu: &Gpu, values: &[f32], kv: KvPrecision) -> Buffer {
    let halves = |two: &[f32]| {
        let [low, high] = [two[0], two[1]].map(|value| half::f16::from_f32(value).to_bits());
        u32::from(low) | u32::from(high) << 16
    };
    let words: Vec<u32> = match kv {
        KvPrecision::F16 => values.chunks(2).map(halves).collect(),
        KvPrecision::F32 => values.iter().map(|value| value.to_bits()).collect(),
    };
    let buffer = gpu.words("cache", words.len());
    gpu.write(&buffer, &words);
    buffer
}

/// The values in a cache on the adapter.
fn held(gpu: &Gpu, buffer: &Buffer, count: usize, kv: KvPrecision) -> Vec<f32> {
    let words = run(gpu, buffer, count / kv.per_word(), |_| ());
    match kv {
        KvPrecision::F32 => words,
        KvPrecision::F16 => {
            let half = |bits: u32| half::f16::from_bits(bits as u16).to_f32();
            let two = |word: &f32| [half(word.to_bits() & 0xffff), half(word.to_bits() >> 16)];
            words.iter().flat_map(two).collect()
        }
    }
}

#[test]
fn rope_store_agrees() {
    let Some(gpu) = gpu() else { return };
    let (tokens, start, dim) = (5, 2, 32);
    let layout = HeadLayout {
        heads: 6,
        kv_heads: 2,
        head_dim: dim,
    };
    let rows = 10;
    let frequencies = rope::RopeConfig::new(10_000.0, dim).frequencies(1);
    let turns = rope::rotations(&frequencies, 1.0, 1000, tokens);
    let qkv = noise(1, tokens * rows * dim);
    for kv in [KvPrecision::F16, KvPrecision::F32] {
        for extras in 0..8 {
            let inputs = HeadInputs {
                halves: extras & 1 == 1,
                biases: noise(2, if extras & 2 == 2 { rows * dim } else { 0 }),
                norms: noise(3, if extras & 4 == 4 { 2 * dim } else { 0 }),
                eps: 1e-5,
            };
            // Queries, keys and values of each token, computed by the twins.
            let mut parts = [Vec::new(), Vec::new(), Vec::new()];
            for token in qkv.chunks(rows * dim) {
                let mut token = token.to_vec();
                token
                    .iter_mut()
                    .zip(&inputs.biases)
                    .for_each(|(x, b)| *x += b);
                parts[0].extend_from_slice(&token[..6 * dim]);
                parts[1].extend_from_slice(&token[6 * dim..8 * dim]);
                parts[2].extend_from_slice(&token[8 * dim..]);
            }
            for (part, norm) in parts.iter_mut().zip(inputs.norms.chunks(dim)) {
                *part = cpu::rms_norm(norm, part, 1e-5);
            }
            for (part, heads) in parts.iter_mut().zip([6, 2]) {
                let turn = if inputs.halves {
                    cpu::rope_halves
                } else {
                    cpu::rope
                };
                *part = turn(part, &turns, heads, dim / 2);
            }

            let kernel = RopeStoreKernel::new(&gpu, layout, kv);
            let count = (start + tokens) * 2 * dim;
            let q = poisoned(&gpu, tokens * 6 * dim);
            let caches = [(); 2].map(|()| cache(&gpu, &vec![0.5; count], kv));
            let buffers = RopeStoreBuffers {
                qkv: &floats(&gpu, &qkv),
                q: &q,
                cache: caches.each_ref(),
            };
            let (chunk, turns) = (
                chunk(&gpu, tokens, start),
                floats(&gpu, turns.as_flattened()),
            );
            let layer = kernel.inputs(&gpu, &inputs);
            let bound = kernel.bind(&gpu, &chunk, &turns, &layer, &buffers);
            let got = run(&gpu, &q, parts[0].len(), |pass| {
                kernel.run(pass, &bound, tokens);
            });
            let what = format!("rope_store {kv:?} {extras}");
            assert_close(&got, &parts[0], &what);
            for (buffer, part) in caches.iter().zip(&parts[1..]) {
                let got = held(&gpu, buffer, count, kv);
                let want = [vec![0.5; start * 2 * dim], kept(part, kv)].concat();
                // Rounding to 16 bits may go either way.
                let times = if kv == KvPrecision::F16 { 10.0 } else { 1.0 };
                assert_near(&got, &want, times, &what);
            }
        }
    }
}

#[test]
fn attention_agrees() {
    let Some(gpu) = gpu() else { return };
    // A few tokens in slices, and many tokens; cache sizes that fill no slice or tile evenly.
    let shapes = [
        (1, 0),
        (1, 41),
        (FEW, 130),
        (FEW - 1, 5003),
        (5, 130),
        (67, 203),
    ];
    // Every kind of head group at one width, then the other widths.
    let groups = [(6, 2, 64), (5, 1, 64), (2, 2, 64)].into_iter();
    let others = head_dims().filter(|width| *width != 64);
    for (heads, kv_heads, head_dim) in groups.chain(others.map(|width| (6, 2, width))) {
        let layout = HeadLayout {
            heads,
            kv_heads,
            head_dim,
        };
        let kv = match kv_heads {
            1 => KvPrecision::F32,
            _ => KvPrecision::F16,
        };
        for tuning in variants(&gpu) {
            let attention = AttentionKernel::new(&gpu, layout, kv, &tuning).unwrap();
            for (tokens, start) in shapes {
                let keys = start + tokens;
                let q = noise(1, tokens * heads * head_dim);
                let [k, v] = [2, 3].map(|seed| kept(&noise(seed, keys * kv_heads * head_dim), kv));
                let want = cpu::attention(&q, &k, &v, start, layout);
                let chunk = gpu.uniform(&Chunk {
                    tokens,
                    start,
                    slice: attention.slice(keys),
                });
                let o = poisoned(&gpu, q.len());
                let caches = [&cache(&gpu, &k, kv), &cache(&gpu, &v, kv)];
                let bound = attention.bind(&gpu, &chunk, &floats(&gpu, &q), caches, &o);
                let got = run(&gpu, &o, q.len(), |pass| {
                    attention.run(pass, &bound, tokens, keys);
                });
                let what = format!("{:?} {layout:?} {tokens} after {start}", tuning.attention);
                assert_close(&got, &want, &what);
            }
        }
    }
    assert_eq!(head_dims().collect::<Vec<_>>(), [16, 32, 64, 96, 128]);
}

#[test]
fn slices_make_up_the_whole() {
    let layout = HeadLayout {
        heads: 6,
        kv_heads: 3,
        head_dim: 4,
    };
    let (tokens, start) = (3, 20);
    let q = noise(1, tokens * 24);
    let [k, v] = [2, 3].map(|seed| noise(seed, 23 * 12));
    let slice = |from| attention_slice(&q, &k, &v, start, layout, from..(from + 7).min(23));
    let slices: Vec<_> = (0..23).step_by(7).map(slice).collect();
    let want = cpu::attention(&q, &k, &v, start, layout);
    assert_close(&cpu::attention_merge(&slices), &want, "merged");
    // The first token sees nothing of the last two positions.
    let last = attention_slice(&q, &k, &v, start, layout, 21..23);
    assert_eq!((last[0].top, last[0].sum), (f64::NEG_INFINITY, 0.0));
}

#[test]
fn slices_are_as_many_as_fill_a_device() {
    let Some(gpu) = gpu() else { return };
    let layout = HeadLayout {
        heads: 9,
        kv_heads: 3,
        head_dim: 64,
    };
    for tuning in variants(&gpu) {
        let attention = AttentionKernel::new(&gpu, layout, KvPrecision::F16, &tuning).unwrap();
        for keys in [1, 63, 1000, 8191, 131_072] {
            let slice = attention.slice(keys);
            let slices = keys.div_ceil(slice);
            assert!(
                slices <= 128 && (slices > 63 || slice <= 64),
                "{keys}: {slice}"
            );
        }
    }
}
