//! `o = softmax(q·k / √d) v` over all tokens up to its own.

use super::matmul::word;
use super::{Tuning, Variant};
use crate::cpu::Heads;
use crate::gpu::{self, Bound, Buffer, Gpu, Pass, Pipeline, Shader};

#[derive(Debug)]
pub(crate) struct Attention {
    pipeline: Pipeline,
    dims: Buffer,
    heads: usize,
    variant: Variant,
}

impl Attention {
    /// Nothing where no kernel takes heads of this width: see [`head_dims`].
    pub(crate) fn new(gpu: &Gpu, heads: Heads, tuning: &Tuning) -> Option<Self> {
        let register = register(heads.head_dim)?;
        let variant = tuning.attention;
        let pipeline = gpu.pipeline(match variant {
            Variant::Register => register,
            Variant::Workgroup => &gpu::ATTENTION_WORKGROUP,
        });
        let scale = (heads.head_dim as f32).sqrt().recip();
        let quads = word(heads.head_dim / 4);
        let dims = [
            word(heads.heads),
            word(heads.kv_heads),
            quads,
            scale.to_bits(),
        ];
        Some(Self {
            pipeline,
            dims: gpu.uniform(dims),
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
    ) -> Bound {
        gpu.bind(&self.pipeline, &[chunk, &self.dims, q, keys, values, o])
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, bound: &Bound, tokens: usize) {
        let (x, y) = match self.variant {
            Variant::Register => ((tokens * self.heads).div_ceil(4), 1),
            Variant::Workgroup => (self.heads, tokens),
        };
        pass.dispatch(&self.pipeline, bound, x, y);
    }
}

/// The widths of heads that the kernels take.
pub(crate) fn head_dims() -> impl Iterator<Item = usize> {
    (1..=256).filter(|head_dim| register(*head_dim).is_some())
}

fn register(head_dim: usize) -> Option<&'static Shader> {
    match head_dim {
        32 => Some(&gpu::ATTENTION_REGISTER_32),
        64 => Some(&gpu::ATTENTION_REGISTER_64),
        96 => Some(&gpu::ATTENTION_REGISTER_96),
        128 => Some(&gpu::ATTENTION_REGISTER_128),
        _ => None,
    }
}
