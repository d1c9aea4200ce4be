//! Where a model comes from: a GGUF file, or a Hugging Face folder.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use fathom_candle::{StoredTensor, WeightSource};
use fathom_kernels::model::config::{ModelConfig, ModelConfigError};
use fathom_kernels::model::dtype::Dtype;
use fathom_kernels::model::gguf::{Gguf, GgufError};
use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use fathom_shared::prompt::{ChatError, ChatTemplate};

use crate::data::folder::{FloatType, FolderError, ModelFolder};
use crate::named_file;

/// A model's files, their headers read.
#[derive(Debug)]
pub(super) enum ModelSource {
    Gguf(Box<Gguf>, BufReader<File>),
    Folder(Box<ModelFolder>),
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
}

impl WeightSource for ModelSource {
    type Error = SourceError;

    fn dtype(&self, name: &str) -> Result<Dtype, SourceError> {
        match self {
            Self::Gguf(gguf, _) => Ok(gguf.info(name)?.dtype),
            Self::Folder(folder) => Ok(dtype(folder.float(name)?)),
        }
    }

    fn tensor(&mut self, name: &str) -> Result<StoredTensor, SourceError> {
        match self {
            Self::Gguf(gguf, file) => {
                let tensor = gguf.tensor(file, name)?;
                Ok(StoredTensor {
                    dtype: tensor.dtype,
                    shape: tensor.shape,
                    bytes: tensor.bytes,
                })
            }
            Self::Folder(folder) => {
                let tensor = folder.tensor(name)?;
                Ok(StoredTensor {
                    dtype: dtype(tensor.float),
                    shape: tensor.shape,
                    bytes: tensor.bytes,
                })
            }
        }
    }
}

fn dtype(float: FloatType) -> Dtype {
    match float {
        FloatType::F32 => Dtype::F32,
        FloatType::F16 => Dtype::F16,
        FloatType::Bf16 => Dtype::Bf16,
    }
}
