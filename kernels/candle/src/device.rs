//! Where and in what a model computes.

use candle_core::{DType, Device};

use crate::pause::Pause;

/// What a model computes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CandleDevice {
    /// The processor.
    Cpu,
    /// The first NVIDIA device.
    Cuda,
}

/// Why a model cannot be computed as it is wanted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeviceError {
    /// A build without CUDA.
    #[error("the engine `candle-cuda` is not in this build: it needs the cargo feature `cuda`")]
    NoCuda,
    /// A machine without a device.
    #[error("there is no CUDA device for the engine `candle-cuda`: {0}")]
    NoDevice(String),
    /// Flash attention computes in bf16 alone.
    #[error("flash attention keeps keys and values in bf16, not in {got}; leave `kv` out")]
    FlashAttention {
        /// What was asked for.
        got: &'static str,
    },
}

/// Where and in what a model computes.
#[derive(Clone, Debug)]
pub struct DeviceOptions {
    pub(crate) device: Device,
    /// What keys and values are kept in.
    pub(crate) kv: DType,
    /// How the thread is let go now and then, where it has more to do than to compute.
    pub(crate) pause: Option<Pause>,
}

impl DeviceOptions {
    /// The device, and the cache that is chosen. Without a choice keys and values are kept in 16
    /// bits: the room of a long prompt is halved, and so is what each new token must read. On the
    /// processor in f16, which has three more digits than bf16, and what stands in a cache is far
    /// from its largest number; on devices in bf16, which they compute in.
    ///
    /// # Errors
    /// A device that is not there, or a cache that flash attention does not read.
    pub fn new(device: CandleDevice, kv: Option<DType>) -> Result<Self, DeviceError> {
        let (device, own) = match device {
            CandleDevice::Cpu => (Device::Cpu, DType::F16),
            CandleDevice::Cuda => (cuda()?, DType::BF16),
        };
        let kv = kv.unwrap_or(own);
        if cfg!(feature = "flash-attn") && !device.is_cpu() && kv != DType::BF16 {
            let got = kv.as_str();
            return Err(DeviceError::FlashAttention { got });
        }
        let pause = None;
        Ok(Self { device, kv, pause })
    }

    /// The same with loading and reading that let others have the thread every tenth of a second.
    pub fn pausing(self, pause: Pause) -> Self {
        let pause = Some(pause);
        Self { pause, ..self }
    }

    /// The device in words.
    pub fn name(&self) -> String {
        match &self.device {
            Device::Cpu if cfg!(target_arch = "wasm32") => "CPU, 1 thread (wasm)".to_owned(),
            Device::Cpu => format!("CPU, {} threads", candle_core::utils::get_num_threads()),
            other => format!("{:?}", other.location()),
        }
    }

    /// The dtype of computation: what the processor is fast at is f32, what devices are is 16 bits.
    /// Who keeps keys and values in f32 wants no rounding to 16 bits anywhere.
    pub(crate) fn dtype(&self) -> DType {
        match (&self.device, self.kv) {
            (Device::Cpu, _) | (_, DType::F32) => DType::F32,
            _ => DType::BF16,
        }
    }

    /// The format of dense weights, where weights are dense.
    pub(crate) fn dense(&self) -> Option<DType> {
        (!self.device.is_cpu()).then(|| self.dtype())
    }
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, DeviceError> {
    Device::new_cuda(0).map_err(|error| {
        // What the driver says of its device, without the way to where it was asked.
        let error = match &error {
            candle_core::Error::WithBacktrace { inner, .. } => inner,
            other => other,
        };
        DeviceError::NoDevice(error.to_string())
    })
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device, DeviceError> {
    Err(DeviceError::NoCuda)
}
