//! Every kernel in every variant against its plain twin. Sizes are no multiples of a workgroup, on
//! purpose.

use pollster::block_on;

use super::*;
use crate::cpu::{self, HeadLayout};
use crate::gpu::{Buffer, Chunk, Gpu};
use crate::model::dtype::Dtype;
use crate::model::gguf::GgufTensor;
use crate::model::rope;

/// The adapter; a machine without one says so with `FATHOM_ALLOW_NO_GPU=1`.
fn gpu() -> Option<Gpu> {
    match block_on(Gpu::open()) {
        Ok(gpu) => Some(gpu),
        Err(error) if std::env::var_os("FATHOM_ALLOW_NO_GPU").is_some() => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Numbers between -1 and 1 that look like chance.
fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn floats(gpu: &Gpu, values: &[f32]) -> Buffer {
    let buffer = gpu.words("test", values.len());
    gpu.write(&buffer, values);
    buffer
}

fn run(
    gpu: &Gpu,
    out: &Buffer,
    count: usize,
    dispatch: impl Fn(&mut crate::gpu::ComputePass<'_>),
) -> Vec<f32> {
    let mut commands = gpu.commands();
    dispatch(&mut commands.pass());
    block_on(gpu.read(commands, out, 0, count)).unwrap()
}

#[track_caller]
fn assert_close(got: &[f32], want: &[f32], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        let room = 1e-4 + 1e-4 * want.abs();
        assert!(
            (got - want).abs() <= room,
            "{what}: [{at}] is {got}, its twin says {want}"
        );
    }
}

/// A matrix of stored weights: random bytes with sane scales.
fn matrix(dtype: Dtype, rows: usize, cols: usize) -> GgufTensor {
    let blocks = rows * cols / 32;
    let random = noise(7, blocks * 32);
    let scale = |i: usize| half::f16::from_f32(random[i] * 0.05).to_le_bytes();
    let bytes: Vec<u8> = match dtype {
        Dtype::F32 => random
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect(),
        Dtype::F16 => random
            .iter()
            .flat_map(|value| half::f16::from_f32(*value).to_le_bytes())
            .collect(),
        Dtype::Q4_1 | Dtype::Q8_0 => {
            let quants = dtype.block_bytes() - if dtype == Dtype::Q4_1 { 4 } else { 2 };
            let block = |b: usize| {
                let mut bytes = scale(b).to_vec();
                if dtype == Dtype::Q4_1 {
                    bytes.extend(scale(b + 1));
                }
                let quant = |i: usize| (random[b * 32 + i % 32] * 8_388_608.0) as i32 as u8;
                bytes.extend((0..quants).map(quant));
                bytes
            };
            (0..blocks).flat_map(block).collect()
        }
        other => panic!("{other} has no shader of its own"),
    };
    GgufTensor {
        shape: vec![rows, cols],
        dtype,
        bytes,
    }
}

/// Formats that have shaders of their own.
const KEPT: [Dtype; 4] = [Dtype::F32, Dtype::F16, Dtype::Q4_1, Dtype::Q8_0];

fn variants(gpu: &Gpu) -> [KernelTuning; 2] {
    [KernelVariant::Register, KernelVariant::Workgroup]
        .map(|variant| KernelTuning::all(gpu.adapter(), variant))
}

#[test]
fn matmul_agrees() {
    let Some(gpu) = gpu() else { return };
    let (rows, cols) = (70, 96);
    for dtype in KEPT {
        let tensor = matrix(dtype, rows, cols);
        let w = GpuMatrix::upload(&gpu, "w", &tensor).unwrap();
        for tuning in variants(&gpu) {
            let matmul = MatmulKernels::new(&gpu, [dtype], &tuning);
            for tokens in [1_usize, 2, 67] {
                let x = noise(3, tokens * cols);
                let before = noise(5, tokens * rows);
                for accumulate in [false, true] {
                    let chunk = gpu.uniform(&Chunk { tokens, start: 0 });
                    let (x_gpu, y) = (floats(&gpu, &x), floats(&gpu, &before));
                    let product = matmul.bind(&gpu, &chunk, &w, &x_gpu, &y, accumulate);
                    let got = run(&gpu, &y, tokens * rows, |pass| {
                        matmul.run(pass, &product, tokens);
                    });
                    let mut want = cpu::matmul(&tensor.to_f32(), &x, cols);
                    if accumulate {
                        want.iter_mut()
                            .zip(&before)
                            .for_each(|(want, before)| *want += before);
                    }
                    let what = format!("{dtype} {:?} {tokens} tokens +{accumulate}", tuning.matmul);
                    assert_close(&got, &want, &what);
                }
            }
        }
    }
}

#[test]
fn embed_agrees() {
    let Some(gpu) = gpu() else { return };
    let (rows, cols, ids) = (9, 96, [8_u32, 0, 3]);
    for dtype in KEPT {
        let tensor = matrix(dtype, rows, cols);
        let w = GpuMatrix::upload(&gpu, "w", &tensor).unwrap();
        let chunk = gpu.uniform(&Chunk {
            tokens: 3,
            start: 0,
        });
        let (ids_gpu, x) = (gpu.words("ids", 3), gpu.words("x", 3 * cols));
        gpu.write(&ids_gpu, &ids);
        let embed = EmbedKernel::new(&gpu, &chunk, &w, &ids_gpu, &x);
        let got = run(&gpu, &x, 3 * cols, |pass| embed.run(pass, 3));
        assert_close(
            &got,
            &cpu::embed(&tensor.to_f32(), cols, &ids),
            &dtype.to_string(),
        );
    }
}

#[test]
fn rms_norm_agrees() {
    let Some(gpu) = gpu() else { return };
    let (tokens, width) = (3, 1000);
    let (w, x) = (noise(1, width), noise(2, tokens * width));
    for tuning in variants(&gpu) {
        let chunk = gpu.uniform(&Chunk { tokens, start: 0 });
        let norm = RmsNormKernel::new(&gpu, width, 1e-5, &tuning);
        let y = gpu.words("y", tokens * width);
        let bound = norm.bind(&gpu, &chunk, &floats(&gpu, &w), &floats(&gpu, &x), &y);
        let got = run(&gpu, &y, tokens * width, |pass| {
            norm.run(pass, &bound, tokens);
        });
        assert_close(
            &got,
            &cpu::rms_norm(&w, &x, 1e-5),
            &format!("{:?}", tuning.rms_norm),
        );
    }
}

#[test]
fn positions_agree() {
    let Some(gpu) = gpu() else { return };
    let (tokens, heads, dim, start) = (5, 3, 32, 1000);
    let frequencies = rope::RopeConfig::new(10_000.0, dim).frequencies(1);
    let rope_cos_sin = rope::rotations(&frequencies, 1.0, start, tokens);
    let chunk = gpu.uniform(&Chunk { tokens, start: 2 });
    let rope_cos_sin_gpu = floats(&gpu, rope_cos_sin.as_flattened());
    let (k, v) = (
        noise(1, tokens * heads * dim),
        noise(2, tokens * heads * dim),
    );

    let x = floats(&gpu, &k);
    let rope = RopeKernel::new(&gpu, &chunk, &rope_cos_sin_gpu, &x, (heads, dim));
    let got = run(&gpu, &x, k.len(), |pass| rope.run(pass, tokens));
    let want = cpu::rope(&k, &rope_cos_sin, heads, dim / 2);
    assert_close(&got, &want, "rope");

    // Two tokens are in the cache already.
    let [keys, values] =
        ["keys", "values"].map(|label| gpu.words(label, (tokens + 2) * heads * dim));
    let store = StoreKvKernel::new(&gpu, heads, dim);
    let bound = store.bind(
        &gpu,
        &chunk,
        &rope_cos_sin_gpu,
        [&floats(&gpu, &k), &floats(&gpu, &v)],
        [&keys, &values],
    );
    let skip = 2 * heads * dim;
    let got = run(&gpu, &keys, skip + k.len(), |pass| {
        store.run(pass, &bound, tokens);
    });
    assert_close(&got, &[vec![0.0; skip], want].concat(), "store_kv keys");
    let got = run(&gpu, &values, skip + v.len(), |_| ());
    assert_close(&got, &[vec![0.0; skip], v].concat(), "store_kv values");
}

#[test]
fn attention_agrees() {
    let Some(gpu) = gpu() else { return };
    let (tokens, start) = (5, 130);
    for head_dim in head_dims() {
        let heads = HeadLayout {
            heads: 6,
            kv_heads: 2,
            head_dim,
        };
        let q = noise(1, tokens * 6 * head_dim);
        let (k, v) = (noise(2, 135 * 2 * head_dim), noise(3, 135 * 2 * head_dim));
        let want = cpu::attention(&q, &k, &v, start, heads);
        for tuning in variants(&gpu) {
            let chunk = gpu.uniform(&Chunk { tokens, start });
            let attention = AttentionKernel::new(&gpu, heads, &tuning).unwrap();
            let o = gpu.words("o", q.len());
            let cache = [&floats(&gpu, &k), &floats(&gpu, &v)];
            let bound = attention.bind(&gpu, &chunk, &floats(&gpu, &q), cache, &o);
            let got = run(&gpu, &o, q.len(), |pass| {
                attention.run(pass, &bound, tokens);
            });
            assert_close(&got, &want, &format!("{:?} {head_dim}", tuning.attention));
        }
    }
    assert_eq!(head_dims().collect::<Vec<_>>(), [32, 64, 96, 128]);
}

#[test]
fn swiglu_agrees() {
    let Some(gpu) = gpu() else { return };
    let (tokens, width) = (3, 100);
    let (gate, up) = (noise(1, tokens * width), noise(2, tokens * width));
    let gate_gpu = floats(&gpu, &gate);
    let chunk = gpu.uniform(&Chunk { tokens, start: 0 });
    let swiglu = SwigluKernel::new(&gpu, &chunk, &gate_gpu, &floats(&gpu, &up), width);
    let got = run(&gpu, &gate_gpu, gate.len(), |pass| swiglu.run(pass, tokens));
    assert_close(&got, &cpu::swiglu(&gate, &up), "swiglu");
}

#[test]
fn what_does_not_fit_is_refused_beforehand() {
    let Some(gpu) = gpu() else { return };
    let error = gpu.check("tensor `w`", u64::MAX).unwrap_err().to_string();
    assert!(
        error.starts_with("tensor `w` needs 18446744073709551615 bytes in one piece"),
        "{error}"
    );
}
