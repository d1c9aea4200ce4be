//! The rules of the house, from ARCHITECTURE.md, as tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every crate that `package` needs, with default features off where `features` is empty.
fn needs(package: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal,no-proc-macro",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[track_caller]
fn assert_needs_none(package: &str, arguments: &[&str], banned: &[&str]) {
    let needed = needs(package, arguments);
    assert!(needed.len() > 1, "`{package}` has a tree");
    for name in banned {
        assert!(
            !needed.iter().any(|crate_| crate_ == name),
            "`{package}` must not need `{name}`"
        );
    }
}

const OURS: [&str; 4] = [
    "fathom-shared",
    "fathom-kernels",
    "fathom-backend",
    "fathom-frontend",
];

fn ours_without(allowed: &[&str]) -> Vec<&'static str> {
    OURS.into_iter()
        .filter(|name| !allowed.contains(name))
        .collect()
}

#[test]
fn shared_is_pure() {
    let io = [
        "tokio", "wgpu", "web-sys", "js-sys", "sqlx", "rand", "reqwest",
    ];
    assert_needs_none("fathom-shared", &[], &io);
    // `zip` needs `getrandom` to encrypt, which nobody here asks of it.
    let without_zip = needs("fathom-shared", &["--prune", "zip"]);
    assert!(without_zip.iter().all(|name| name != "getrandom"));
    assert_needs_none("fathom-shared", &[], &ours_without(&["fathom-shared"]));
}

#[test]
fn kernels_know_no_tasks_and_no_sockets() {
    assert_needs_none("fathom-kernels", &[], &ours_without(&["fathom-kernels"]));
    assert_needs_none("fathom-kernels", &[], &["axum", "reqwest", "sqlx", "tokio"]);
}

#[test]
fn kernels_without_gpu_need_no_gpu() {
    assert_needs_none(
        "fathom-kernels",
        &["--no-default-features"],
        &["wgpu", "candle-core"],
    );
}

#[test]
fn the_two_ends_do_not_know_each_other() {
    assert_needs_none("fathom-backend", &[], &["fathom-frontend", "leptos"]);
    let wasm = ["--target", "wasm32-unknown-unknown"];
    let native = [
        "fathom-backend",
        "tokio",
        "axum",
        "sqlx",
        "candle-core",
        "mio",
    ];
    assert_needs_none("fathom-frontend", &wasm, &native);
}

/// Every Rust file below `folder`, with its text.
pub(super) fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no source");
    found
}

/// Only the places that ARCHITECTURE.md names may name these.
#[test]
fn each_outside_thing_has_one_door() {
    let doors = [
        (
            "kernels",
            "wgpu::",
            &["/gpu/", "/ops/", "/session", "/model/llama", "/kv_cache"][..],
        ),
        ("backend", "sqlx::", &["/store/"][..]),
        ("backend", "StatusCode", &["/http/"][..]),
        ("backend", "candle_core", &["/engine/"][..]),
    ];
    for (krate, name, allowed) in doors {
        for (path, text) in sources(&format!("{krate}/src")) {
            // A test may stand on the other side of a door.
            if path.ends_with("tests.rs") {
                continue;
            }
            let place = path.display().to_string();
            let named = text.contains(name);
            assert!(
                !named || allowed.iter().any(|door| place.contains(door)),
                "{place}: {name}"
            );
        }
    }
}

#[test]
fn files_are_small_enough_to_read() {
    for krate in ["shared", "kernels", "backend", "frontend", "tests", "xtask"] {
        for (path, text) in sources(krate) {
            let lines = text.lines().count();
            assert!(
                lines <= 400,
                "{} has {lines} lines, at most 400 are wanted",
                path.display()
            );
        }
    }
}
