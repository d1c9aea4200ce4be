//! Compares every variant of every kernel with its plain twin. Sizes are deliberately not multiples
//! of a workgroup.

mod heads; // tests of attention and of its inputs
mod logits; // tests of what is read of logits

use pollster::block_on;

use super::*;
use crate::cpu::{self, HeadLayout};
use crate::gpu::{Buffer, Chunk, Gpu};
use crate::model::dtype::Dtype;
use crate::model::gguf::GgufTensor;

/// The adapter; `None` on a machine without one if `FATHOM_ALLOW_NO_GPU=1` is set.
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

/// Pseudo-random numbers between -1 and 1.
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

/// A buffer that a kernel must fill completely: values that it skips stay NaN.
fn poisoned(gpu: &Gpu, count: usize) -> Buffer {
    floats(gpu, &vec![f32::NAN; count])
}

fn chunk(gpu: &Gpu, tokens: usize, start: usize) -> Buffer {
    gpu.uniform(&Chunk {
        tokens,
        start,
        slice: 1,
    })
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
    assert_near(got, want, 1.0, what);
}

#[track_caller]
fn assert_near(got: &[f32], want: &[f32], times: f32, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (at, (got, want)) in got.iter().zip(want).enumerate() {
        let room = times * (1e-4 + 1e-4 * want.abs());
        assert!(
            (got - want).abs() <= room,
            "{what}: [{at}] is {got}, its twin says {want}"
        );
    }
}

/// A matrix of stored weights: random bytes with reasonable scales.
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

/// Formats with their own shaders.
const KEPT: [Dtype; 4] = [Dtype::F32, Dtype::F16, Dtype::Q4_1, Dtype::Q8_0];

fn variants(gpu: &Gpu) -> [KernelTuning; 2] {
    [KernelVariant::Register, KernelVariant::Workgroup]
        .map(|variant| KernelTuning::all(gpu.adapter(), variant))
}

#[test]
fn matmul_agrees() {
    let Some(gpu) = gpu() else { return };
    // A token's output is wider than the product, which begins at an offset.
    let (rows, cols, offset, stride) = (70, 96, 3, 75);
    for dtype in KEPT {
        let tensor = matrix(dtype, rows, cols);
        let w = GpuMatrix::upload(&gpu, "w", &tensor).unwrap();
        for tuning in variants(&gpu) {
            let mut matmul = MatmulKernels::new(&tuning);
            for tokens in [1_usize, 2, 67] {
                let x = noise(3, tokens * cols);
                let before = noise(5, tokens * stride);
                for then in [ProductUse::Store, ProductUse::Add] {
                    let (x_gpu, y) = (floats(&gpu, &x), floats(&gpu, &before));
                    let output = MatmulOutput {
                        offset,
                        ..MatmulOutput::whole(&y, stride, then)
                    };
                    let chunk = chunk(&gpu, tokens, 0);
                    let product = matmul.bind(&gpu, &chunk, &w, &x_gpu, output);
                    let got = run(&gpu, &y, before.len(), |pass| product.run(pass, tokens));
                    let product = cpu::matmul(&tensor.to_f32(), &x, cols);
                    let mut want = before.clone();
                    for (row, product) in want.chunks_mut(stride).zip(product.chunks(rows)) {
                        for (want, product) in row[offset..].iter_mut().zip(product) {
                            let kept = if then == ProductUse::Add { *want } else { 0.0 };
                            *want = kept + product;
                        }
                    }
                    let what = format!("{dtype} {:?} {tokens} tokens {then:?}", tuning.matmul);
                    assert_close(&got, &want, &what);
                }
            }
        }
    }
}

/// Formats of super-blocks, and others that use another format's layout.
#[test]
fn every_format_is_multiplied() {
    let Some(gpu) = gpu() else { return };
    let (rows, cols, tokens) = (7, 256, 3);
    let mut rng = crate::model::testing::TestRng(9);
    for dtype in Dtype::ALL {
        let count = rows * cols / dtype.block() * dtype.block_bytes();
        let tensor = GgufTensor {
            shape: vec![rows, cols],
            dtype,
            // Every byte is small, because any of them may belong to a scale.
            bytes: (0..count).map(|_| rng.below(61) as u8).collect(),
        };
        let words = WeightLayout::words(dtype, &tensor.bytes);
        let worth = WeightLayout::of(dtype).worth(&words);
        let w = GpuMatrix::upload(&gpu, "w", &tensor).unwrap();
        let largest = worth
            .iter()
            .fold(1e-6, |most: f32, value| most.max(value.abs()));
        let x: Vec<f32> = noise(3, tokens * cols)
            .iter()
            .map(|x| x / largest)
            .collect();
        let want = cpu::matmul(&worth, &x, cols);
        for tuning in variants(&gpu) {
            for tokens in [1, tokens] {
                let y = poisoned(&gpu, tokens * rows);
                let output = MatmulOutput::whole(&y, rows, ProductUse::Store);
                let (chunk, x) = (chunk(&gpu, tokens, 0), floats(&gpu, &x));
                let product = MatmulKernels::new(&tuning).bind(&gpu, &chunk, &w, &x, output);
                let got = run(&gpu, &y, tokens * rows, |pass| product.run(pass, tokens));
                let what = format!("{dtype} {:?} {tokens} tokens", tuning.matmul);
                assert_close(&got, &want[..tokens * rows], &what);
            }
        }
    }
}

