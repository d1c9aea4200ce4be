//! A model in every format that GGUF files come in, quantised by candle's own quantiser, against the
//! same model in the f32 that candle's own reader makes of it.

use std::sync::atomic::AtomicBool;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use fathom_kernels::generation::LanguageModel;
use fathom_kernels::model::dtype::Dtype;
use pollster::block_on;

use super::source::ModelSource;
use super::testing::options;
use super::*;
use crate::testing::wide;

/// The logits after a prompt, read at once, and after one more token.
fn logits(bytes: &[u8]) -> [Vec<f32>; 2] {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wide.gguf");
    std::fs::write(&path, bytes).unwrap();
    let mut source = ModelSource::open(&path).unwrap();
    let config = source.config().unwrap();
    let mut model = block_on(CandleModel::load(&mut source, config, &options(DType::F32))).unwrap();
    let ids: Vec<u32> = (0..40).map(|i| (i * 53 + 7) % 256).collect();
    model.reserve(ids.len() + 1).unwrap();
    let cancel = AtomicBool::new(false);
    [&ids[..], &[9]].map(|ids| block_on(model.read(ids, &cancel, &mut |_| (), None)).unwrap())
}

/// The number of a format in a GGUF file.
fn number(dtype: Dtype) -> u32 {
    let mut all = 0..64;
    all.find(|number| Dtype::from_gguf(*number) == Ok(dtype))
        .unwrap()
}

/// candle's name of a format.
fn theirs(dtype: Dtype) -> GgmlDType {
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

/// The weights are the same and everything is computed in f32, so that the two differ by the order
/// of sums alone: some millionths of the largest logit.
#[test]
fn every_format_says_what_its_weights_say_in_f32() {
    // With a cache in f32 devices compute in f32 as well.
    let near = 1e-4;
    let whole = logits(&wide().bytes());
    for dtype in Dtype::ALL {
        let quantise = |dims: &[usize], values: &[f32]| {
            let source = Tensor::from_slice(values, (dims[1], dims[0]), &Device::Cpu).unwrap();
            QTensor::quantize(&source, theirs(dtype)).unwrap()
        };
        let stored = wide().stored(&|dims, values| {
            let quantised = quantise(dims, values);
            (number(dtype), quantised.data().unwrap().into_owned())
        });
        let worth = wide().stored(&|dims, values| {
            let worth = quantise(dims, values).dequantize(&Device::Cpu).unwrap();
            let worth: Vec<f32> = worth.flatten_all().unwrap().to_vec1().unwrap();
            let bytes = worth.into_iter().flat_map(f32::to_le_bytes);
            (number(Dtype::F32), bytes.collect())
        });
        if dtype != Dtype::F32 {
            assert!(stored.len() < worth.len(), "{dtype} is smaller");
        }
        let (got, want) = (logits(&stored), logits(&worth));
        for ((got, want), whole) in got.iter().zip(&want).zip(&whole) {
            let largest = want.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            let apart = |a: &[f32], b: &[f32]| {
                let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
                gaps.fold(0.0_f32, f32::max) / largest
            };
            assert!(apart(got, want) < near, "{dtype}: {}", apart(got, want));
            // It is not the model that was not quantised.
            if dtype.block() > 1 {
                assert!(apart(got, whole) > near, "{dtype}");
            }
        }
    }
}
