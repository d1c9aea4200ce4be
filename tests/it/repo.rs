//! The rules of the repository, from ARCHITECTURE.md, as tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every crate that `package` depends on, with default features off if `features` is empty.
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

const OURS: [&str; 6] = [
    "fathom-shared",
    "fathom-kernels",
    "fathom-candle",
    "fathom-train",
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
    // `zip` needs `getrandom` for encryption, which is not used here.
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
fn candle_knows_no_files_and_no_runs() {
    let ours = ours_without(&["fathom-candle", "fathom-kernels"]);
    assert_needs_none("fathom-candle", &[], &ours);
    assert_needs_none("fathom-candle", &[], &["axum", "tokio", "sqlx", "wgpu"]);
}

#[test]
fn the_trainer_is_no_part_of_the_product() {
    let ours = ours_without(&["fathom-train", "fathom-shared", "fathom-kernels"]);
    assert_needs_none("fathom-train", &[], &ours);
    assert_needs_none("fathom-train", &[], &["axum", "tokio", "sqlx", "wgpu"]);
    assert_needs_none("fathom-backend", &[], &["fathom-train"]);
}

#[test]
fn the_two_ends_do_not_know_each_other() {
    assert_needs_none("fathom-backend", &[], &["fathom-frontend", "leptos"]);
    let wasm = ["--target", "wasm32-unknown-unknown"];
    let native = ["fathom-backend", "tokio", "axum", "sqlx", "mio"];
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

/// Only the places that ARCHITECTURE.md lists may use these.
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
        ("backend", "fathom_candle", &["/engine/candle/"][..]),
        ("frontend", "fathom_candle", &["/worker/engine/"][..]),
    ];
    for (krate, name, allowed) in doors {
        for (path, text) in sources(&format!("{krate}/src")) {
            // A test may stand on the other side of a door.
            let inside = path.strip_prefix(root()).unwrap();
            let mut parts = inside.iter();
            if parts.any(|part| part == "tests" || part == "tests.rs") {
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

/// A crate cannot override single lints of the workspace, so the one crate with `unsafe` code has
/// its own list.
#[test]
fn unsafe_code_is_forbidden_but_in_one_crate() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (workspace, candle) = (read("Cargo.toml"), read("kernels/candle/Cargo.toml"));
    for kind in ["rust", "clippy"] {
        let start = workspace
            .find(&format!("[workspace.lints.{kind}]"))
            .unwrap();
        let lints: Vec<&str> = workspace[start..]
            .lines()
            .skip(1)
            .take_while(|line| !line.is_empty())
            .collect();
        assert!(lints.len() > 4, "{kind}: {lints:?}");
        for lint in lints.iter().filter(|lint| !lint.starts_with("unsafe_code")) {
            assert!(candle.lines().any(|line| line == *lint), "{lint}");
        }
    }
    assert!(workspace.contains("\nunsafe_code = \"forbid\"\n"));
    let krates = [
        "shared",
        "kernels",
        "kernels/train",
        "backend",
        "frontend",
        "tests",
        "xtask",
    ];
    for krate in krates {
        let own = read(&format!("{krate}/Cargo.toml"));
        assert!(own.contains("[lints]\nworkspace = true"), "{krate}");
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

/// Every `mod` line has a comment with the module's purpose, except for unit tests and their
/// helpers.
#[test]
fn each_mod_line_says_what_is_inside() {
    let folders = ["shared", "kernels", "backend", "frontend", "xtask", "tests"];
    for (path, text) in folders.into_iter().flat_map(sources) {
        for line in text.lines().map(str::trim) {
            let Some((declared, behind)) = line.split_once(';') else {
                continue;
            };
            let name = match declared.split_once("mod ") {
                Some((before, name)) if before.is_empty() || before.starts_with("pub") => name,
                _ => continue,
            };
            let purpose = behind.trim().strip_prefix("// ").unwrap_or_default();
            let plain = ["tests", "testing"].contains(&name);
            assert!(plain || purpose.len() > 2, "{}: {line}", path.display());
        }
    }
}

/// Names that tell nothing of what is inside a file.
const EMPTY_NAMES: [&str; 29] = [
    "again", "also", "answered", "asked", "beside", "both", "else", "far", "fates", "further",
    "glance", "known", "more", "nothing", "odd", "other", "others", "outfit", "own", "pair",
    "rest", "room", "shelf", "side", "slim", "told", "wanted", "who", "words",
];

#[test]
fn file_names_say_what_is_inside() {
    let mut faults = Vec::new();
    for krate in ["shared", "kernels", "backend", "frontend", "tests", "xtask"] {
        for (path, _) in sources(krate) {
            let path = path.strip_prefix(root()).unwrap();
            let mut names = path.iter().map(|part| part.to_string_lossy());
            let empty = names.any(|name| EMPTY_NAMES.contains(&name.trim_end_matches(".rs")));
            if empty {
                faults.push(path.display().to_string());
            }
        }
    }
    assert!(faults.is_empty(), "what is inside? {}", faults.join(", "));
}