#[test]
fn gates_open_within_the_product() {
    let Some(gpu) = gpu() else { return };
    let (rows, cols) = (38, 96);
    // Both stored in the same format, and in different ones.
    let pairs = KEPT.map(|dtype| [dtype, dtype]).into_iter();
    for [first, second] in pairs.chain([[Dtype::Q8_0, Dtype::F32]]) {
        let gate = matrix(first, rows, cols);
        let mut up = matrix(second, rows, cols);
        let block = up.dtype.block_bytes();
        up.bytes.rotate_left(if up.dtype == Dtype::F32 {
            4 * 32
        } else {
            block * 3
        });
        let w = GpuMatrix::gated(&gpu, "w", &gate, &up).unwrap();
        for tuning in variants(&gpu) {
            let mut matmul = MatmulKernels::new(&tuning);
            for tokens in [1_usize, 2, 67] {
                let x = noise(3, tokens * cols);
                let y = poisoned(&gpu, tokens * rows);
                let output = MatmulOutput::whole(&y, rows, ProductUse::Swiglu);
                let (chunk, x_gpu) = (chunk(&gpu, tokens, 0), floats(&gpu, &x));
                let product = matmul.bind(&gpu, &chunk, &w, &x_gpu, output);
                let got = run(&gpu, &y, tokens * rows, |pass| product.run(pass, tokens));
                // F16, if the two are stored in different formats.
                let worth = |w: &GgufTensor| match first == second {
                    true => w.to_f32(),
                    false => WeightLayout::F16.worth(&WeightLayout::halves(w.dtype, &w.bytes)),
                };
                let [gates, ups] = [&gate, &up].map(|w| cpu::matmul(&worth(w), &x, cols));
                let what = format!("{first} {second} {:?} {tokens} tokens", tuning.matmul);
                assert_close(&got, &cpu::swiglu(&gates, &ups), &what);
            }
        }
    }
}

#[test]
fn products_of_what_is_normed_agree() {
    let Some(gpu) = gpu() else { return };
    let (rows, cols) = (38, 160);
    for dtype in KEPT {
        let [gate, up] = [matrix(dtype, rows, cols), matrix(dtype, rows, cols)];
        let gated = GpuMatrix::gated(&gpu, "w", &gate, &up).unwrap();
        let twice = GpuMatrix::stacked(&gpu, "w", &[gate.clone(), up]).unwrap();
        for tuning in variants(&gpu) {
            for tokens in [1_usize, 3] {
                let (x, weights) = (noise(3, tokens * cols), noise(4, cols));
                let normed = cpu::rms_norm(&weights, &x, 1e-5);
                let product = cpu::matmul(&gate.to_f32(), &normed, cols);
                let mut matmul = MatmulKernels::new(&tuning);
                let norm = RmsNormKernel::new(&gpu, cols, 1e-5, &tuning);
                let (x, weights) = (floats(&gpu, &x), floats(&gpu, &weights));
                let input = NormInput {
                    x: &x,
                    weights: &weights,
                    normed: &poisoned(&gpu, tokens * cols),
                    eps: 1e-5,
                };
                let what = format!("{dtype} {:?} {tokens} tokens", tuning.matvec);
                let stacked: Vec<f32> = product
                    .chunks(rows)
                    .flat_map(|row| [row, row].concat())
                    .collect();
                let uses = [
                    (&twice, ProductUse::Store, 2 * rows, stacked),
                    (
                        &gated,
                        ProductUse::Swiglu,
                        rows,
                        cpu::swiglu(&product, &product),
                    ),
                ];
                for (w, then, width, want) in uses {
                    let y = poisoned(&gpu, tokens * width);
                    let output = MatmulOutput::whole(&y, width, then);
                    let kernels = (&norm, &mut matmul);
                    let chunk = chunk(&gpu, tokens, 0);
                    let all = NormedProducts::new(&gpu, &chunk, kernels, &input, &[(w, output)]);
                    let got = run(&gpu, &y, want.len(), |pass| all.run(pass, &norm, tokens));
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
        let chunk = chunk(&gpu, 3, 0);
        let (ids_gpu, x) = (gpu.words("ids", 3), poisoned(&gpu, 3 * cols));
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
        let chunk = chunk(&gpu, tokens, 0);
        let norm = RmsNormKernel::new(&gpu, width, 1e-5, &tuning);
        let y = poisoned(&gpu, tokens * width);
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
fn what_does_not_fit_is_refused_beforehand() {
    let Some(gpu) = gpu() else { return };
    let error = gpu.check("tensor `w`", u64::MAX).unwrap_err().to_string();
    assert!(
        error.starts_with("tensor `w` needs 18446744073709551615 bytes in one piece"),
        "{error}"
    );
}
