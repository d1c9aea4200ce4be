//! The adapter: the only module that uses wgpu. Buffers, pipelines, submissions and readback.

mod commands; // records GPU commands
mod readback; // waits for commands and reads buffers
mod shaders; // the shaders that the build composed and checked

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use commands::{CommandEncoder, ComputePass};
pub(crate) use shaders::*;

/// An opened adapter. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    adapter: String,
    fault: Arc<Mutex<Option<GpuError>>>,
    dispatches: Arc<AtomicU64>,
}

/// An error of the adapter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GpuError {
    /// No adapter was found.
    #[error("no WebGPU adapter was found: {reason}")]
    NoAdapter {
        /// The system's message.
        reason: String,
    },
    /// The adapter cannot hold a buffer that the model needs.
    #[error("{what} needs {needs} bytes in one piece, the adapter `{adapter}` has room for {has}")]
    Limit {
        /// What the buffer is for.
        what: String,
        /// Bytes needed.
        needs: u64,
        /// The largest size that fits.
        has: u64,
        /// The adapter's name.
        adapter: String,
    },
    /// The adapter was lost.
    #[error("the GPU was lost ({}); load the model again", reason.trim_end_matches('.'))]
    Lost {
        /// The system's message.
        reason: String,
    },
    /// The adapter's memory is full.
    #[error("the adapter's memory is full: {reason}")]
    OutOfMemory {
        /// The adapter's message.
        reason: String,
    },
    /// The adapter refused a command.
    #[error("the adapter refused a command: {reason}")]
    Refused {
        /// The adapter's message.
        reason: String,
    },
}

/// How a shader uses a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Binding {
    /// A uniform struct of this many bytes.
    Uniform(u64),
    Read,
    Write,
}

/// A buffer in the adapter's memory.
pub(crate) type Buffer = wgpu::Buffer;

/// A compiled shader.
#[derive(Clone, Debug)]
pub(crate) struct ComputePipeline {
    pipeline: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
    tile: [u32; 2],
}

/// The buffers bound for one use of a pipeline.
#[derive(Debug)]
pub(crate) struct BoundBuffers(wgpu::BindGroup);

