//! Mutated files of every kind, in a process whose memory is bounded.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use super::mutate::{FuzzRng, mutated};
use super::{FuzzTarget, TARGETS};

/// Address space of the process that reads them, in KiB: what the test binary itself maps, and a
/// small multiple of the largest file.
const MEMORY: u32 = 2 << 20;
/// The longest that one file may take, in a build with checks on a busy machine.
const ONE_FILE: Duration = Duration::from_secs(20);

fn seeds(target: &FuzzTarget) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let folder = folder.join(target.name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Runs a target on `count` mutated files, and goes on until `time` is over.
fn run(target: &FuzzTarget, count: u64, time: Duration) {
    let (seeds, begun) = (seeds(target), Instant::now());
    for seed in &seeds {
        (target.run)(seed);
    }
    let mut number = 0;
    while number < count || begun.elapsed() < time {
        let file = mutated(&seeds, &mut FuzzRng::new(number + 1));
        let before = Instant::now();
        if std::panic::catch_unwind(|| (target.run)(&file)).is_err() {
            panic!(
                "{} panics on file {number}: {:?}",
                target.name,
                shown(&file)
            );
        }
        let took = before.elapsed();
        assert!(
            took < ONE_FILE,
            "{}, file {number}: {took:?}: {:?}",
            target.name,
            shown(&file)
        );
        number += 1;
    }
    writeln!(
        io::stderr(),
        "{}: {number} files in {:?}",
        target.name,
        begun.elapsed()
    )
    .unwrap();
}

fn shown(file: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(file).chars().take(2_000).collect();
    format!("{} bytes, {text}", file.len())
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// A few of each kind; all of one kind where [`bounded`] asks for it.
#[test]
fn mutated_files_are_read_or_refused() {
    let only = env::var("FATHOM_FUZZ_TARGET").ok();
    let count = number("FATHOM_FUZZ_COUNT").unwrap_or(20);
    let time = Duration::from_secs(number("FATHOM_FUZZ_TARGET_SECONDS").unwrap_or(0));
    let wanted = |target: &&FuzzTarget| only.as_deref().is_none_or(|only| only == target.name);
    for target in TARGETS.iter().filter(wanted) {
        run(target, count, time);
    }
}

/// The same in a process of its own for each kind, which ends where it takes too much memory or
/// time: 300 files, with `FATHOM_TEST_ALL` 3,000, or as many as `FATHOM_FUZZ_SECONDS` allows.
#[test]
#[cfg(target_os = "linux")]
fn bounded() {
    let count = if env::var_os("FATHOM_TEST_ALL").is_some() {
        3_000
    } else {
        300
    };
    let seconds = number("FATHOM_FUZZ_SECONDS").unwrap_or(0) / TARGETS.len() as u64;
    for target in TARGETS {
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"")])
            .arg(env::current_exe().unwrap())
            .args([
                "--exact",
                "fuzzed::tests::mutated_files_are_read_or_refused",
            ])
            .args(["--nocapture", "--test-threads", "1"])
            .env("FATHOM_FUZZ_TARGET", target.name)
            .env("FATHOM_FUZZ_COUNT", count.to_string())
            .env("FATHOM_FUZZ_TARGET_SECONDS", seconds.to_string())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(seconds + 240);
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if Instant::now() > end {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let name = target.name;
        let status = status.unwrap_or_else(|| panic!("{name} did not end in time"));
        assert!(
            status.success(),
            "{name}: {status}; its last words are above"
        );
    }
}

/// A fuzz target is written for each kind, with seeds.
#[test]
fn every_kind_has_its_fuzz_target_and_seeds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for target in TARGETS {
        let name = target.name;
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let file = fuzz.join(format!("fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.contains(&format!("fuzzed::of_{name}")),
            "{}",
            file.display()
        );
        assert!(!seeds(&target).is_empty(), "{name}");
    }
    // Those that other crates read too: a program, its line and its seeds have one name.
    let names = |folder: &str| {
        let entries = fs::read_dir(fuzz.join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut names: Vec<String> = paths
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let mut listed: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"))
        .filter_map(|line| line.strip_suffix(".rs\""))
        .collect();
    listed.sort_unstable();
    assert_eq!(names("fuzz_targets"), listed);
    assert_eq!(names("seeds"), listed);
}
