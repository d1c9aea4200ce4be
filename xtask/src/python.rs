//! Other people's programs in Python, in an environment of our own.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{command, find, run, skip, step};
use crate::paths;
use crate::tools::apt;

/// pytest over `tests/python`, once what it needs is installed.
///
/// # Errors
/// Without Python, or when PyPI does not give what `requirements.txt` names.
pub(crate) fn pytest() -> Result<Command> {
    let folder = paths::root().join("tests/python");
    let environment = paths::cache()?.join("python");
    let python = environment.join("bin/python");
    let wanted = folder.join("requirements.txt");
    let text = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    // Noted when everything is installed: half an environment is made anew.
    let note = environment.join("fathom-requirements.txt");
    if fs::read_to_string(&note).is_ok_and(|noted| noted == text) {
        skip("Python programs are installed");
    } else {
        step("installing Python programs (some minutes, once)");
        venv(&environment.display().to_string())?;
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        run(command(&python)?
            .args(pip)
            .arg("--requirement")
            .arg(&wanted))?;
        fs::write(&note, text).with_context(|| note.display().to_string())?;
    }
    let mut pytest = command(&python)?;
    pytest
        .args(["-m", "pytest", "--quiet", "-p", "no:cacheprovider"])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder);
    Ok(pytest)
}

fn venv(environment: &str) -> Result<()> {
    let what_for = "Python, in which OpenAI's client, lm-eval and schemathesis are written";
    if find("python3").is_none() {
        apt::ensure(&["python3", "python3-venv"], what_for)?;
    }
    let make = || run(command("python3")?.args(["-m", "venv", "--clear", environment]));
    // Debian's Python comes without the part that makes environments.
    if make().is_err() {
        apt::ensure(&["python3-venv"], what_for)?;
        make()?;
    }
    Ok(())
}
