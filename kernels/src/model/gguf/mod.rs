//! GGUF, the file format of llama.cpp's models.
//!
//! Source: `docs/gguf.md` of the ggml project, versions 2 and 3. A file may come from anywhere, so
//! nothing is allocated by what it claims without a look at how many bytes are left.

mod error; // why a file is not read
mod reader; // reads little-endian numbers from an untrusted file
mod value; // a piece of metadata

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read, Seek, SeekFrom};

use super::dtype::Dtype;
pub use error::GgufError;
use reader::GgufReader;
pub use value::GgufValue;

/// A file's metadata and the list of its tensors; not the weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Gguf {
    metadata: BTreeMap<String, GgufValue>,
    tensors: Vec<TensorInfo>,
    /// Where each stands in the list.
    places: HashMap<String, usize>,
    header_size: u64,
    /// Numbers that shape the model and are kept as tensors.
    factors: BTreeMap<&'static str, Vec<f32>>,
}

/// Tensors that stretch positions, one number for each pair.
const FACTORS: [&str; 3] = [
    "rope_freqs.weight",
    "rope_factors_long.weight",
    "rope_factors_short.weight",
];
/// No head has more bytes.
const FACTORS_BYTES: u64 = 1 << 16;

/// A tensor as the file lists it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TensorInfo {
    /// Its name, e.g. `blk.0.attn_q.weight`.
    pub name: String,
    /// Rows first: `(out, in)` for a matrix.
    pub shape: Vec<usize>,
    /// How it is stored.
    pub dtype: Dtype,
    /// Bytes it takes.
    pub size_bytes: u64,
    /// Bytes from the file's start.
    offset: u64,
}

/// A tensor with its weights as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GgufTensor {
    /// Rows first.
    pub shape: Vec<usize>,
    /// How it is stored.
    pub dtype: Dtype,
    /// The stored bytes.
    pub bytes: Vec<u8>,
}

impl GgufTensor {
    /// What the weights are worth.
    pub fn to_f32(&self) -> Vec<f32> {
        self.dtype.to_f32(&self.bytes)
    }
}

impl Gguf {
    /// Reads metadata and the list of tensors, each of which must lie within the file.
    ///
    /// # Errors
    /// [`GgufError`].
    pub fn read<R: Read + Seek>(file: &mut R) -> Result<Self, GgufError> {
        let size = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        let mut gguf = Self::parse(&mut GgufReader::new(file, size))?;
        for tensor in &gguf.tensors {
            let left = size.saturating_sub(tensor.offset);
            if tensor.size_bytes > left {
                return Err(GgufError::Truncated {
                    what: format!("tensor `{}`", tensor.name),
                    want: tensor.size_bytes,
                    got: left,
                });
            }
        }
        for name in FACTORS {
            match gguf.info(name).map(|info| info.size_bytes) {
                Ok(size) if size > FACTORS_BYTES => {
                    let text = format!("`{name}` has {size} bytes, expected 65536 at most");
                    return Err(GgufError::Damaged(text));
                }
                Ok(_) => {
                    let factors = gguf.tensor(file, name)?.to_f32();
                    gguf.factors.insert(name, factors);
                }
                Err(_) => (),
            }
        }
        Ok(gguf)
    }

    /// The same from the file's first bytes alone; where the weights end is not checked.
    ///
    /// # Errors
    /// [`GgufError`].
    pub fn header(bytes: &[u8]) -> Result<Self, GgufError> {
        Self::parse(&mut GgufReader::new(
            &mut Cursor::new(bytes),
            bytes.len() as u64,
        ))
    }

