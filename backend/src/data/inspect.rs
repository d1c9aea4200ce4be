//! A look into a GGUF file, without its weights.

use std::fmt;
use std::path::Path;

use fathom_kernels::model::gguf::{Gguf, GgufError};
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::tokens::Tokens;

use super::models::ModelError;

/// What a model file holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection {
    /// The name in its metadata.
    pub name: String,
    /// `llama` and the like.
    pub architecture: String,
    /// Size of the file.
    pub size_bytes: u64,
    /// The context it was trained for.
    pub context: Tokens,
}
pub type GgufFault = GgufError;
impl Inspection {
    pub fn of(path: &Path) -> Result<Self, ModelError> { let _ = (path, Gguf); unimplemented!() }
    pub fn quantisation(&self) -> String { String::new() }
}
pub fn tokenizer(path: &Path) -> Result<Tokenizer, ModelError> { let _ = path; unimplemented!() }
impl fmt::Display for Inspection { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.name) } }
