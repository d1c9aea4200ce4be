//! Getting what the machine lacks.

pub(crate) mod apt; // Debian packages
mod archive; // archives that authors publish, with their sums
pub(crate) mod postgres; // PostgreSQL for tests
mod tool; // programs of data/tools.toml
pub(crate) mod venv; // Python environments

use std::path::PathBuf;

use anyhow::Result;

use crate::command::{command, find, run, skip, step};
use crate::fallback::std_from_source;
use crate::rust::WASM;
use crate::timing::timed;
use tool::Tool;

/// All that building the page takes.
///
/// # Errors
/// When something is missing and cannot be got; says what to type.
pub(crate) fn for_page() -> Result<()> {
    wasm_target()?;
    Tool::named("trunk")?.bring()?;
    Tool::named("wasm-bindgen")?.bring()?;
    if find("node").is_none() {
        apt::ensure(&["nodejs"], "Node.js, which runs wasm-opt")?;
    }
    Tool::named("wasm-opt")?.bring_from_archive()
}

/// axe-core, which the browser tests hold the pages against: one file of JavaScript.
///
/// # Errors
/// When it cannot be fetched.
pub(crate) fn axe() -> Result<PathBuf> {
    Tool::named("axe-core")?.bring_file()
}

/// All that the tests take besides.
///
/// # Errors
/// As [`for_page`].
pub(crate) fn for_tests() -> Result<()> {
    Tool::named("cargo-nextest")?.bring()?;
    Tool::named("wasm-bindgen-test-runner")?.bring()?;
    let browsers = ["chromium", "google-chrome", "chromium-browser"];
    match browsers.iter().find_map(|name| find(name)) {
        Some(path) => skip(&format!("browser is {}", path.display())),
        None => apt::ensure(&["chromium"], "Chromium, which the browser tests drive")?,
    }
    match find("node") {
        Some(path) => skip(&format!("Node.js is {}", path.display())),
        None => apt::ensure(&["nodejs"], "Node.js, which runs tests of WebAssembly")?,
    }
    if apt::installed("mesa-vulkan-drivers") || !apt::is_debian() {
        skip("Vulkan in software is installed");
    } else {
        apt::ensure(
            &["mesa-vulkan-drivers", "libvulkan1"],
            "a Vulkan driver in software",
        )?;
    }
    postgres::ensure()
}

/// The compiler's target for the browser: there, or from rustup, or built from source.
///
/// # Errors
/// When none of these gives it.
pub(crate) fn wasm_target() -> Result<()> {
    if std_from_source::works()? {
        skip(&format!("target {WASM} is installed"));
        return Ok(());
    }
    step(&format!("rustup target add {WASM}"));
    let added = run(command("rustup")?.args(["target", "add", WASM]));
    if added.is_ok() && std_from_source::works()? {
        return Ok(());
    }
    step("Rust's download server did not give the target: building std from Debian's rust-src");
    timed("building std from source", std_from_source::build)
}
