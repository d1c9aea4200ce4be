//! From a GGUF file to a model in memory.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{Device, Tensor};
use fathom_kernels::model::config::{Config, ConfigError};
use fathom_kernels::model::gguf::{Gguf, GgufError};
use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use fathom_shared::prompt::{ChatError, ChatTemplate};
use fathom_shared::transcript::EngineInfo;

use super::super::local::Local;
use super::Candle;
use super::attention::Attention;
use super::llama::{Layer, Llama, Shape};

/// Why a model was not loaded.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the model `{}`", path.display())]
pub struct LoadError {
    path: PathBuf,
    #[source]
    why: Why,
}

/// What is wrong with a model's file.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Gguf(#[from] GgufError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    Template(#[from] ChatError),
    #[error("candle does not take its weights: {0}")]
    Candle(#[from] candle_core::Error),
}

pub(super) fn open(path: &Path, info: EngineInfo) -> Result<Local, LoadError> {
    read(path, info).map_err(|why| LoadError {
        path: path.to_owned(),
        why,
    })
}

fn read(path: &Path, info: EngineInfo) -> Result<Local, Why> {
    let mut file = BufReader::new(File::open(path)?);
    let gguf = Gguf::read(&mut file)?;
    let config = Config::from_gguf(&gguf)?;
    let tokenizer = Arc::new(Tokenizer::from_gguf(&gguf)?);
    let template = gguf
        .str("tokenizer.chat_template")
        .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
        .transpose()?;
    let device = Device::Cpu;
    let mut tensor = |name: &str| -> Result<Tensor, Why> {
        let stored = gguf.tensor(&mut file, name)?;
        Ok(Tensor::from_vec(
            stored.to_f32(),
            stored.shape.as_slice(),
            &device,
        )?)
    };
    let embedding = tensor("token_embd.weight")?;
    let mut layers = Vec::with_capacity(config.layers);
    for number in 0..config.layers {
        let mut part = |name: &str| tensor(&format!("blk.{number}.{name}.weight"));
        layers.push(Layer {
            attention_norm: part("attn_norm")?,
            attention: Attention {
                q: part("attn_q")?,
                k: part("attn_k")?,
                v: part("attn_v")?,
                out: part("attn_output")?,
            },
            ffn_norm: part("ffn_norm")?,
            gate: part("ffn_gate")?,
            up: part("ffn_up")?,
            down: part("ffn_down")?,
        });
    }
    let norm = tensor("output_norm.weight")?;
    let output = if config.tied() {
        embedding.clone()
    } else {
        tensor(config.head())?
    };
    let shape = Shape {
        heads: config.heads,
        kv_heads: config.kv_heads,
        head_dim: config.head_dim,
        norm_eps: config.norm_eps,
        frequencies: config.rope.frequencies(config.context),
        attention: config.rope.attention(),
    };
    let info = EngineInfo {
        engine: "candle-cpu".to_owned(),
        device: format!("CPU, {} threads", std::thread::available_parallelism()?),
        ..info
    };
    let llama = Llama {
        shape,
        embedding,
        layers,
        norm,
        output,
        device,
    };
    let model = Candle {
        llama,
        context: config.context,
        cache: None,
    };
    Ok(Local {
        info,
        tokenizer,
        template,
        model: Box::new(model),
        held: Vec::new(),
    })
}
