//! Tensors of the processor as slices.

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};

/// The values of a contiguous tensor in a kernel's forward pass.
///
/// # Errors
/// It is not f32, or not contiguous.
pub(crate) fn cpu_slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (start, end) = layout.contiguous_offsets().ok_or_else(|| {
        Error::msg(format!(
            "a tensor has strides {:?}, expected contiguous rows",
            layout.stride()
        ))
    })?;
    Ok(&storage.as_slice::<f32>()?[start..end])
}

/// The same of a tensor whose storage is held.
///
/// # Errors
/// As [`cpu_slice`], or the tensor is on another device.
pub(crate) fn tensor_slice<'a>(storage: &'a Storage, layout: &Layout) -> Result<&'a [f32]> {
    match storage {
        Storage::Cpu(storage) => cpu_slice(storage, layout),
        _ => Err(Error::msg(
            "a tensor is on a device, expected the processor's memory",
        )),
    }
}

/// The tensor, copied if its values are not in order.
///
/// # Errors
/// The copy fails.
pub(crate) fn contiguous(tensor: &Tensor) -> Result<Tensor> {
    match tensor.is_contiguous() {
        true => Ok(tensor.clone()),
        false => tensor.contiguous(),
    }
}