    fn parse<R: Read>(file: &mut GgufReader<'_, R>) -> Result<Self, GgufError> {
        let magic: [u8; 4] = file.array("the first word")?;
        // `version https://git-lfs.github.com/spec/v1`.
        if &magic == b"vers" {
            return Err(GgufError::Pointer);
        }
        if &magic != b"GGUF" {
            let got = String::from_utf8_lossy(&magic).into_owned();
            return Err(GgufError::Magic { got });
        }
        let version = file.u32("the version")?;
        if (1..=3).contains(&version.swap_bytes()) {
            return Err(GgufError::BigEndian);
        }
        if !(2..=3).contains(&version) {
            return Err(GgufError::Version { got: version });
        }
        // The shortest tensor entry takes 24 bytes, the shortest piece of metadata 13.
        let tensor_count = file.list_of("the number of tensors", 24)?;
        let metadata_count = file.list_of("the number of metadata", 13)?;
        let mut metadata = BTreeMap::new();
        for _ in 0..metadata_count {
            let key = file.string("a metadata key")?;
            let kind = file.u32(&key)?;
            let value = file.value(&key, kind)?;
            metadata.insert(key, value);
        }
        let (mut tensors, mut places) = (Vec::new(), HashMap::new());
        for place in 0..usize::try_from(tensor_count).unwrap_or(usize::MAX) {
            let info = tensor_info(file)?;
            if places.insert(info.name.clone(), place).is_some() {
                let text = format!("tensor `{}` is listed twice", info.name);
                return Err(GgufError::Damaged(text));
            }
            tensors.push(info);
        }
        let alignment = match metadata.get("general.alignment") {
            Some(GgufValue::Int(alignment)) => u64::try_from(*alignment).unwrap_or(0),
            _ => 32,
        };
        if !alignment.is_power_of_two() {
            let text = format!("general.alignment is {alignment}, expected a power of two");
            return Err(GgufError::Damaged(text));
        }
        let header_size = file.at().next_multiple_of(alignment);
        place_tensors(&mut tensors, header_size, alignment)?;
        Ok(Self {
            metadata,
            tensors,
            places,
            header_size,
            factors: BTreeMap::new(),
        })
    }

    /// The factors of positions that are kept as the tensor `name`, where the file has it.
    ///
    /// # Errors
    /// [`GgufError::Unread`] where only the header was read.
    pub fn factors(&self, name: &str) -> Result<Option<&[f32]>, GgufError> {
        match (self.factors.get(name), self.info(name)) {
            (Some(factors), _) => Ok(Some(factors)),
            (None, Ok(_)) => Err(GgufError::Unread(name.to_owned())),
            (None, Err(_)) => Ok(None),
        }
    }

    /// Bytes before the first weight: what [`header`](Self::header) needs.
    pub fn header_size(&self) -> u64 {
        self.header_size
    }

