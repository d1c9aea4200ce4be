//! What tests of this engine share.

use fathom_candle::{CandleDevice, DType, DeviceOptions};
use fathom_shared::engine::EngineKind;

use super::super::EngineKey;

/// The device that the tests run on: `FATHOM_TEST_DEVICE` is `cpu` or `cuda`.
pub(super) fn device() -> CandleDevice {
    match std::env::var("FATHOM_TEST_DEVICE").as_deref() {
        Ok("cuda") => CandleDevice::Cuda,
        Ok("cpu") | Err(_) => CandleDevice::Cpu,
        Ok(other) => panic!("FATHOM_TEST_DEVICE is `{other}`, expected cpu or cuda"),
    }
}

/// That device with a cache in `kv`.
pub(super) fn options(kv: DType) -> DeviceOptions {
    DeviceOptions::new(device(), Some(kv)).unwrap()
}

/// An engine with nothing chosen.
pub(super) fn key(kind: EngineKind) -> EngineKey {
    EngineKey {
        kind,
        model: String::new(),
        rope: None,
        kv: None,
    }
}
