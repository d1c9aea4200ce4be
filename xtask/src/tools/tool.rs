//! One program of `data/tools.toml`: on the path already, out of a published archive, or compiled.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::archive::Archive;
use crate::command::{command, first_line, run, skip, step};
use crate::paths;
use crate::timing::timed;

/// The programs, their versions and archives.
const TOOLS: &str = include_str!("../../data/tools.toml");

/// A program that is needed in exactly one version.
pub(super) struct Tool {
    /// Its name on the path.
    name: String,
    version: String,
    /// The package of crates.io that has it.
    package: String,
    /// What `cargo install` is told besides.
    install: Vec<String>,
    /// The archive for this machine, where there is one.
    archive: Option<Archive>,
}

impl Tool {
    /// The program of that name in `data/tools.toml`.
    ///
    /// # Errors
    /// When the file does not have it, or has it without a version.
    pub(super) fn named(name: &str) -> Result<Self> {
        let machine = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
        Self::of(name, &TOOLS.parse()?, &machine)
    }

    fn of(name: &str, tools: &toml::Table, machine: &str) -> Result<Self> {
        let entry = tools.get(name).and_then(toml::Value::as_table);
        let entry = entry.with_context(|| format!("data/tools.toml has no `{name}`"))?;
        let text = |key: &str| entry.get(key).and_then(toml::Value::as_str);
        let version = match text("locked") {
            Some(library) => locked(library)?,
            None => text("version")
                .with_context(|| format!("data/tools.toml has no version of `{name}`"))?
                .to_owned(),
        };
        let words = entry.get("install").and_then(toml::Value::as_array);
        let words = words.into_iter().flatten().filter_map(toml::Value::as_str);
        let archives = entry.get("archive").and_then(toml::Value::as_table);
        let archive = archives.and_then(|all| all.get(machine).or_else(|| all.get("any")));
        Ok(Self {
            name: name.to_owned(),
            package: text("package").unwrap_or(name).to_owned(),
            version,
            install: words.map(str::to_owned).collect(),
            archive: archive.map(Archive::read).transpose()?,
        })
    }

    /// Brings the program into our tools, unless the one on the path has the right version.
    ///
    /// # Errors
    /// When neither an archive nor crates.io gives it.
    pub(super) fn bring(&self) -> Result<()> {
        if self.is_there()? {
            skip(&format!("{} {} is installed", self.name, self.version));
            return Ok(());
        }
        if let Some(archive) = &self.archive {
            match self.fetch(archive) {
                Ok(()) => return Ok(()),
                Err(why) => step(&format!("{} is compiled instead: {why:#}", self.name)),
            }
        }
        let what = format!("installing {} {}", self.package, self.version);
        timed(&what, || self.compile())
            .with_context(|| format!("{} {} is needed", self.package, self.version))
    }

    /// Brings the program out of its archive alone, for those that crates.io does not have.
    ///
    /// # Errors
    /// When the archive cannot be fetched or its program does not run.
    pub(super) fn bring_from_archive(&self) -> Result<()> {
        if self.is_there()? {
            skip(&format!("{} {} is installed", self.name, self.version));
            return Ok(());
        }
        let archive = self.archive.as_ref();
        let archive =
            archive.with_context(|| format!("{} has no archive for this machine", self.name))?;
        self.fetch(archive)
    }

    /// Brings the archive's file, which is no program, into our tools; gives its place.
    ///
    /// # Errors
    /// When the archive cannot be fetched.
    pub(super) fn bring_file(&self) -> Result<PathBuf> {
        let place = paths::tools()?.join(format!("{}-{}", self.name, self.version));
        if place.is_file() {
            skip(&format!("{} {} is there", self.name, self.version));
            return Ok(place);
        }
        let archive = self.archive.as_ref();
        let archive = archive.with_context(|| format!("{} has no archive", self.name))?;
        step(&format!("fetching {} {}", self.name, self.version));
        archive.unpack(&place, |_| Ok(()))?;
        Ok(place)
    }

    /// The version is a word of the line: 0.2.13 must not pass for 0.2.130.
    fn is_there(&self) -> Result<bool> {
        let line = first_line(command(&self.name)?.arg("--version"));
        Ok(line.is_some_and(|line| self.is_in(&line)))
    }

    fn is_in(&self, line: &str) -> bool {
        line.split_whitespace().any(|word| word == self.version)
    }

    fn fetch(&self, archive: &Archive) -> Result<()> {
        step(&format!("fetching {} {}", self.name, self.version));
        let folder = paths::tools()?.join("bin");
        fs::create_dir_all(&folder)?;
        archive.unpack(&folder.join(&self.name), |file| {
            // An archive may be for a newer system than this one.
            let line = first_line(command(file)?.arg("--version"));
            ensure!(
                line.is_some_and(|line| self.is_in(&line)),
                "the fetched {} does not run on this machine as version {}",
                self.name,
                self.version
            );
            Ok(())
        })
    }

    fn compile(&self) -> Result<()> {
        let install = |locked: &[&str]| -> Result<()> {
            run(command("cargo")?
                .args(["install", &self.package, "--version", &self.version])
                .args(&self.install)
                .args(locked)
                .arg("--root")
                .arg(paths::tools()?)
                // Its own target folder: the project's profiles and lock are none of its business.
                .env("CARGO_TARGET_DIR", paths::cache()?.join("tools-target"))
                // It runs for seconds, so it is not worth minutes of optimising.
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
                .stdin(Stdio::null()))
        };
        // A registry's mirror may lack the newest of the versions that the tool's own lock names.
        install(&["--locked"]).or_else(|_| {
            step("the locked dependencies were not all available: trying any that fit");
            install(&[])
        })
    }
}

/// The version of a package in `Cargo.lock`.
fn locked(package: &str) -> Result<String> {
    let text = fs::read_to_string(paths::root().join("Cargo.lock"))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_can_be_read_and_every_archive_is_of_its_version() {
        let tools: toml::Table = TOOLS.parse().unwrap();
        assert!(tools.len() >= 5);
        for machine in ["x86_64-linux", "aarch64-linux", "riscv64-linux"] {
            for name in tools.keys() {
                let tool = Tool::of(name, &tools, machine).unwrap();
                if let Some(archive) = tool.archive {
                    let url = archive.url();
                    assert!(url.starts_with("https://"), "{url}");
                    assert!(url.contains(&tool.version), "{url}: not {}", tool.version);
                }
            }
        }
        let other = Tool::of("trunk", &tools, "riscv64-linux").unwrap();
        assert!(other.archive.is_none());
        assert!(Tool::of("unknown", &tools, "x86_64-linux").is_err());
    }

    #[test]
    fn a_version_is_a_whole_word() {
        let tool = Tool::of("trunk", &TOOLS.parse().unwrap(), "").unwrap();
        assert!(tool.is_in(&format!("trunk {}", tool.version)));
        assert!(!tool.is_in(&format!("trunk {}0", tool.version)));
    }
}
