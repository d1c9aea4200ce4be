//! Where a model comes from: a GGUF file, or a Hugging Face folder.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use fathom_kernels::model::config::{ModelConfig, ModelConfigError};
use fathom_kernels::model::gguf::{Gguf, GgufError};
use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use fathom_shared::prompt::{ChatError, ChatTemplate};
use rayon::prelude::*;

use super::cpu::format::WeightFormat;
use crate::data::folder::{FloatType, FolderError, ModelFolder};
use crate::named_file;

/// A model's files, their headers read.
#[derive(Debug)]
pub(super) enum ModelSource {
    Gguf(Box<Gguf>, BufReader<File>),
    Folder(Box<ModelFolder>),
}

/// A tensor as it is stored.
#[derive(Debug)]
pub(super) struct StoredTensor {
    pub(super) format: WeightFormat,
    pub(super) shape: Vec<usize>,
    pub(super) bytes: Vec<u8>,
}

/// What is wrong with a model's files.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    /// A file cannot be read.
    #[error("`{}` cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The GGUF file.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The model's numbers.
    #[error(transparent)]
    Config(#[from] ModelConfigError),
    /// Its tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// Its chat template.
    #[error(transparent)]
    Template(#[from] ChatError),
    /// Weights that nothing can be computed with.
    #[error("tensor `{0}` holds weights that are no numbers (NaN or infinite)")]
    Numbers(String),
}

impl ModelSource {
    /// The file or folder at `path`.
    pub(super) fn open(path: &Path) -> Result<Self, SourceError> {
        if path.is_dir() {
            return Ok(Self::Folder(Box::new(ModelFolder::open(path)?)));
        }
        let file = named_file::open(path).map_err(|source| SourceError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut file = BufReader::new(file);
        Ok(Self::Gguf(Box::new(Gguf::read(&mut file)?), file))
    }

    /// The model's numbers; every tensor is there in its shape.
    pub(super) fn config(&self) -> Result<ModelConfig, SourceError> {
        Ok(match self {
            Self::Gguf(gguf, _) => ModelConfig::from_gguf(gguf)?,
            Self::Folder(folder) => folder.config()?,
        })
    }

    pub(super) fn tokenizer(&self) -> Result<Tokenizer, SourceError> {
        Ok(match self {
            Self::Gguf(gguf, _) => Tokenizer::from_gguf(gguf)?,
            Self::Folder(folder) => folder.tokenizer()?,
        })
    }

    /// How a dialogue is put into the model's words, where it says so.
    pub(super) fn template(
        &self,
        tokenizer: &Tokenizer,
    ) -> Result<Option<ChatTemplate>, SourceError> {
        let gguf = match self {
            Self::Gguf(gguf, _) => gguf,
            Self::Folder(folder) => return Ok(folder.chat_template()?),
        };
        let source = gguf.str("tokenizer.chat_template");
        let template =
            source.map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()));
        Ok(template.transpose()?)
    }

    /// How a tensor is stored, by its GGUF name.
    pub(super) fn format(&self, name: &str) -> Result<WeightFormat, SourceError> {
        match self {
            Self::Gguf(gguf, _) => Ok(gguf.info(name)?.dtype.into()),
            Self::Folder(folder) => Ok(folder.float(name)?.into()),
        }
    }

    /// Reads a tensor, by its GGUF name.
    pub(super) fn tensor(&mut self, name: &str) -> Result<StoredTensor, SourceError> {
        let tensor = self.stored(name)?;
        // Some megabytes on each thread.
        let dtype = tensor.format.dtype();
        let piece = dtype.block_bytes() << 16;
        let pieces = tensor.bytes.par_chunks(piece);
        if !pieces.into_par_iter().all(|bytes| dtype.is_finite(bytes)) {
            return Err(SourceError::Numbers(name.to_owned()));
        }
        Ok(tensor)
    }

    fn stored(&mut self, name: &str) -> Result<StoredTensor, SourceError> {
        match self {
            Self::Gguf(gguf, file) => {
                let tensor = gguf.tensor(file, name)?;
                Ok(StoredTensor {
                    format: tensor.dtype.into(),
                    shape: tensor.shape,
                    bytes: tensor.bytes,
                })
            }
            Self::Folder(folder) => {
                let tensor = folder.tensor(name)?;
                Ok(StoredTensor {
                    format: tensor.float.into(),
                    shape: tensor.shape,
                    bytes: tensor.bytes,
                })
            }
        }
    }
}

impl StoredTensor {
    /// What the weights are worth.
    pub(super) fn to_f32(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.shape.iter().product()];
        self.format.expand(&self.bytes, &mut values);
        values
    }
}

impl From<FloatType> for WeightFormat {
    fn from(float: FloatType) -> Self {
        match float {
            FloatType::F32 => Self::F32,
            FloatType::F16 => Self::F16,
            FloatType::Bf16 => Self::Bf16,
        }
    }
}
