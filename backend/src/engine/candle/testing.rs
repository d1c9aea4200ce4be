//! What tests of this engine share.

use candle_core::{DType, Device};

use super::Options;

/// The device that the tests run on: `FATHOM_TEST_DEVICE` is `cpu` or `cuda`.
pub(super) fn device() -> Device {
    match std::env::var("FATHOM_TEST_DEVICE").as_deref() {
        Ok("cuda") => Device::new_cuda(0).unwrap(),
        Ok("cpu") | Err(_) => Device::Cpu,
        Ok(other) => panic!("FATHOM_TEST_DEVICE is `{other}`, expected cpu or cuda"),
    }
}

/// That device with a cache in `kv`.
pub(super) fn options(kv: DType) -> Options {
    let device = device();
    Options { device, kv }
}
