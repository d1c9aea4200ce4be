//! Records GPU commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{BoundBuffers, Buffer, ComputePipeline};

/// Commands being recorded.
pub(crate) struct CommandEncoder {
    pub(super) encoder: wgpu::CommandEncoder,
    pub(super) dispatches: Arc<AtomicU64>,
}

/// Dispatches being recorded; each sees what earlier ones wrote.
pub(crate) struct ComputePass<'a> {
    pass: wgpu::ComputePass<'a>,
    dispatches: &'a AtomicU64,
}

impl CommandEncoder {
    /// Begins a compute pass.
    pub(crate) fn pass(&mut self) -> ComputePass<'_> {
        let descriptor = wgpu::ComputePassDescriptor::default();
        ComputePass {
            pass: self.encoder.begin_compute_pass(&descriptor),
            dispatches: &self.dispatches,
        }
    }

    /// Copies `count` words from word `at` of one buffer to word `to_at` of another.
    pub(crate) fn copy(
        &mut self,
        (from, at): (&Buffer, usize),
        (to, to_at): (&Buffer, usize),
        count: usize,
    ) {
        let bytes = |words: usize| 4 * words as u64;
        self.encoder
            .copy_buffer_to_buffer(from, bytes(at), to, bytes(to_at), bytes(count));
    }
}

impl ComputePass<'_> {
    /// Dispatches a pipeline over `x × y` outputs, in as many workgroups as they need.
    pub(crate) fn dispatch(
        &mut self,
        pipeline: &ComputePipeline,
        bound: &BoundBuffers,
        [x, y]: [usize; 2],
    ) {
        let [across, down] = pipeline.tile;
        let size = |n: usize, tile: u32| u32::try_from(n).unwrap_or(u32::MAX).div_ceil(tile);
        self.pass.set_pipeline(&pipeline.pipeline);
        self.pass.set_bind_group(0, &bound.0, &[]);
        self.pass
            .dispatch_workgroups(size(x, across), size(y, down), 1);
        self.dispatches.fetch_add(1, Ordering::Relaxed);
    }
}
