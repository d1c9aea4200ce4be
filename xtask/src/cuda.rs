//! `cargo xtask check-cuda`: the build for NVIDIA devices, compiled and linked on a machine without
//! one. NVIDIA's compiler comes from PyPI; what its wheels lack is put beside it.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{command, run, skip, step};
use crate::paths;
use crate::serve::MODEL;
use crate::tools::venv::Venv;

/// What is asked of PyPI: the compiler, and headers and libraries of what candle uses. The oldest
/// of its series: a driver takes candle's kernels (PTX) from toolkits as old as itself or older.
const WHEELS: &str = "cuda-toolkit[nvcc,cccl,cudart,nvrtc,cublas,curand]==13.0.3.0";
/// Compiled for Hopper, unless `CUDA_COMPUTE_CAP` names another.
const COMPUTE_CAP: &str = "90";
/// The tests of candle, in its own crate and in the one that reads files for it.
const CANDLE: &str =
    "package(fathom-candle) or (package(fathom-backend) and test(/engine::candle/))";

/// Compiles the kernels and everything of ours with the feature `cuda`, links the program, asks it
/// for an answer by CUDA, and runs the engine's tests of that build on the processor.
///
/// # Errors
/// When a part cannot be got, does not compile, or a test fails.
pub(crate) fn check() -> Result<()> {
    let toolkit = toolkit()?;
    // Without the wheels' libraries on its path the program does not even start.
    let libraries = toolkit.join("lib64");
    let with_cuda = |program: &str| -> Result<Command> {
        let mut command = command(program)?;
        let path = std::env::var("PATH").unwrap_or_default();
        let cap = std::env::var("CUDA_COMPUTE_CAP");
        command
            .env("PATH", format!("{}:{path}", toolkit.join("bin").display()))
            .env("CUDA_HOME", &toolkit)
            .env("CUDA_PATH", &toolkit)
            .env("CUDA_COMPUTE_CAP", cap.as_deref().unwrap_or(COMPUTE_CAP))
            .env("LD_LIBRARY_PATH", &libraries);
        Ok(command)
    };
    let features = ["--workspace", "--features", "fathom-backend/cuda"];
    step("compiling with the feature `cuda` (candle's kernels take long, once)");
    run(with_cuda("cargo")?
        .arg("build")
        .args(features)
        .args(["--bin", "fathom"]))?;
    let fathom = built()?.display().to_string();
    run(with_cuda(&fathom)?.args(["model", "pull", MODEL]))?;
    refuses_without_device(&mut with_cuda(&fathom)?)?;
    step("the engine's tests, in the same build, on the processor");
    run(with_cuda("cargo")?
        .args(["nextest", "run", "--lib"])
        .args(features)
        .args(["-E", CANDLE])
        .env("FATHOM_TEST_DEVICE", "cpu"))
}

fn built() -> Result<PathBuf> {
    Ok(paths::target()?.join("debug/fathom"))
}

/// The linked program starts, and says in a sentence that there is no device.
fn refuses_without_device(fathom: &mut Command) -> Result<()> {
    step("asking for CUDA where there is no device");
    let models = paths::cache()?.join("models");
    let database = tempfile::tempdir()?;
    let output = fathom
        .args(["run", "--tasks", "niah_single_1", "--lengths", "512"])
        .args(["--num-samples", "1", "--engine", "candle-cuda"])
        .args(["--model", MODEL, "--models"])
        .arg(models)
        .arg("--database")
        .arg(database.path().join("fathom.db"))
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !said.contains("there is no CUDA device") {
        bail!(
            "expected a sentence about CUDA and a failure, got {}: {said}",
            output.status
        );
    }
    skip(said.lines().last().unwrap_or_default());
    Ok(())
}

/// A tree as NVIDIA's own installer makes it, in the user's cache.
fn toolkit() -> Result<PathBuf> {
    let venv = Venv::named("cuda-wheels")?;
    venv.ensure(WHEELS, &[WHEELS], "NVIDIA's compiler (about 1 GB)")?;
    let wheels = venv.packages()?.join("nvidia/cu13");
    // Beside the wheels, so that it goes when others take their place.
    let tree = venv.packages()?.join("fathom-cuda");
    let libraries = tree.join("lib64");
    if libraries.join("libcuda.so").is_file() {
        skip(&format!("CUDA's compiler is in {}", tree.display()));
        return Ok(tree);
    }
    step("laying out CUDA's compiler");
    fs::create_dir_all(&libraries)?;
    for folder in ["bin", "include", "nvvm"] {
        link(&wheels.join(folder), &tree.join(folder))?;
    }
    for entry in fs::read_dir(wheels.join("lib"))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        link(&file, &libraries.join(&*name))?;
        // The linker looks for names without a version, which the wheels do not have.
        if let Some((plain, _)) = name.split_once(".so.") {
            link(&file, &libraries.join(format!("{plain}.so")))?;
        }
    }
    // Cargo does not see that the compiler is another: kernels made by the last one would stay.
    run(command("cargo")?.args(["clean", "--package", "candle-kernels"]))?;
    driver(&wheels.join("include"), &libraries)?;
    Ok(tree)
}

/// A `libcuda.so` to link with: NVIDIA's comes with the driver alone. Each function of it says
/// `CUDA_ERROR_NO_DEVICE`.
fn driver(include: &Path, libraries: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let source = folder.path().join("cuda.c");
    fs::write(&source, "#include <cuda.h>\n")?;
    let header = Command::new("cc")
        .arg("-E")
        .arg("-I")
        .arg(include)
        .arg(&source)
        .output()
        .context("cannot start the C compiler")?;
    let header = String::from_utf8(header.stdout)?;
    let mut functions: Vec<&str> = words(&header)
        .filter(|name| name.starts_with("cu") && name[2..].starts_with(char::is_uppercase))
        .collect();
    functions.sort_unstable();
    functions.dedup();
    if functions.len() < 100 {
        let got = functions.len();
        bail!("cuda.h declares {got} functions of the driver, expected some hundred");
    }
    let mut text = String::new();
    for name in functions {
        writeln!(text, "int {name}(void) {{ return 100; }}")?;
    }
    fs::write(&source, text)?;
    run(Command::new("cc")
        .args(["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o"])
        .arg(libraries.join("libcuda.so.1"))
        .arg(&source))?;
    // Last: that it is there says that the tree is whole.
    link(
        &libraries.join("libcuda.so.1"),
        &libraries.join("libcuda.so"),
    )
}

/// The words of C that stand before a parenthesis.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split('(').filter_map(|before| {
        let before = before.trim_end();
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_')?;
        before.get(start + 1..)
    })
}

fn link(to: &Path, at: &Path) -> Result<()> {
    if at.symlink_metadata().is_ok() {
        fs::remove_file(at)?;
    }
    symlink(to, at).with_context(|| at.display().to_string())
}
