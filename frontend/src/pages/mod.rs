//! One folder per page: `mod.rs` is the view, `model.rs` is pure, parts lie beside.

mod playground;
mod runs;

pub(crate) use playground::Playground;
pub(crate) use runs::Runs;
