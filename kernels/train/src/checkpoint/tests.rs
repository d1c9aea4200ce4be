//! A checkpoint in the engine that will run it.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use candle_core::Device;
use fathom_candle::{CandleDevice, CandleModel, DType, DeviceOptions, StoredTensor, WeightSource};
use fathom_kernels::generation::LanguageModel;
use fathom_kernels::model::config::{ModelConfig, hugging_face_name};
use fathom_kernels::model::dtype::Dtype as StoredDtype;
use pollster::block_on;
use safetensors::SafeTensors;

use super::*;
use crate::network::{Decoder, DecoderSizes};

const VOCABULARY: usize = 300;

fn decoder(seed: u64) -> Decoder {
    let sizes = DecoderSizes {
        layers: 3,
        width: 48,
        heads: 4,
        kv_heads: 2,
        head_dim: 16,
        ffn: 96,
        context: 64,
        rope_base: 10_000.0,
        norm_eps: 1e-6,
    };
    Decoder::new(sizes, VOCABULARY, seed, &Device::Cpu).unwrap()
}

/// The weights of a checkpoint, as `fathom-candle` asks for them.
struct StoredCheckpoint(Vec<u8>);

impl WeightSource for StoredCheckpoint {
    type Error = String;

    fn dtype(&self, _name: &str) -> Result<StoredDtype, String> {
        Ok(StoredDtype::F16)
    }

    fn tensor(&mut self, name: &str) -> Result<StoredTensor, String> {
        let file = SafeTensors::deserialize(&self.0).map_err(|error| error.to_string())?;
        let name = hugging_face_name(name).ok_or("no name")?;
        let view = file.tensor(&name).map_err(|error| error.to_string())?;
        assert_eq!(view.dtype(), safetensors::Dtype::F16);
        Ok(StoredTensor {
            dtype: StoredDtype::F16,
            shape: view.shape().to_vec(),
            bytes: view.data().to_vec(),
        })
    }
}

fn load(folder: &Path) -> CandleModel {
    let bytes = fs::read(folder.join("model.safetensors")).unwrap();
    let json = fs::read(folder.join("config.json")).unwrap();
    let json = serde_json::from_slice(&json).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| {
        let view = file.tensor(&hugging_face_name(name)?).ok()?;
        Some(view.shape().to_vec())
    };
    let config = ModelConfig::from_json(&json, &shape).unwrap();
    assert!(config.tied() && config.norms_heads());
    let options = DeviceOptions::new(CandleDevice::Cpu, Some(DType::F32)).unwrap();
    let mut source = StoredCheckpoint(bytes.clone());
    block_on(CandleModel::load(&mut source, config, &options)).unwrap()
}

fn logits(model: &mut CandleModel, ids: &[u32]) -> Vec<Vec<f32>> {
    model.reserve(ids.len()).unwrap();
    let mut all = Vec::new();
    let mut each = |logits: &[f32]| all.push(logits.to_vec());
    let cancel = AtomicBool::new(false);
    block_on(model.read(ids, &cancel, &mut |_| (), Some(&mut each))).unwrap();
    all
}

/// What the engine computes of the file is what the trainer computes of the same rounded weights, and
/// within f16's rounding (5e-4 of each weight) what it computed before they were rounded. Logits are
/// of about 0.4 here.
#[test]
fn a_checkpoint_says_the_same_in_fathom_candle() {
    let folder = tempfile::tempdir().unwrap();
    let exact = decoder(1);
    write_folder(folder.path(), &exact, ("{}", 0), "").unwrap();
    let rounded = decoder(2);
    read_parameters(folder.path(), &rounded).unwrap();
    let ids: Vec<u32> = (0..64).map(|at| at * 37 % VOCABULARY as u32).collect();
    let [exact, rounded] = [exact, rounded].map(|decoder| {
        let logits = decoder.logits(&ids, ids.len()).unwrap();
        logits.to_vec2::<f32>().unwrap()
    });
    let got = logits(&mut load(folder.path()), &ids);
    assert_eq!(got.len(), ids.len());
    for (token, got) in got.iter().enumerate() {
        for (id, got) in got.iter().enumerate() {
            let (exact, rounded) = (exact[token][id], rounded[token][id]);
            assert!(
                (got - rounded).abs() < 1e-4,
                "{token}, {id}: {got} {rounded}"
            );
            assert!((got - exact).abs() < 4e-3, "{token}, {id}: {got} {exact}");
        }
    }
}

#[test]
fn weights_of_another_model_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path(), &decoder(1), ("{}", 0), "").unwrap();
    let other = Decoder::new(decoder(1).sizes().clone(), 301, 1, &Device::Cpu).unwrap();
    let error = read_parameters(folder.path(), &other)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "tensor `model.embed_tokens.weight` has shape [300, 48], the stage's model asks for [301, 48]"
    );
}
