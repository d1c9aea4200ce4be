//! Getting what the machine lacks.

pub(crate) mod apt;
pub(crate) mod postgres;
mod std_from_source;
pub(crate) mod venv;
mod wasm_opt;

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::command::{command, find, first_line, run, skip, step};
use crate::paths;

const WASM: &str = "wasm32-unknown-unknown";
/// The newest Trunk that builds with this compiler.
const TRUNK: &str = "0.21.14";
const NEXTEST: &str = "0.9.143";

/// All that building the page takes.
///
/// # Errors
/// When something is missing and cannot be got; says what to type.
pub(crate) fn for_page() -> Result<()> {
    wasm_target()?;
    cargo_tool("trunk", "trunk", TRUNK)?;
    cargo_tool("wasm-bindgen-cli", "wasm-bindgen", &locked("wasm-bindgen")?)?;
    wasm_opt::bring()
}

/// All that the tests take besides.
///
/// # Errors
/// As [`for_page`].
pub(crate) fn for_tests() -> Result<()> {
    cargo_tool("cargo-nextest", "cargo-nextest", NEXTEST)?;
    let browsers = ["chromium", "google-chrome", "chromium-browser"];
    match browsers.iter().find_map(|name| find(name)) {
        Some(path) => skip(&format!("browser is {}", path.display())),
        None => apt::ensure(&["chromium"], "Chromium, which the browser tests drive")?,
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
fn wasm_target() -> Result<()> {
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
    std_from_source::build()
}

/// A program of crates.io in exactly this version: on the path, or installed into our cache.
fn cargo_tool(package: &str, program: &str, version: &str) -> Result<()> {
    let line = first_line(command(program)?.arg("--version"));
    // The version is a word of the line: 0.2.13 must not pass for 0.2.130.
    if line
        .as_deref()
        .is_some_and(|line| line.split_whitespace().any(|word| word == version))
    {
        skip(&format!("{program} {version} is installed"));
        return Ok(());
    }
    step(&format!(
        "installing {package} {version} (some minutes, once)"
    ));
    let install = |locked: &[&str]| -> Result<()> {
        run(command("cargo")?
            .args(["install", package, "--version", version])
            .args(locked)
            .arg("--root")
            .arg(paths::tools()?)
            // Its own target folder: the project's profiles and lock are none of its business.
            .env("CARGO_TARGET_DIR", paths::cache()?.join("tools-target"))
            .stdin(Stdio::null()))
    };
    // A registry's mirror may lack the newest of the versions that the tool's own lock names.
    install(&["--locked"])
        .or_else(|_| {
            step("the locked dependencies were not all to be had: with any that fit");
            install(&[])
        })
        .with_context(|| format!("{package} {version} is needed and could not be installed"))
}

/// The version of a package in `Cargo.lock`.
fn locked(package: &str) -> Result<String> {
    let text = std::fs::read_to_string(paths::root().join("Cargo.lock"))?;
    let lock: toml::Table = text.parse()?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    packages
        .into_iter()
        .flatten()
        .find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))
        .and_then(|entry| entry.get("version")?.as_str())
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock names no `{package}`"))
}

/// What `rustc` says to one question.
fn rustc(args: &[&str]) -> Result<String> {
    first_line(Command::new("rustc").args(args)).with_context(|| format!("rustc {args:?} failed"))
}
