//! `p[i] = x[ids[i]] − m − ln Σ_j exp(x[j] − m)`: the log-probabilities of some tokens.

use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, LogitsDims};

#[derive(Debug)]
pub(crate) struct LogprobsKernel {
    pipeline: ComputePipeline,
    vocab: usize,
}

/// The log-probabilities of some ids.
#[derive(Debug)]
pub(crate) struct LogprobsBuffers {
    bound: BoundBuffers,
    /// 1 where the logits are numbers, else 0; then a value for each id.
    pub(crate) p: Buffer,
}

impl LogprobsKernel {
    pub(crate) fn new(gpu: &Gpu, vocab: usize) -> Self {
        let pipeline = gpu.pipeline(&gpu::LOGPROBS);
        Self { pipeline, vocab }
    }

    /// `logits` is `(vocab)`; each of `ids` is below `vocab`.
    pub(crate) fn bind(&self, gpu: &Gpu, logits: &Buffer, ids: &[u32]) -> LogprobsBuffers {
        let (vocab, count) = (self.vocab, ids.len());
        let dims = gpu.uniform(&LogitsDims { vocab, count });
        let ids_buffer = gpu.words("ids of options", count);
        gpu.write(&ids_buffer, ids);
        let p = gpu.words("log-probabilities", 1 + count);
        LogprobsBuffers {
            bound: gpu.bind(&self.pipeline, &[&dims, logits, &ids_buffer, &p]),
            p,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, buffers: &LogprobsBuffers) {
        pass.dispatch(&self.pipeline, &buffers.bound, [1, 1]);
    }
}
