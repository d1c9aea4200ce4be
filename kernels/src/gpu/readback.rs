//! Waits for commands and reads buffers back: the only place where memory is mapped.

use futures_channel::oneshot;

use super::{Buffer, CommandEncoder, Gpu, GpuError};

impl Gpu {
    /// Submits commands and waits until they are done.
    pub(crate) async fn finish(&self, commands: CommandEncoder) -> Result<(), GpuError> {
        // Reading back a word is the only way to wait that works everywhere.
        let mark = self.words("mark", 4);
        self.read::<u32>(commands, &mark, 0, 4).await.map(drop)
    }

    /// Submits commands, waits, and reads `count` 32-bit words of `buffer`, starting at word `from`.
    pub(crate) async fn read<T: bytemuck::Pod>(
        &self,
        commands: CommandEncoder,
        buffer: &Buffer,
        from: usize,
        count: usize,
    ) -> Result<Vec<T>, GpuError> {
        let size = 4 * count as u64;
        let staging = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("readback"),
            size,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = commands.encoder;
        encoder.copy_buffer_to_buffer(buffer, 4 * from as u64, &staging, 0, size);
        self.queue.submit([encoder.finish()]);
        let (done, waited) = oneshot::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |result| {
            // An error means that the caller is gone and nobody waits.
            let _nobody = done.send(result);
        });
        // A browser calls back by itself; elsewhere the device must be polled.
        #[cfg(not(target_arch = "wasm32"))]
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|error| lost(&error))?;
        let mapped = waited.await;
        if let Some(fault) = self.fault() {
            return Err(fault);
        }
        mapped
            .map_err(|error| lost(&error))?
            .map_err(|error| lost(&error))?;
        let view = staging.get_mapped_range(..).map_err(|error| lost(&error))?;
        Ok(bytemuck::pod_collect_to_vec(&view))
    }
}

fn lost(error: &dyn std::error::Error) -> GpuError {
    GpuError::Lost {
        reason: error.to_string(),
    }
}
