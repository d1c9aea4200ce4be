//! Measures which of two kernel variants is faster on this adapter, instead of guessing it from
//! the adapter's name.

use web_time::{Duration, Instant};

use super::{
    AttentionKernel, GpuMatrix, KernelTuning, KernelVariant, KvPrecision, MatmulKernels,
    MatmulOutput, ProductUse, RmsNormKernel,
};
use crate::cpu::HeadLayout;
use crate::gpu::{Buffer, Chunk, ComputePass, Gpu, GpuError};
use crate::model::dtype::Dtype;
use crate::model::gguf::GgufTensor;

impl KernelTuning {
    /// Measures both variants of each kernel on zeros; takes about a second on a slow adapter.
    ///
    /// # Errors
    /// [`GpuError`], if the adapter fails.
    pub async fn measure(gpu: &Gpu) -> Result<Self, GpuError> {
        let all = [KernelVariant::Register, KernelVariant::Workgroup]
            .map(|v| Self::all(gpu.adapter(), v));
        let [register, workgroup] = &all;
        Ok(Self {
            matmul: faster(
                time_matmul(gpu, register, 64, (128, 512)).await?,
                time_matmul(gpu, workgroup, 64, (128, 512)).await?,
            ),
            matvec: faster(
                time_matmul(gpu, register, 1, (4096, 512)).await?,
                time_matmul(gpu, workgroup, 1, (4096, 512)).await?,
            ),
            attention: faster(
                time_attention(gpu, register, 64, 512).await?,
                time_attention(gpu, workgroup, 64, 512).await?,
            ),
            decode_attention: faster(
                time_attention(gpu, register, 1, 2048).await?,
                time_attention(gpu, workgroup, 1, 2048).await?,
            ),
            rms_norm: faster(
                time_norm(gpu, register).await?,
                time_norm(gpu, workgroup).await?,
            ),
            adapter: gpu.adapter().to_owned(),
        })
    }

    /// Multiply-adds per second in the product of a chunk of a prompt with weights in Q8_0. The product
    /// is so large that a device's way there and back counts little.
    ///
    /// # Errors
    /// [`GpuError`], when the adapter fails.
    pub async fn product_rate(&self, gpu: &Gpu) -> Result<f64, GpuError> {
        let (tokens, size) = (128, (1536, 576));
        let time = time_matmul(gpu, self, tokens, size).await?;
        Ok((tokens * size.0 * size.1) as f64 / time.as_secs_f64().max(1e-6))
    }
}

fn faster(register: Duration, workgroup: Duration) -> KernelVariant {
    if register < workgroup {
        KernelVariant::Register
    } else {
        KernelVariant::Workgroup
    }
}

/// The time of one pass: the shortest of three, after a first that does not count, because drivers
/// compile lazily and other processes may use the machine.
async fn time(gpu: &Gpu, run: impl Fn(&mut ComputePass<'_>)) -> Result<Duration, GpuError> {
    let mut shortest = Duration::MAX;
    for pass in 0..4 {
        let mut commands = gpu.commands();
        run(&mut commands.pass());
        let start = Instant::now();
        gpu.finish(commands).await?;
        if pass > 0 {
            shortest = shortest.min(start.elapsed());
        }
    }
    Ok(shortest)
}

async fn time_matmul(
    gpu: &Gpu,
    tuning: &KernelTuning,
    tokens: usize,
    (rows, cols): (usize, usize),
) -> Result<Duration, GpuError> {
    let bytes = vec![0; rows * cols / 32 * 34];
    let zeros = GgufTensor {
        shape: vec![rows, cols],
        dtype: Dtype::Q8_0,
        bytes,
    };
    let w = GpuMatrix::upload(gpu, "tuning", &zeros)?;
    let chunk = chunk(gpu, tokens, 0);
    let (x, y) = (gpu.words("x", tokens * cols), gpu.words("y", tokens * rows));
    let output = MatmulOutput::whole(&y, rows, ProductUse::Store);
    let product = MatmulKernels::new(tuning).bind(gpu, &chunk, &w, &x, output);
    time(gpu, |pass| product.run(pass, tokens)).await
}

fn chunk(gpu: &Gpu, tokens: usize, start: usize) -> Buffer {
    gpu.uniform(&Chunk {
        tokens,
        start,
        slice: 1,
    })
}

async fn time_attention(
    gpu: &Gpu,
    tuning: &KernelTuning,
    tokens: usize,
    keys: usize,
) -> Result<Duration, GpuError> {
    let heads = HeadLayout {
        heads: 8,
        kv_heads: 4,
        head_dim: 64,
    };
    let [q, o] = ["q", "o"].map(|label| gpu.words(label, tokens * 8 * 64));
    let cache = ["k", "v"].map(|label| gpu.words(label, keys * 4 * 64 / 2));
    let Some(attention) = AttentionKernel::new(gpu, heads, KvPrecision::F16, tuning) else {
        return Ok(Duration::MAX);
    };
    let chunk = gpu.uniform(&Chunk {
        tokens,
        start: keys - tokens,
        slice: attention.slice(keys),
    });
    let bound = attention.bind(gpu, &chunk, &q, cache.each_ref(), &o);
    time(gpu, |pass| attention.run(pass, &bound, tokens, keys)).await
}

async fn time_norm(gpu: &Gpu, tuning: &KernelTuning) -> Result<Duration, GpuError> {
    let chunk = chunk(gpu, 64, 0);
    let [x, y] = ["x", "y"].map(|label| gpu.words(label, 64 * 1024));
    let w = gpu.words("w", 1024);
    let norm = RmsNormKernel::new(gpu, 1024, 1e-5, tuning);
    let bound = norm.bind(gpu, &chunk, &w, &x, &y);
    time(gpu, |pass| norm.run(pass, &bound, 64)).await
}
