//! The `k` largest logits with their ids, and what makes log-probabilities of them.

use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, TopKDims};
use crate::model::sampler::GreedyToken;

#[derive(Debug)]
pub(crate) struct TopKKernel {
    pipeline: ComputePipeline,
    vocab: usize,
}

/// The likeliest tokens of some logits.
#[derive(Debug)]
pub(crate) struct TopKBuffers {
    bound: BoundBuffers,
    /// `(`[`words`](Self::words)`)`: whether the logits are numbers, the logarithm of their sum, then id
    /// and logit of each.
    pub(crate) best: Buffer,
    count: usize,
    /// How many are told with their log-probabilities.
    told: usize,
}

impl TopKKernel {
    pub(crate) fn new(gpu: &Gpu, vocab: usize) -> Self {
        let pipeline = gpu.pipeline(&gpu::TOP_K);
        Self { pipeline, vocab }
    }

    /// For the likeliest token of `logits`, `(vocab)`, and the log-probabilities of the `told` likeliest,
    /// of which there may be none.
    pub(crate) fn bind(&self, gpu: &Gpu, logits: &Buffer, told: usize) -> TopKBuffers {
        let (vocab, count) = (self.vocab, told.clamp(1, self.vocab));
        let dims = gpu.uniform(&TopKDims {
            vocab,
            count,
            summed: usize::from(told > 0),
        });
        let best = gpu.words("likeliest", 2 + 2 * count);
        TopKBuffers {
            bound: gpu.bind(&self.pipeline, &[&dims, logits, &best]),
            best,
            count,
            told,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, buffers: &TopKBuffers) {
        pass.dispatch(&self.pipeline, &buffers.bound, [1, 1]);
    }
}

impl TopKBuffers {
    /// Where the likeliest id stands in `best`.
    pub(crate) const ID: usize = 2;

    /// The words of `best`.
    pub(crate) fn words(&self) -> usize {
        2 + 2 * self.count
    }

    /// What the words of `best` say; `None` where the logits are no numbers.
    pub(crate) fn token(&self, words: &[u32]) -> Option<GreedyToken> {
        let [1, sum, ranked @ ..] = words else {
            return None;
        };
        let ranked = ranked.as_chunks::<2>().0;
        let [id, largest] = *ranked.first()?;
        let float = |bits: u32| f64::from(f32::from_bits(bits));
        let norm = float(largest) + float(*sum);
        let told = ranked.iter().take(self.told);
        Some(GreedyToken {
            id,
            top: told
                .map(|[id, logit]| (*id, float(*logit) - norm))
                .collect(),
        })
    }
}