impl Gpu {
    /// Opens the best adapter, with the largest buffers that it allows.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`].
    pub async fn open() -> Result<Self, GpuError> {
        let none = |reason: String| GpuError::NoAdapter { reason };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await;
        let adapter = adapter.map_err(|error| none(error.to_string()))?;
        let offered = adapter.limits();
        let required_limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let descriptor = wgpu::DeviceDescriptor {
            required_limits,
            ..Default::default()
        };
        let device = adapter.request_device(&descriptor).await;
        let (device, queue) = device.map_err(|error| none(error.to_string()))?;

        let fault = Arc::new(Mutex::new(None));
        let lost = Arc::clone(&fault);
        device.set_device_lost_callback(move |_, reason| {
            set(&lost, GpuError::Lost { reason });
        });
        let refused = Arc::clone(&fault);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            let reason = error.to_string();
            set(
                &refused,
                match error {
                    wgpu::Error::OutOfMemory { .. } => GpuError::OutOfMemory { reason },
                    _ => GpuError::Refused { reason },
                },
            );
        }));
        let adapter = name(&adapter.get_info());
        Ok(Self {
            device,
            queue,
            adapter,
            fault,
            dispatches: Arc::default(),
        })
    }

    /// The adapter's name.
    pub fn adapter(&self) -> &str {
        &self.adapter
    }

    /// Number of dispatches since it was opened.
    pub(crate) fn dispatches(&self) -> u64 {
        self.dispatches.load(Ordering::Relaxed)
    }

    /// Bytes of its memory that buffers take; `None` where the system does not tell.
    #[cfg(test)]
    pub(crate) fn allocated_bytes(&self) -> Option<u64> {
        let report = self.device.generate_allocator_report()?;
        Some(report.total_allocated_bytes)
    }

    /// Loses the adapter, as a system does that takes it away.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        self.device.destroy();
    }

    /// The first error since it was opened.
    pub(crate) fn fault(&self) -> Option<GpuError> {
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Checks that a buffer of `needs` bytes can be bound.
    pub(crate) fn check(&self, what: &str, needs: u64) -> Result<(), GpuError> {
        let limits = self.device.limits();
        let has = limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size);
        if needs <= has {
            return Ok(());
        }
        let (what, adapter) = (what.to_owned(), self.adapter.clone());
        Err(GpuError::Limit {
            what,
            needs,
            has,
            adapter,
        })
    }

    /// A new buffer of `count` 32-bit words, initially zero.
    pub(crate) fn words(&self, label: &str, count: usize) -> Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: 4 * count.max(4) as u64,
            usage: wgpu::BufferUsages::STORAGE
                | wgpu::BufferUsages::COPY_SRC
                | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        })
    }

    /// A new buffer that contains `bytes`, whole words of 32 bits.
    pub(crate) fn upload(&self, label: &str, bytes: &[u8]) -> Buffer {
        self.filled(label, bytes, wgpu::BufferUsages::STORAGE)
    }

    /// A new uniform buffer.
    pub(crate) fn uniform(&self, uniform: &dyn UniformWords) -> Buffer {
        let words = uniform.words();
        self.filled(
            "uniform",
            bytemuck::cast_slice(&words),
            wgpu::BufferUsages::UNIFORM,
        )
    }

    /// Written by the queue: a buffer that is mapped at its creation panics where there is no memory for
    /// it, or no adapter any more.
    fn filled(&self, label: &str, bytes: &[u8], usage: wgpu::BufferUsages) -> Buffer {
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: bytes.len().max(16) as u64,
            usage: usage | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        self.queue.write_buffer(&buffer, 0, bytes);
        buffer
    }

    /// Writes words to the start of a buffer, before the next submission runs.
    pub(crate) fn write<T: bytemuck::NoUninit>(&self, buffer: &Buffer, words: &[T]) {
        self.queue
            .write_buffer(buffer, 0, bytemuck::cast_slice(words));
    }

    /// Compiles a shader.
    pub(crate) fn pipeline(&self, shader: &Shader) -> ComputePipeline {
        self.pipeline_with(shader, &[])
    }

    /// Compiles a shader with values for its `override` constants.
    pub(crate) fn pipeline_with(
        &self,
        shader: &Shader,
        constants: &[(&str, f64)],
    ) -> ComputePipeline {
        let module = self
            .device
            .create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(shader.label),
                source: wgpu::ShaderSource::Wgsl(shader.source.into()),
            });
        let entries: Vec<_> = (0..)
            .zip(shader.bindings)
            .map(|(at, kind)| entry(at, *kind))
            .collect();
        let layout = self
            .device
            .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(shader.label),
                entries: &entries,
            });
        let whole = self
            .device
            .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: Some(shader.label),
                bind_group_layouts: &[Some(&layout)],
                immediate_size: 0,
            });
        let pipeline = self
            .device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(shader.label),
                layout: Some(&whole),
                module: &module,
                entry_point: Some("main"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants,
                    // The kernels write every word of workgroup memory before they read it.
                    zero_initialize_workgroup_memory: false,
                },
                cache: None,
            });
        ComputePipeline {
            pipeline,
            layout,
            tile: shader.tile,
        }
    }

    /// Binds buffers in the order in which the shader declares them. Pipelines whose shaders have
    /// the same declarations may share the bind group.
    pub(crate) fn bind(&self, pipeline: &ComputePipeline, buffers: &[&Buffer]) -> BoundBuffers {
        let entries: Vec<_> = (0..)
            .zip(buffers)
            .map(|(binding, buffer)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        BoundBuffers(self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &pipeline.layout,
            entries: &entries,
        }))
    }

    /// Starts recording commands.
    pub(crate) fn commands(&self) -> CommandEncoder {
        let encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        CommandEncoder {
            encoder,
            dispatches: Arc::clone(&self.dispatches),
        }
    }

    /// Submits commands.
    pub(crate) fn submit(&self, commands: CommandEncoder) {
        self.queue.submit([commands.encoder.finish()]);
    }
}

fn entry(binding: u32, kind: Binding) -> wgpu::BindGroupLayoutEntry {
    let (ty, size) = match kind {
        Binding::Uniform(bytes) => (wgpu::BufferBindingType::Uniform, bytes),
        Binding::Read => (wgpu::BufferBindingType::Storage { read_only: true }, 0),
        Binding::Write => (wgpu::BufferBindingType::Storage { read_only: false }, 0),
    };
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: wgpu::BufferSize::new(size),
        },
        count: None,
    }
}

/// Keeps only the first fault, which is the cause; later ones follow from it. But a lost adapter refuses
/// commands before it says that it is lost.
fn set(slot: &Mutex<Option<GpuError>>, fault: GpuError) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    let causes = matches!(fault, GpuError::Lost { .. });
    if slot.is_none() || (causes && matches!(*slot, Some(GpuError::Refused { .. }))) {
        *slot = Some(fault);
    }
}

/// A browser may hide the name and report only the description or the vendor.
fn name(info: &wgpu::AdapterInfo) -> String {
    let told = [&info.name, &info.driver, &info.driver_info]
        .into_iter()
        .find(|text| !text.is_empty());
    let backend = match info.backend {
        wgpu::Backend::BrowserWebGpu => "WebGPU".to_owned(),
        other => format!("{other:?}"),
    };
    told.map_or_else(|| backend.clone(), |name| format!("{name} ({backend})"))
}
