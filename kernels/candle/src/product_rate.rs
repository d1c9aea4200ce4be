//! How fast the processor reads prompts: measured, to choose between it and an adapter.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use web_time::{Duration, Instant};

use crate::CHUNK;
use crate::cpu::format::WeightFormat;
use crate::cpu::matrix::{MatrixProduct, StoredMatrix};

/// How long it is measured: a browser compiles a program well only after it has run for a while.
const LONG: Duration = Duration::from_millis(250);

/// Multiply-adds per second in the product of a chunk of a prompt with a layer's weights in Q8_0, the
/// best of a quarter of a second. An adapter's is `KernelTuning::product_rate`.
///
/// # Errors
/// What candle says.
pub fn product_rate() -> Result<f64> {
    let (rows, columns) = (1536, 576);
    let format = WeightFormat::Q8_0;
    let bytes = vec![0; rows * format.bytes(columns)];
    let weights = [Arc::new(StoredMatrix::new(format, rows, columns, bytes)?)];
    let x = Tensor::zeros((CHUNK, columns), candle_core::DType::F32, &Device::Cpu)?;
    let begun = Instant::now();
    let mut shortest = Duration::MAX;
    while begun.elapsed() < LONG {
        let start = Instant::now();
        x.apply_op1_no_bwd(&MatrixProduct(&weights))?;
        shortest = shortest.min(start.elapsed());
    }
    Ok((CHUNK * rows * columns) as f64 / shortest.as_secs_f64().max(1e-6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_is_neither_still_nor_without_limit() {
        let rate = product_rate().unwrap();
        assert!((1e7..1e13).contains(&rate), "{rate}");
    }
}
