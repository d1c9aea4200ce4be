//! The shaders that the build composed and checked, with the data that it read from them.

use super::Binding;

/// A shader, ready to be compiled by the adapter's driver.
pub(crate) struct Shader {
    /// Its name in profilers and messages.
    pub(crate) label: &'static str,
    /// WGSL.
    pub(crate) source: &'static str,
    /// Its bindings, in order from 0.
    pub(crate) bindings: &'static [Binding],
    /// The outputs of one workgroup, in x and y.
    pub(crate) tile: [u32; 2],
    /// Its integer constants.
    pub(crate) constants: &'static [(&'static str, u32)],
}

impl Shader {
    /// The value of one of its constants.
    pub(crate) fn constant(&self, name: &str) -> Option<usize> {
        let found = self.constants.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value as usize)
    }
}

/// A struct as the shaders read it, in 32-bit words.
pub(crate) trait UniformWords {
    fn words(&self) -> Vec<u32>;
}

/// A size as a shader's 32-bit word.
fn word(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));
