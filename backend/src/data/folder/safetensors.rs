//! One file of weights in Hugging Face's format: the length of a header, the header in JSON, the
//! numbers. Read by pieces: nothing is allocated by what a file claims before a look at its size.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata};

use crate::named_file;

/// No header is longer: that of a model of a thousand tensors has 100 KB.
const HEADER: u64 = 100 << 20;

/// What is wrong with a file of weights.
#[derive(Debug, thiserror::Error)]
pub enum SafetensorsError {
    /// It cannot be read.
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    /// Its header makes no sense.
    #[error("its header is damaged: {0}")]
    Header(String),
    /// It ends too early.
    #[error("it is cut off: {what} needs {want} bytes, {got} are left")]
    Truncated {
        /// What was being read.
        what: String,
        /// Bytes needed.
        want: u64,
        /// Bytes left.
        got: u64,
    },
    /// Weights in a format that we do not read.
    #[error("tensor `{name}` is stored as {got}, expected F32, F16 or BF16")]
    Dtype {
        /// The tensor.
        name: String,
        /// Its format.
        got: String,
    },
}

/// How numbers are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FloatType {
    /// 32 bits.
    F32,
    /// 16 bits.
    F16,
    /// The upper half of 32 bits.
    Bf16,
}

/// A tensor as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SafetensorsTensor {
    /// How.
    pub float: FloatType,
    /// Rows first.
    pub shape: Vec<usize>,
    /// The stored bytes.
    pub bytes: Vec<u8>,
}

/// A file, its header read.
#[derive(Debug)]
pub(super) struct SafetensorsFile {
    file: File,
    tensors: HashMap<String, TensorHeader>,
}

/// A tensor as the header has it.
#[derive(Debug)]
pub(super) struct TensorHeader {
    pub(super) shape: Vec<usize>,
    dtype: Dtype,
    /// Bytes from the file's start.
    offset: u64,
    size: u64,
}

impl SafetensorsFile {
    pub(super) fn open(path: &Path) -> Result<Self, SafetensorsError> {
        let mut file = named_file::open(path)?;
        let size = file.metadata()?.len();
        let truncated = |what: &str, want: u64, got: u64| SafetensorsError::Truncated {
            what: what.to_owned(),
            want,
            got,
        };
        let mut length = [0; 8];
        if size < 8 {
            return Err(truncated("the header's length", 8, size));
        }
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > HEADER {
            let text = format!("it claims {length} bytes, expected {HEADER} at most");
            return Err(SafetensorsError::Header(text));
        }
        if length > size - 8 {
            return Err(truncated("the header", length, size - 8));
        }
        let mut header = vec![0; usize::try_from(length).unwrap_or(0)];
        file.read_exact(&mut header)?;
        // The library checks that sizes fit shapes and that tensors stand side by side.
        let header: Metadata = serde_json::from_slice(&header)
            .map_err(|error| SafetensorsError::Header(error.to_string()))?;
        let mut tensors = HashMap::new();
        for (name, info) in header.tensors() {
            let (start, end) = info.data_offsets;
            let (offset, end) = (8 + length + start as u64, 8 + length + end as u64);
            if end > size {
                let want = end - offset;
                return Err(truncated(&name, want, size.saturating_sub(offset)));
            }
            let info = TensorHeader {
                shape: info.shape.clone(),
                dtype: info.dtype,
                offset,
                size: end - offset,
            };
            tensors.insert(name, info);
        }
        Ok(Self { file, tensors })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.tensors.keys()
    }

    pub(super) fn info(&self, name: &str) -> Option<&TensorHeader> {
        self.tensors.get(name)
    }

    /// How the tensor of this name is stored, if it is here.
    pub(super) fn float(&self, name: &str) -> Result<Option<FloatType>, SafetensorsError> {
        let info = self.tensors.get(name);
        info.map(|info| float(name, info)).transpose()
    }

    /// Reads the tensor of this name, if it is here.
    pub(super) fn tensor(
        &mut self,
        name: &str,
    ) -> Result<Option<SafetensorsTensor>, SafetensorsError> {
        let Some(info) = self.tensors.get(name) else {
            return Ok(None);
        };
        let float = float(name, info)?;
        self.file.seek(SeekFrom::Start(info.offset))?;
        let mut bytes = vec![0; usize::try_from(info.size).unwrap_or(0)];
        self.file.read_exact(&mut bytes)?;
        Ok(Some(SafetensorsTensor {
            float,
            shape: info.shape.clone(),
            bytes,
        }))
    }

    /// Weights in all, and the format of most.
    pub(super) fn summary(&self) -> HashMap<String, u64> {
        let mut counts = HashMap::new();
        for info in self.tensors.values() {
            let count: usize = info.shape.iter().product();
            *counts.entry(format!("{:?}", info.dtype)).or_insert(0) += count as u64;
        }
        counts
    }
}

fn float(name: &str, info: &TensorHeader) -> Result<FloatType, SafetensorsError> {
    match info.dtype {
        Dtype::F32 => Ok(FloatType::F32),
        Dtype::F16 => Ok(FloatType::F16),
        Dtype::BF16 => Ok(FloatType::Bf16),
        other => Err(SafetensorsError::Dtype {
            name: name.to_owned(),
            got: format!("{other:?}"),
        }),
    }
}
