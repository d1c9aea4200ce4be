//! Running other programs, with sentences when they fail.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::paths;

/// Says what is done now.
pub(crate) fn step(what: &str) {
    println!("\x1b[1m▸\x1b[0m {what}");
}

/// Says that a step is done already.
pub(crate) fn skip(what: &str) {
    println!("\x1b[2m✓ {what}\x1b[0m");
}

/// A command with our tools first on its path and without what upsets Trunk.
///
/// # Errors
/// As [`paths::tools`].
pub(crate) fn command(program: impl AsRef<OsStr>) -> Result<Command> {
    let mut folders = vec![paths::tools()?.join("bin")];
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    let mut command = Command::new(program);
    command
        .current_dir(paths::root())
        .env("PATH", env::join_paths(folders)?)
        // With auto-install, rustup without a network fails instead of using what is there.
        .env("RUSTUP_AUTO_INSTALL", "0")
        // Trunk refuses any value of it but `true` and `false`.
        .env_remove("NO_COLOR");
    // Of this program, set by the cargo that started it. Build scripts that look at them (ring's
    // does) would run again in every checkout, and all that depends on them.
    for (name, _) in env::vars_os() {
        let about_us = ["CARGO_MANIFEST_", "CARGO_PKG_"];
        if about_us
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// Runs to the end.
///
/// # Errors
/// When it cannot start or ends with anything but success.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", show(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", show(command));
    }
    Ok(())
}

/// The first line a program prints, or nothing where it cannot run.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let output = command
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|o| o.status.success())?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(str::to_owned)
}

/// Where a program lies on the path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let tools = paths::tools().ok()?.join("bin");
    let path = env::var_os("PATH").unwrap_or_default();
    std::iter::once(tools)
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The command as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    format!(
        "`{}`",
        words
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    )
}
