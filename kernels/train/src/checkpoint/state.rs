//! The whole state of a run in one safetensors file: parameters, what the optimizer remembers, and in
//! the metadata the step and the stage. Nothing else has a state: batches follow from the step.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use candle_core::{DType, Tensor};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Value as Json, json};

use super::CheckpointError;
use super::atomic::write_synced;
use crate::network::Decoder;
use crate::optimizer::Optimizer;
use crate::stage::TrainingStage;

/// The metadata's entry for step and stage.
const PROGRESS: &str = "training";

/// Every tensor of the state by its name there.
fn tensors(decoder: &Decoder, optimizer: &Optimizer) -> Vec<(String, Tensor)> {
    let mut all = Vec::new();
    for (parameter, moments) in decoder.parameters().into_iter().zip(&optimizer.moments) {
        let name = &parameter.name;
        all.push((format!("parameter.{name}"), parameter.tensor().clone()));
        all.push((format!("first_moment.{name}"), moments.first.clone()));
        if let Some(second) = &moments.second {
            all.push((format!("second_moment.{name}"), second.clone()));
        }
    }
    all
}

/// The stage as text, for comparison: where it comes from is no matter.
fn stage_text(stage: &TrainingStage, path: &Path) -> Result<String, CheckpointError> {
    let stage = TrainingStage {
        from: None,
        ..stage.clone()
    };
    toml::to_string(&stage).map_err(|reason| CheckpointError::form(path, &reason))
}

/// Writes the state after `step`.
///
/// # Errors
/// [`CheckpointError`].
pub(crate) fn write_state(
    path: &Path,
    stage: &TrainingStage,
    step: u64,
    decoder: &Decoder,
    optimizer: &Optimizer,
) -> Result<(), CheckpointError> {
    let mut stored = Vec::new();
    for (name, tensor) in tensors(decoder, optimizer) {
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        stored.push((name, tensor.dims().to_vec(), values));
    }
    let mut views = Vec::new();
    for (name, shape, values) in &stored {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values));
        views.push((
            name,
            view.map_err(|reason| CheckpointError::form(path, &reason))?,
        ));
    }
    // One entry: several would be written in another order each time.
    let progress = json!({ "step": step, "stage": stage_text(stage, path)? });
    let metadata = HashMap::from([(PROGRESS.to_owned(), progress.to_string())]);
    let bytes = safetensors::serialize(views, Some(metadata))
        .map_err(|reason| CheckpointError::form(path, &reason))?;
    write_synced(path, &bytes).map_err(CheckpointError::file(path, "written"))
}

/// Reads the state into decoder and optimizer, and returns its step.
///
/// # Errors
/// [`CheckpointError`]; the state has to be of the same stage.
pub(crate) fn read_state(
    path: &Path,
    stage: &TrainingStage,
    decoder: &Decoder,
    optimizer: &mut Optimizer,
) -> Result<u64, CheckpointError> {
    let bytes = fs::read(path).map_err(CheckpointError::file(path, "read"))?;
    let form = |reason: &dyn ToString| CheckpointError::form(path, reason);
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|reason| form(&reason))?;
    let stored = SafeTensors::deserialize(&bytes).map_err(|reason| form(&reason))?;
    let said = metadata.metadata().as_ref();
    let said = said.and_then(|said| said.get(PROGRESS));
    let said = said.ok_or_else(|| form(&format!("its metadata have no `{PROGRESS}`")))?;
    let said: Json = serde_json::from_str(said).map_err(|reason| form(&reason))?;
    let old = said["stage"].as_str().unwrap_or_default();
    let new = stage_text(stage, path)?;
    if old != new {
        let lines = old.lines().chain([""]).zip(new.lines().chain([""]));
        let differs = lines.into_iter().find(|(old, new)| old != new);
        let (got, want) = differs.unwrap_or_default();
        return Err(CheckpointError::OtherStage {
            got: got.to_owned(),
            want: want.to_owned(),
        });
    }
    let none = || form(&format!("its step is {}, expected a number", said["step"]));
    let step = said["step"].as_u64().ok_or_else(none)?;
    let read = |name: &str, like: &Tensor| -> Result<Tensor, CheckpointError> {
        let view = stored.tensor(name).map_err(|_| CheckpointError::NoTensor {
            path: path.to_owned(),
            name: name.to_owned(),
        })?;
        if view.shape() != like.dims() {
            return Err(CheckpointError::TensorShape {
                name: name.to_owned(),
                got: view.shape().to_vec(),
                want: like.dims().to_vec(),
            });
        }
        if view.dtype() != Dtype::F32 {
            return Err(form(&format!(
                "`{name}` is {:?}, expected F32",
                view.dtype()
            )));
        }
        Ok(Tensor::from_raw_buffer(
            view.data(),
            DType::F32,
            like.dims(),
            like.device(),
        )?)
    };
    for (parameter, moments) in decoder.parameters().into_iter().zip(&mut optimizer.moments) {
        let name = &parameter.name;
        let value = read(&format!("parameter.{name}"), parameter.tensor())?;
        parameter.var.set(&value)?;
        moments.first = read(&format!("first_moment.{name}"), &moments.first)?;
        if let Some(second) = &mut moments.second {
            *second = read(&format!("second_moment.{name}"), second)?;
        }
    }
    Ok(step)
}
