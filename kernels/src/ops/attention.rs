//! `o = softmax(q·k / √d) v` over all tokens up to its own.

use super::{KernelTuning, KernelVariant};
use crate::cpu::HeadLayout;
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, HeadDims, Shader};

#[derive(Debug)]
pub(crate) struct AttentionKernel {
    pipeline: ComputePipeline,
    dims: Buffer,
    heads: usize,
    variant: KernelVariant,
}

impl AttentionKernel {
    /// Nothing where no kernel takes heads of this width: see [`head_dims`].
    pub(crate) fn new(gpu: &Gpu, heads: HeadLayout, tuning: &KernelTuning) -> Option<Self> {
        let register = register(heads.head_dim)?;
        let variant = tuning.attention;
        let pipeline = gpu.pipeline(match variant {
            KernelVariant::Register => register,
            KernelVariant::Workgroup => &gpu::ATTENTION_WORKGROUP,
        });
        let scale = (heads.head_dim as f32).sqrt().recip();
        let dims = HeadDims {
            heads: heads.heads,
            kv_heads: heads.kv_heads,
            quads: heads.head_dim / 4,
            scale,
        };
        Some(Self {
            pipeline,
            dims: gpu.uniform(&dims),
            heads: heads.heads,
            variant,
        })
    }

    /// `q` and `o` are `(tokens, heads, head_dim)`, `keys` and `values` `(room, kv_heads,
    /// head_dim)`.
    pub(crate) fn bind(
        &self,
        gpu: &Gpu,
        chunk: &Buffer,
        q: &Buffer,
        [keys, values]: [&Buffer; 2],
        o: &Buffer,
    ) -> BoundBuffers {
        gpu.bind(&self.pipeline, &[chunk, &self.dims, q, keys, values, o])
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, bound: &BoundBuffers, tokens: usize) {
        let over = match self.variant {
            KernelVariant::Register => [tokens * self.heads, 1],
            KernelVariant::Workgroup => [self.heads, tokens],
        };
        pass.dispatch(&self.pipeline, bound, over);
    }
}

/// The widths of heads that the kernels take.
pub(crate) fn head_dims() -> impl Iterator<Item = usize> {
    (1..=256).filter(|head_dim| register(*head_dim).is_some())
}

fn register(head_dim: usize) -> Option<&'static Shader> {
    let mut all = gpu::ATTENTION_REGISTER.iter();
    all.find(|shader| shader.constant("QUADS").map(|quads| 4 * quads) == Some(head_dim))
}
