//! Damaged folders: a sentence or a model, in bounded time and memory.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;
use crate::data::inspect::Inspection;

/// How many files are damaged: as many with `cargo xtask test --all` as it has time for.
const FILES: u32 = 500;
/// The longest that one may take, in a build with checks on a busy machine.
const ONE_FILE: Duration = Duration::from_secs(20);

/// What headers and configurations are damaged with.
const ODD: [&[u8]; 16] = [
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"0",
    b"1e999",
    b"NaN",
    b"16777217",
    b"4294967296",
    b"9223372036854775807",
    b"18446744073709551616",
    b"\"F4\"",
    b"[0,18446744073709551615]",
    b"\xff",
    b"\n",
];

/// Draws that are the same each time.
struct TestDraws(u64);

impl TestDraws {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % end.max(1)
    }

    /// `bytes` with another number or word in one to four places, or cut, or deeply nested.
    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            // Numbers first of all: they are what a reader allocates by.
            let digits = bytes.iter().enumerate();
            let digits: Vec<usize> = digits
                .filter(|(_, byte)| byte.is_ascii_digit())
                .map(|(at, _)| at)
                .collect();
            let at = match digits.as_slice() {
                [] => self.below(bytes.len()),
                some => some[self.below(some.len())],
            };
            let end = bytes[at..].iter().position(|byte| !byte.is_ascii_digit());
            let end = end.map_or(bytes.len(), |length| at + length.max(1));
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => {
                    let deep = vec![b"[{("[self.below(3)]; self.below(100_000)];
                    drop(bytes.splice(at..at, deep));
                }
                3 => {
                    let piece = bytes[at..(at + 200).min(bytes.len())].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
                _ => drop(bytes.splice(at..end, ODD[self.below(ODD.len())].to_vec())),
            }
        }
        bytes
    }
}

/// A file of weights with this header; its length is what the header has, or a lie.
fn weights(header: &[u8], numbers: &[u8], draw: &mut TestDraws) -> Vec<u8> {
    let length = match draw.below(8) {
        0 => [0, 1, u64::MAX, 1 << 62, 1 << 32, 1 << 24][draw.below(6)],
        _ => header.len() as u64,
    };
    [&length.to_le_bytes()[..], header, numbers].concat()
}

/// Everything that is done with a folder before it answers.
fn used(path: &Path) -> bool {
    let looked = Inspection::here(path).is_ok_and(|seen| seen.refusal.is_none());
    let Ok(mut folder) = ModelFolder::open(path) else {
        return false;
    };
    let Ok(config) = folder.config() else {
        return false;
    };
    for (name, shape) in config.tensors() {
        if let Ok(tensor) = folder.tensor(&name) {
            assert_eq!(tensor.shape, shape);
        }
    }
    looked
}

#[test]
fn damaged_folders_end_in_a_sentence_or_a_model() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope/qwen2");
    let whole = fs::read(golden.join("model.safetensors")).unwrap();
    let config = fs::read(golden.join("config.json")).unwrap();
    let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let (header, numbers) = whole[8..].split_at(length);
    let said = std::env::var("FATHOM_FUZZ_SECONDS").ok();
    let seconds = said.and_then(|said| said.parse().ok()).unwrap_or(0);
    let (begun, mut draw, mut models, mut number) = (Instant::now(), TestDraws(9), 0, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    tests::write_tokenizer(path);
    while number < FILES || begun.elapsed() < Duration::from_secs(seconds) {
        let (mut file, mut said) = (whole.clone(), config.clone());
        match number % 4 {
            0 => said = draw.damage(&config),
            _ => file = weights(&draw.damage(header), numbers, &mut draw),
        }
        fs::write(path.join("model.safetensors"), file).unwrap();
        fs::write(path.join("config.json"), said).unwrap();
        let before = Instant::now();
        models += u32::from(used(path));
        let took = before.elapsed();
        assert!(took < ONE_FILE, "file {number}: {took:?}");
        number += 1;
    }
    assert!(models > 0, "no damage is harmless");
}

/// The same in a process of its own whose memory is bounded.
#[test]
#[cfg(target_os = "linux")]
fn bounded() {
    use std::process::Command;
    // Address space in KiB.
    const MEMORY: u32 = 2 << 20;
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--test-threads", "1"])
        .arg("data::folder::hostile::damaged_folders_end_in_a_sentence_or_a_model")
        .env("MALLOC_ARENA_MAX", "2")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {said}", output.status);
    assert!(said.contains("1 passed"), "{said}");
}
