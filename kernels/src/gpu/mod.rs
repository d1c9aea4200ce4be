//! The adapter: the only module that uses wgpu. Buffers, pipelines, submissions and readback.

mod commands; // records GPU commands
mod shaders; // the shaders that the build composed and checked

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot;
use wgpu::util::{BufferInitDescriptor, DeviceExt};

pub(crate) use commands::{CommandEncoder, ComputePass};
pub(crate) use shaders::*;

/// An opened adapter.
#[derive(Debug)]
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
    /// The adapter refused a command, for example because its memory is full.
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
            set(
                &refused,
                GpuError::Refused {
                    reason: error.to_string(),
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

    /// A new buffer that contains `bytes`.
    pub(crate) fn upload(&self, label: &str, bytes: &[u8]) -> Buffer {
        self.device.create_buffer_init(&BufferInitDescriptor {
            label: Some(label),
            contents: bytes,
            usage: wgpu::BufferUsages::STORAGE,
        })
    }

    /// A new uniform buffer.
    pub(crate) fn uniform(&self, uniform: &dyn UniformWords) -> Buffer {
        self.device.create_buffer_init(&BufferInitDescriptor {
            label: Some("uniform"),
            contents: bytemuck::cast_slice(&uniform.words()),
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        })
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

    /// Submits commands and waits until they are done.
    pub(crate) async fn finish(&self, commands: CommandEncoder) -> Result<(), GpuError> {
        // Reading back a word is the only way to wait that works everywhere.
        let mark = self.words("mark", 4);
        self.read(commands, &mark, 0, 4).await.map(drop)
    }

    /// Submits commands, waits, and reads `count` words of `buffer`, starting at word `from`.
    pub(crate) async fn read(
        &self,
        commands: CommandEncoder,
        buffer: &Buffer,
        from: usize,
        count: usize,
    ) -> Result<Vec<f32>, GpuError> {
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
        Ok(view
            .as_chunks()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect())
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

/// Keep only the first fault, which is the cause; later ones follow from it.
fn set(slot: &Mutex<Option<GpuError>>, fault: GpuError) {
    slot.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert(fault);
}

fn lost(error: &dyn std::error::Error) -> GpuError {
    GpuError::Lost {
        reason: error.to_string(),
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