    /// The names of all pieces of metadata.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.metadata.keys().map(String::as_str)
    }

    /// A piece of metadata.
    pub fn get(&self, key: &str) -> Option<&GgufValue> {
        self.metadata.get(key)
    }

    /// A text of the metadata.
    pub fn str(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            GgufValue::Str(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number of the metadata that is not negative.
    pub fn uint(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            GgufValue::Int(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A number of the metadata.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            GgufValue::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// Which part of a model this file is, and of how many, where `llama-gguf-split` cut it.
    pub fn part(&self) -> Option<(u64, u64)> {
        let of = self.uint("split.count").filter(|of| *of > 1)?;
        Some((self.uint("split.no").unwrap_or(0).saturating_add(1), of))
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        self.str("general.name").unwrap_or("unnamed")
    }

    /// `llama` and the like.
    pub fn architecture(&self) -> &str {
        self.str("general.architecture").unwrap_or("unknown")
    }

    /// How most of the weights are stored.
    pub fn quantisation(&self) -> String {
        let mut counts = BTreeMap::new();
        for tensor in &self.tensors {
            *counts.entry(tensor.dtype).or_insert(0) += tensor.size_bytes;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map_or_else(|| "no weights".to_owned(), |(dtype, _)| dtype.to_string())
    }

    /// The tensors in the file's order.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// What the file says of a tensor.
    ///
    /// # Errors
    /// [`GgufError::NoTensor`].
    pub fn info(&self, name: &str) -> Result<&TensorInfo, GgufError> {
        let place = self.places.get(name);
        let found = place.and_then(|place| self.tensors.get(*place));
        found.ok_or_else(|| GgufError::NoTensor(name.to_owned()))
    }

    /// Reads a tensor's weights from the file that this header came from.
    ///
    /// # Errors
    /// [`GgufError`].
    pub fn tensor<R: Read + Seek>(
        &self,
        file: &mut R,
        name: &str,
    ) -> Result<GgufTensor, GgufError> {
        let info = self.info(name)?;
        let end = file.seek(SeekFrom::End(0))?;
        let left = end.saturating_sub(info.offset);
        let size = usize::try_from(info.size_bytes).ok();
        let Some(size) = size.filter(|_| info.size_bytes <= left) else {
            return Err(GgufError::Truncated {
                what: format!("tensor `{name}`"),
                want: info.size_bytes,
                got: left,
            });
        };
        file.seek(SeekFrom::Start(info.offset))?;
        let mut bytes = vec![0; size];
        file.read_exact(&mut bytes)?;
        Ok(GgufTensor {
            shape: info.shape.clone(),
            dtype: info.dtype,
            bytes,
        })
    }
}

/// Makes the offsets those from the file's start. Tensors stand side by side, each at the next
/// multiple of the alignment, as `gguf.cpp` of llama.cpp has it: a file whose tensors lie over each
/// other is damaged.
fn place_tensors(
    tensors: &mut [TensorInfo],
    header_size: u64,
    alignment: u64,
) -> Result<(), GgufError> {
    let mut next: u64 = 0;
    for tensor in tensors {
        let beyond =
            || GgufError::Damaged(format!("tensor `{}` lies beyond any file", tensor.name));
        if tensor.offset != next {
            let (name, got) = (&tensor.name, tensor.offset);
            let text = format!("tensor `{name}` begins at {got}, expected {next}");
            return Err(GgufError::Damaged(text));
        }
        let size = tensor.size_bytes.checked_next_multiple_of(alignment);
        let end = size.and_then(|size| size.checked_add(next));
        let offset = next.checked_add(header_size);
        let (Some(end), Some(offset)) = (end, offset) else {
            return Err(beyond());
        };
        tensor.offset = offset;
        next = end;
    }
    Ok(())
}

fn tensor_info<R: Read>(file: &mut GgufReader<'_, R>) -> Result<TensorInfo, GgufError> {
    let name = file.string("a tensor's name")?;
    let rank = file.u32(&name)?;
    if !(1..=4).contains(&rank) {
        let text = format!("tensor `{name}` has {rank} dimensions, expected 1 to 4");
        return Err(GgufError::Damaged(text));
    }
    let mut shape = Vec::new();
    let mut count: u64 = 1;
    for _ in 0..rank {
        let size = file.u64(&name)?;
        let product = count.checked_mul(size).filter(|_| size > 0);
        count = product.ok_or_else(|| {
            GgufError::Damaged(format!("tensor `{name}` has a dimension of {size}"))
        })?;
        // `count` fits a file's size, so each factor fits an address.
        shape.push(usize::try_from(size).unwrap_or(usize::MAX));
    }
    // The file has the fastest dimension first.
    shape.reverse();
    let dtype = Dtype::from_gguf(file.u32(&name)?);
    let dtype = dtype.map_err(|got| GgufError::Dtype {
        name: name.clone(),
        got,
    })?;
    let offset = file.u64(&name)?;
    let size_bytes = dtype.bytes(count).ok_or_else(|| {
        GgufError::Damaged(format!(
            "tensor `{name}` has {count} weights, {dtype} comes in blocks of {}",
            dtype.block()
        ))
    })?;
    Ok(TensorInfo {
        name,
        shape,
        dtype,
        size_bytes,
        offset,
    })
}

#[cfg(test)]
mod tests;
