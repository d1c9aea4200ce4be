//! The shaders that the build composed and checked, and what it read out of them.

use super::Binding;

/// A shader, ready to be compiled by the adapter's driver.
pub(crate) struct Shader {
    /// Its name in profilers and messages.
    pub(crate) label: &'static str,
    /// WGSL.
    pub(crate) source: &'static str,
    /// What it declares at 0, 1, and so on.
    pub(crate) bindings: &'static [Binding],
    /// What one workgroup makes, across and down.
    pub(crate) tile: [u32; 2],
    /// Its constants that are whole numbers.
    pub(crate) constants: &'static [(&'static str, u32)],
}

impl Shader {
    /// A constant that it declares.
    pub(crate) fn constant(&self, name: &str) -> Option<usize> {
        let found = self.constants.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value as usize)
    }
}

/// A struct as its shaders read it, in words of 32 bits.
pub(crate) trait UniformWords {
    fn words(&self) -> Vec<u32>;
}

/// A size as the shaders read it.
fn word(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));
