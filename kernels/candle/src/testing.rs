//! What tests share.

use candle_core::Device;
use candle_core::quantized::GgmlDType;
use fathom_kernels::model::dtype::Dtype;

/// The device that the tests run on: `FATHOM_TEST_DEVICE` is `cpu` or `cuda`.
pub(crate) fn device() -> Device {
    match std::env::var("FATHOM_TEST_DEVICE").as_deref() {
        Ok("cuda") => Device::new_cuda(0).unwrap(),
        Ok("cpu") | Err(_) => Device::Cpu,
        Ok(other) => panic!("FATHOM_TEST_DEVICE is `{other}`, expected cpu or cuda"),
    }
}

/// candle's name of a format.
pub(crate) fn theirs(dtype: Dtype) -> GgmlDType {
    match dtype {
        Dtype::F32 => GgmlDType::F32,
        Dtype::F16 => GgmlDType::F16,
        Dtype::Bf16 => GgmlDType::BF16,
        Dtype::Q4_0 => GgmlDType::Q4_0,
        Dtype::Q4_1 => GgmlDType::Q4_1,
        Dtype::Q5_0 => GgmlDType::Q5_0,
        Dtype::Q5_1 => GgmlDType::Q5_1,
        Dtype::Q8_0 => GgmlDType::Q8_0,
        Dtype::Q2K => GgmlDType::Q2K,
        Dtype::Q3K => GgmlDType::Q3K,
        Dtype::Q4K => GgmlDType::Q4K,
        Dtype::Q5K => GgmlDType::Q5K,
        Dtype::Q6K => GgmlDType::Q6K,
    }
}
