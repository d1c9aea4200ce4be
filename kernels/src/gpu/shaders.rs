//! The shaders that the build composed and checked.

use super::Binding;

/// A shader, ready to be compiled by the adapter's driver.
pub(crate) struct Shader {
    /// Its name in profilers and messages.
    pub(crate) label: &'static str,
    /// WGSL.
    pub(crate) source: &'static str,
    /// What it declares at 0, 1, and so on.
    pub(crate) bindings: &'static [Binding],
}

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));
