//! Products with normalised input. For a single token, the matrix kernel normalises the input
//! itself if its variant can; otherwise a separate kernel runs first.

use super::{GpuMatrix, MatmulDispatch, MatmulKernels, MatmulOutput, RmsNormKernel};
use crate::gpu::{BoundBuffers, Buffer, ComputePass, Gpu};

#[derive(Debug)]
pub(crate) struct NormedProducts {
    norm: BoundBuffers,
    products: Vec<MatmulDispatch>,
    fused: Vec<MatmulDispatch>,
}

/// An input, its norm weights, and the buffer for the normalised input.
#[derive(Debug)]
pub(crate) struct NormInput<'a> {
    /// `(tokens, width)`
    pub(crate) x: &'a Buffer,
    /// `(width)` in f32
    pub(crate) weights: &'a Buffer,
    /// `(tokens, width)`
    pub(crate) normed: &'a Buffer,
    pub(crate) eps: f32,
}

impl NormedProducts {
    pub(crate) fn new(
        gpu: &Gpu,
        chunk: &Buffer,
        (norm, matmul): (&RmsNormKernel, &mut MatmulKernels),
        input: &NormInput<'_>,
        products: &[(&GpuMatrix, MatmulOutput<'_>)],
    ) -> Self {
        let NormInput {
            x,
            weights,
            normed,
            eps,
        } = *input;
        let (mut plain, mut fused) = (Vec::new(), Vec::new());
        for (w, output) in products {
            plain.push(matmul.bind(gpu, chunk, w, normed, *output));
            fused.extend(matmul.bind_normed(gpu, chunk, w, [x, weights], eps, *output));
        }
        Self {
            norm: norm.bind(gpu, chunk, weights, x, normed),
            products: plain,
            fused,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, norm: &RmsNormKernel, tokens: usize) {
        let products = if tokens == 1 && !self.fused.is_empty() {
            &self.fused
        } else {
            norm.run(pass, &self.norm, tokens);
            &self.products
        };
        for product in products {
            product.run(pass, tokens);
        }
    }
}
