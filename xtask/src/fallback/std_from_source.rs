//! The browser target's standard library, built from the source that Debian carries, for machines
//! that do not reach Rust's download server. It is built as Rust's own bootstrap builds it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::{command, run};
use crate::rust::{WASM, rustc};

/// Debian's suites, those most likely to have a current compiler first.
const SUITES: [&str; 5] = [
    "trixie-backports",
    "sid",
    "forky",
    "trixie",
    "bookworm-backports",
];

/// Whether the target links, with fat LTO as the page is built, and for tests.
///
/// # Errors
/// When no compiler is there.
pub(crate) fn works() -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("t.rs");
    fs::write(
        &source,
        "fn main() { println!(\"{}\", std::env::args().count()) }\n#[test] fn t() {}",
    )?;
    let compiles = |args: &[&str]| {
        Command::new("rustc")
            .args(["--target", WASM, "--out-dir"])
            .arg(folder.path())
            .args(args)
            .arg(&source)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    rustc(&["--version"])?;
    Ok(compiles(&["-O", "-Clto=fat", "-Cpanic=abort"]) && compiles(&["--test"]))
}

/// Builds the target's standard library and puts it into the toolchain.
///
/// # Errors
/// When Debian has no source of this very version, or it does not build.
pub(crate) fn build() -> Result<()> {
    let line = rustc(&["--version"])?;
    let version = line
        .split(' ')
        .nth(1)
        .context("rustc prints no version")?
        .to_owned();
    let sysroot = PathBuf::from(rustc(&["--print", "sysroot"])?);
    let work = tempfile::tempdir()?;
    let own = sysroot.join("lib/rustlib/src/rust/library");
    let source = if own.join("sysroot/Cargo.toml").is_file() {
        own
    } else {
        unpack(&download(&version, work.path())?, &version, work.path())?
    };

    let target = work.path().join("target");
    run(command("cargo")?
        .args(["build", "--locked", "--profile", "dist", "--target", WASM])
        .args(["--features", "compiler-builtins-mem", "--manifest-path"])
        .arg(source.join("sysroot/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .env_remove("CARGO_TARGET_DIR")
        .env("RUSTC_BOOTSTRAP", "1")
        // std's own copies of hashbrown and the like must not clash with the user's.
        .env("__CARGO_DEFAULT_LIB_METADATA", "stablestd")
        .env("CARGO_PROFILE_DIST_DEBUG", "0")
        // std's private crates stay private.
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked"))?;

    let home = sysroot.join("lib/rustlib").join(WASM);
    let new = home.with_extension("new");
    fs::create_dir_all(new.join("lib"))?;
    for entry in fs::read_dir(target.join(WASM).join("dist/deps"))? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libsysroot-") {
            fs::copy(&path, new.join("lib").join(name))?;
        }
    }
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::rename(&new, &home)?;
    if !works()? {
        bail!("the standard library built from source does not link for {WASM}");
    }
    Ok(())
}

/// Debian's package of the compiler's source, of exactly this version. apt works in a state of its
/// own, so that the machine's package lists stay as they are.
fn download(version: &str, work: &Path) -> Result<PathBuf> {
    let state = work.join("apt");
    fs::create_dir_all(state.join("lists/partial"))?;
    fs::create_dir_all(state.join("cache/archives/partial"))?;
    let mirror = mirror().context("no Debian mirror in /etc/apt; set DEBIAN_MIRROR")?;
    let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let lines = SUITES.map(|suite| format!("deb [signed-by={keyring}] {mirror} {suite} main\n"));
    fs::write(state.join("sources.list"), lines.concat())?;
    let options = [
        format!("Dir::Etc::SourceList={}/sources.list", state.display()),
        "Dir::Etc::SourceParts=-".to_owned(),
        format!("Dir::State::Lists={}/lists", state.display()),
        format!("Dir::Cache={}/cache", state.display()),
    ];
    let apt = |program: &str| -> Result<Command> {
        let mut apt = command(program)?;
        options.iter().for_each(|option| {
            apt.args(["-o", option]);
        });
        apt.current_dir(work).stdin(Stdio::null());
        Ok(apt)
    };
    // A suite that this mirror lacks makes `update` fail; the others are still there.
    let _some_suites_may_be_missing = apt("apt-get")?.args(["update", "-q"]).output()?;
    let known = apt("apt-cache")?.args(["madison", "rust-src"]).output()?;
    let known = String::from_utf8_lossy(&known.stdout).into_owned();
    let package = known
        .lines()
        .filter_map(|line| line.split('|').nth(1).map(str::trim))
        .find(|package| package.starts_with(&format!("{version}+")))
        .with_context(|| {
            format!("Debian has no rust-src {version}; type: rustup target add {WASM}")
        })?;
    run(apt("apt-get")?.args(["download", "-q", &format!("rust-src={package}")]))?;
    let mut files = fs::read_dir(work)?.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .context("apt-get download left no file")
}

fn mirror() -> Option<String> {
    if let Ok(mirror) = std::env::var("DEBIAN_MIRROR") {
        return Some(mirror);
    }
    let files = [
        "/etc/apt/sources.list.d/debian.sources",
        "/etc/apt/sources.list",
    ];
    let text: String = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .collect();
    text.lines()
        .filter(|line| line.starts_with("URIs:") || line.starts_with("deb "))
        .flat_map(str::split_whitespace)
        .find(|word| word.contains("://") && !word.contains("security"))
        .map(str::to_owned)
}

fn unpack(package: &Path, version: &str, work: &Path) -> Result<PathBuf> {
    let folder = work.join("unpacked");
    run(command("dpkg-deb")?.arg("-x").arg(package).arg(&folder))?;
    let library = folder.join(format!("usr/src/rustc-{version}/library"));
    // The package links to vendored sources by paths of the installed system.
    let copy = work.join("library");
    run(command("cp")?.arg("-rL").arg(&library).arg(&copy))
        .with_context(|| format!("{} has no source of {version}", package.display()))?;
    Ok(copy)
}
