//! Which of two kernels is the faster one here: measured, not guessed by the adapter's name.

use serde::{Deserialize, Serialize};
use web_time::{Duration, Instant};

use super::{
    AttentionKernel, GpuMatrix, KvPrecision, MatmulKernels, MatmulOutput, ProductUse, RmsNormKernel,
};
use crate::cpu::HeadLayout;
use crate::gpu::{Buffer, Chunk, ComputePass, Gpu, GpuError};
use crate::model::dtype::Dtype;
use crate::model::gguf::GgufTensor;

/// How a kernel spreads its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelVariant {
    /// Each invocation by itself, in registers: processors that play an adapter.
    Register,
    /// Workgroups that share memory: graphics processors.
    Workgroup,
}

/// The faster variant of each kernel on one adapter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KernelTuning {
    /// The adapter's name.
    pub adapter: String,
    /// Products of many tokens.
    pub matmul: KernelVariant,
    /// Products of one token.
    pub matvec: KernelVariant,
    /// Attention of many tokens.
    pub attention: KernelVariant,
    /// Attention of a few, over slices of the keys.
    pub decode_attention: KernelVariant,
    /// Norms.
    pub rms_norm: KernelVariant,
}

impl KernelTuning {
    /// One variant for every kernel.
    pub fn all(adapter: &str, variant: KernelVariant) -> Self {
        Self {
            adapter: adapter.to_owned(),
            matmul: variant,
            matvec: variant,
            attention: variant,
            decode_attention: variant,
            rms_norm: variant,
        }
    }

    /// Measures both variants of each kernel on zeros; takes about a second on a slow adapter.
    pub(crate) async fn measure(gpu: &Gpu) -> Result<Self, GpuError> {
        let all = [KernelVariant::Register, KernelVariant::Workgroup]
            .map(|v| Self::all(gpu.adapter(), v));
        let [register, workgroup] = &all;
        Ok(Self {
            matmul: faster(
                time_matmul(gpu, register, 64).await?,
                time_matmul(gpu, workgroup, 64).await?,
            ),
            matvec: faster(
                time_matmul(gpu, register, 1).await?,
                time_matmul(gpu, workgroup, 1).await?,
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
}

fn faster(register: Duration, workgroup: Duration) -> KernelVariant {
    if register < workgroup {
        KernelVariant::Register
    } else {
        KernelVariant::Workgroup
    }
}

/// The time of one pass: the shortest of three after a first, as drivers compile when they must and
/// others may use the machine.
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
) -> Result<Duration, GpuError> {
    let (rows, cols) = if tokens == 1 { (4096, 512) } else { (128, 512) };
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
