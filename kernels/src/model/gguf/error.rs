//! Why a GGUF file is not read.

use std::io;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// Another kind of file.
    #[error("this is no GGUF file: it begins with {got:?}, expected \"GGUF\"")]
    Magic {
        /// The first four bytes, as text.
        got: String,
    },
    /// What Git keeps in the place of a large file.
    #[error("this is a Git LFS pointer, expected the GGUF file itself: `git lfs pull` fetches it")]
    Pointer,
    /// A version of the format that we do not read.
    #[error("the GGUF file is of version {got}, expected 2 or 3")]
    Version {
        /// What it says.
        got: u32,
    },
    /// Numbers the other way round.
    #[error("the GGUF file is written for big-endian machines, expected little-endian")]
    BigEndian,
    /// The file ends too early.
    #[error("the GGUF file is cut off: {what} needs {want} bytes, {got} are left")]
    Truncated {
        /// What was being read.
        what: String,
        /// Bytes needed.
        want: u64,
        /// Bytes left.
        got: u64,
    },
    /// Something in it makes no sense.
    #[error("the GGUF file is damaged: {0}")]
    Damaged(String),
    /// Weights in a format that we do not read.
    #[error(
        "tensor `{name}` is stored as {got}, expected F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 or Q2_K to Q6_K"
    )]
    Dtype {
        /// The tensor.
        name: String,
        /// The format's name.
        got: String,
    },
    /// No such tensor.
    #[error("the GGUF file has no tensor `{0}`")]
    NoTensor(String),
    /// Its header alone was read.
    #[error("tensor `{0}` shapes the model, and only the file's header was read")]
    Unread(String),
    /// The file itself cannot be read.
    #[error("the GGUF file cannot be read: {0}")]
    Io(#[from] io::Error),
}
