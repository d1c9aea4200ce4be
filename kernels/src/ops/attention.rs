//! `o = softmax(q·k / √d) v` over all tokens up to and including the query's own. Many tokens are
//! computed in tiles of queries and keys; a few tokens in slices of the keys, so that a long cache
//! uses the whole device.

use super::{KernelTuning, KernelVariant};
use crate::cpu::HeadLayout;
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, HeadDims, Shader};

/// Up to this many tokens, the keys are read in slices.
pub(crate) const FEW: usize = 4;

/// How the cache holds keys and values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum KvPrecision {
    /// As 16-bit floats.
    #[default]
    F16,
    /// As 32-bit floats.
    F32,
}

impl KvPrecision {
    /// Values in one 32-bit word.
    pub(crate) fn per_word(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 1,
        }
    }

    /// The shader constants for this precision.
    pub(super) fn constants(self) -> [(&'static str, f64); 1] {
        [("KV_F32", f64::from(u8::from(self == Self::F32)))]
    }
}

#[derive(Debug)]
pub(crate) struct AttentionKernel {
    many: ComputePipeline,
    split: ComputePipeline,
    merge: ComputePipeline,
    dims: Buffer,
    heads: HeadLayout,
    mixes: Buffer,
    tops: Buffer,
    sizes: SliceSizes,
}

/// How the keys are cut into slices for a few tokens.
#[derive(Clone, Copy, Debug)]
struct SliceSizes {
    /// The fewest keys in a slice.
    least: usize,
    /// The most slices.
    most: usize,
    /// Queries that are read together.
    queries: usize,
}

/// One layer's attention.
#[derive(Debug)]
pub(crate) struct AttentionBuffers {
    many: BoundBuffers,
    split: BoundBuffers,
    merge: BoundBuffers,
}

impl AttentionKernel {
    /// `None` if no kernel supports this head width: see [`head_dims`].
    pub(crate) fn new(
        gpu: &Gpu,
        heads: HeadLayout,
        kv: KvPrecision,
        tuning: &KernelTuning,
    ) -> Option<Self> {
        let many = match tuning.attention {
            KernelVariant::Register => of_width(&gpu::ATTENTION_REGISTER, heads.head_dim)?,
            KernelVariant::Workgroup => of_width(&gpu::ATTENTION_WORKGROUP, heads.head_dim)?,
        };
        let split = match tuning.decode_attention {
            KernelVariant::Register => of_width(&gpu::ATTENTION_SPLIT_REGISTER, heads.head_dim)?,
            KernelVariant::Workgroup => &gpu::ATTENTION_SPLIT_WORKGROUP,
        };
        let sizes = SliceSizes {
            least: split.constant("SLICE")?,
            most: split.constant("SLICES")?,
            queries: split.constant("QUERIES")?,
        };
        let dims = HeadDims {
            heads: heads.heads,
            kv_heads: heads.kv_heads,
            quads: heads.head_dim / 4,
            scale: (heads.head_dim as f32).sqrt().recip(),
        };
        let slots = FEW * heads.heads * sizes.most;
        Some(Self {
            many: gpu.pipeline_with(many, &kv.constants()),
            split: gpu.pipeline_with(split, &kv.constants()),
            merge: gpu.pipeline(&gpu::ATTENTION_MERGE),
            dims: gpu.uniform(&dims),
            heads,
            mixes: gpu.words("mixes of slices", slots * heads.head_dim),
            tops: gpu.words("maxima and sums of slices", slots * 2),
            sizes,
        })
    }

    /// The keys per slice, for `keys` keys in all; goes into `Chunk`.
    pub(crate) fn slice(&self, keys: usize) -> usize {
        let SliceSizes { least, most, .. } = self.sizes;
        keys.div_ceil(most).next_multiple_of(least).max(least)
    }

    /// `q` and `o` are `(tokens, heads, head_dim)`, `keys` and `values` `(capacity, kv_heads,
    /// head_dim)`.
    pub(crate) fn bind(
        &self,
        gpu: &Gpu,
        chunk: &Buffer,
        q: &Buffer,
        [keys, values]: [&Buffer; 2],
        o: &Buffer,
    ) -> AttentionBuffers {
        let (dims, mixes, tops) = (&self.dims, &self.mixes, &self.tops);
        AttentionBuffers {
            many: gpu.bind(&self.many, &[chunk, dims, q, keys, values, o]),
            split: gpu.bind(&self.split, &[chunk, dims, q, keys, values, mixes, tops]),
            merge: gpu.bind(&self.merge, &[chunk, dims, mixes, tops, o]),
        }
    }

    /// Computes the attention of the last `tokens` of `keys` to all of them.
    pub(crate) fn run(
        &self,
        pass: &mut ComputePass<'_>,
        bound: &AttentionBuffers,
        tokens: usize,
        keys: usize,
    ) {
        let HeadLayout {
            heads,
            kv_heads,
            head_dim,
        } = self.heads;
        let queries = tokens * (heads / kv_heads);
        if tokens > FEW {
            pass.dispatch(&self.many, &bound.many, [queries, kv_heads]);
            return;
        }
        let slices = keys.div_ceil(self.slice(keys));
        let blocks = kv_heads * queries.div_ceil(self.sizes.queries);
        pass.dispatch(&self.split, &bound.split, [slices, blocks]);
        pass.dispatch(&self.merge, &bound.merge, [heads * head_dim / 4, tokens]);
    }
}

/// The head widths that the kernels support.
pub(crate) fn head_dims() -> impl Iterator<Item = usize> {
    gpu::ATTENTION_REGISTER.iter().filter_map(width)
}

fn of_width(shaders: &'static [Shader], head_dim: usize) -> Option<&'static Shader> {
    shaders
        .iter()
        .find(|shader| width(shader) == Some(head_dim))
}

fn width(shader: &Shader) -> Option<usize> {
    shader.constant("QUADS").map(|quads| 4 * quads)
}
