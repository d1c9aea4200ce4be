//! A checkpoint as a Hugging Face folder: `config.json`, `tokenizer.json`, `model.safetensors` in f16.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::json;

use super::{CheckpointError, write_whole};
use crate::network::{Decoder, Parameter};
use crate::vocabulary::END;

/// Writes a checkpoint into `folder`, with `card` as its README.
///
/// # Errors
/// [`CheckpointError`].
pub fn write_folder(
    folder: &Path,
    decoder: &Decoder,
    (tokenizer, end): (&str, u32),
    card: &str,
) -> Result<(), CheckpointError> {
    fs::create_dir_all(folder).map_err(CheckpointError::file(folder, "made"))?;
    let weights = folder.join("model.safetensors");
    let mut stored = Vec::new();
    for parameter in decoder.parameters() {
        let mut first = 0;
        for (name, rows) in &parameter.parts {
            let part = parameter.tensor().narrow(0, first, *rows)?;
            let values = part.flatten_all()?.to_vec1::<f32>()?;
            let values: Vec<f16> = values.into_iter().map(f16::from_f32).collect();
            stored.push((name, part.dims().to_vec(), values));
            first += rows;
        }
    }
    let mut views = Vec::new();
    for (name, shape, values) in &stored {
        let view = TensorView::new(Dtype::F16, shape.clone(), bytemuck::cast_slice(values));
        views.push((
            name,
            view.map_err(|reason| CheckpointError::form(&weights, &reason))?,
        ));
    }
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    let bytes = safetensors::serialize(views, Some(metadata))
        .map_err(|reason| CheckpointError::form(&weights, &reason))?;
    let config = decoder.sizes().config_json(decoder.vocabulary(), end);
    let beside = json!({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "add_bos_token": false,
        "model_max_length": decoder.sizes().context,
    });
    let files = [
        ("config.json", format!("{config:#}\n").into_bytes()),
        ("tokenizer.json", tokenizer.as_bytes().to_vec()),
        (
            "tokenizer_config.json",
            format!("{beside:#}\n").into_bytes(),
        ),
        ("README.md", card.as_bytes().to_vec()),
        ("model.safetensors", bytes),
    ];
    for (name, bytes) in files {
        let path = folder.join(name);
        write_whole(&path, &bytes).map_err(CheckpointError::file(&path, "written"))?;
    }
    Ok(())
}

/// Reads the weights of a checkpoint of the same sizes into `decoder`.
///
/// # Errors
/// [`CheckpointError`].
pub(crate) fn read_parameters(folder: &Path, decoder: &Decoder) -> Result<(), CheckpointError> {
    let path = folder.join("model.safetensors");
    let bytes = fs::read(&path).map_err(CheckpointError::file(&path, "read"))?;
    let stored =
        SafeTensors::deserialize(&bytes).map_err(|reason| CheckpointError::form(&path, &reason))?;
    for parameter in decoder.parameters() {
        let parts = parameter.parts.iter();
        let parts = parts.map(|(name, rows)| read(&path, &stored, parameter, name, *rows));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        parameter
            .var
            .set(&Tensor::cat(&parts, 0)?.to_device(decoder.device())?)?;
    }
    Ok(())
}

fn read(
    path: &Path,
    stored: &SafeTensors<'_>,
    parameter: &Parameter,
    name: &str,
    rows: usize,
) -> Result<Tensor, CheckpointError> {
    let view = stored.tensor(name).map_err(|_| CheckpointError::NoTensor {
        path: path.to_owned(),
        name: name.to_owned(),
    })?;
    let mut want = parameter.tensor().dims().to_vec();
    want[0] = rows;
    if view.shape() != want {
        return Err(CheckpointError::TensorShape {
            name: name.to_owned(),
            got: view.shape().to_vec(),
            want,
        });
    }
    let dtype = match view.dtype() {
        Dtype::F16 => DType::F16,
        Dtype::BF16 => DType::BF16,
        Dtype::F32 => DType::F32,
        other => {
            let reason = format!("`{name}` is {other:?}, expected F16, BF16 or F32");
            return Err(CheckpointError::form(path, &reason));
        }
    };
    let tensor = Tensor::from_raw_buffer(view.data(), dtype, &want, &Device::Cpu)?;
    Ok(tensor.to_dtype(DType::F32)?)
}
