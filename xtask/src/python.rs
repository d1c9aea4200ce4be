//! Other people's programs in Python, in an environment of our own.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::command;
use crate::paths;
use crate::tools::venv::Venv;

/// pytest over `tests/python`, once what it needs is installed.
///
/// # Errors
/// As [`Venv::ensure`].
pub(crate) fn pytest() -> Result<Command> {
    let folder = paths::root().join("tests/python");
    let wanted = folder.join("requirements.txt");
    let text = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let venv = Venv::named("python")?;
    let arguments = ["--requirement", &wanted.display().to_string()];
    venv.ensure(
        &text,
        &arguments,
        "programs in Python that drive the server",
    )?;
    let mut pytest = command(venv.python())?;
    pytest
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder);
    Ok(pytest)
}
