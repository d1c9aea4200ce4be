//! Environments for programs in Python, each in the user's cache.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::apt;
use crate::command::{command, find, first_line, run, skip, step};
use crate::paths;

/// One environment.
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The environment of that name, which may not be there yet.
    ///
    /// # Errors
    /// As [`paths::cache`].
    pub(crate) fn named(name: &str) -> Result<Self> {
        let folder = paths::cache()?.join(name);
        Ok(Self { folder })
    }

    /// Makes it anew with everything that `pip` installs by these arguments, unless it was made
    /// with the same `wanted` before.
    ///
    /// # Errors
    /// Without Python, or when PyPI does not give what is wanted.
    pub(crate) fn ensure(&self, wanted: &str, arguments: &[&str], what_for: &str) -> Result<()> {
        // Noted when everything is installed: half an environment is made anew.
        let note = self.folder.join("fathom-requirements.txt");
        if fs::read_to_string(&note).is_ok_and(|noted| noted == wanted) {
            skip(&format!("{what_for}: installed"));
            return Ok(());
        }
        step(&format!("installing {what_for} (some minutes, once)"));
        self.make(what_for)?;
        run(command(self.python())?
            .args(["-m", "pip", "install"])
            .args(["--quiet", "--disable-pip-version-check"])
            .args(arguments))?;
        fs::write(&note, wanted).with_context(|| note.display().to_string())
    }

    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// Where its packages lie.
    ///
    /// # Errors
    /// When it was not made yet.
    pub(crate) fn packages(&self) -> Result<PathBuf> {
        let ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
        let line = first_line(command(self.python())?.args(["-c", ask]));
        let folder = line.with_context(|| format!("no Python in {}", self.folder.display()))?;
        Ok(PathBuf::from(folder))
    }

    fn make(&self, what_for: &str) -> Result<()> {
        if find("python3").is_none() {
            apt::ensure(&["python3", "python3-venv"], what_for)?;
        }
        let make = || {
            run(command("python3")?
                .args(["-m", "venv", "--clear"])
                .arg(&self.folder))
        };
        // Debian's Python comes without the part that makes environments.
        if make().is_err() {
            apt::ensure(&["python3-venv"], what_for)?;
            make()?;
        }
        Ok(())
    }
}
