//! Debian's packages: installed when root or sudo allows, else the command is named.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::command::{command, run, step};

/// Installs `packages`.
///
/// # Errors
/// Where that is not allowed or not Debian: names the exact command.
pub(crate) fn ensure(packages: &[&str], what_for: &str) -> Result<()> {
    let list = packages.join(" ");
    if !is_debian() {
        bail!("{what_for}, is missing; install it with your system's packages (Debian: {list})");
    }
    let Some(prefix) = rights() else {
        bail!("{what_for}, is missing; type: sudo apt-get install -y {list}");
    };
    step(&format!("installing {list}: {what_for}"));
    let apt = |args: &[&str]| -> Result<()> {
        let mut words: Vec<&str> = prefix.to_vec();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
        words.extend(args);
        run(command(words[0])?.args(&words[1..]).stdin(Stdio::null()))
    };
    let install: Vec<&str> = ["install", "-y", "--no-install-recommends"]
        .into_iter()
        .chain(packages.iter().copied())
        .collect();
    if apt(&install).is_err() {
        // The lists of a bare machine are empty or old.
        apt(&["update"])?;
        apt(&install)?;
    }
    Ok(())
}

/// Whether a package is installed.
pub(crate) fn installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

/// Whether this is Debian or made from it.
pub(crate) fn is_debian() -> bool {
    Path::new("/usr/bin/apt-get").exists()
}

/// What must stand before a command that installs: nothing for root, sudo where it asks nothing.
fn rights() -> Option<&'static [&'static str]> {
    let quiet = |program: &str, args: &[&str]| {
        Command::new(program)
            .args(args)
            .stderr(Stdio::null())
            .output()
    };
    if quiet("id", &["-u"]).is_ok_and(|output| output.stdout == b"0\n") {
        return Some(&[]);
    }
    let sudo = quiet("sudo", &["-n", "true"]).is_ok_and(|output| output.status.success());
    sudo.then_some(&["sudo", "-n"])
}
