//! The Rust compiler and its target for the browser.

use std::process::Command;

use anyhow::{Context, Result};

use crate::command::first_line;

/// The compiler's target for the browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// What `rustc` says to one question.
pub(crate) fn rustc(args: &[&str]) -> Result<String> {
    first_line(Command::new("rustc").args(args)).with_context(|| format!("rustc {args:?} failed"))
}
