//! Answers outlive workers that are killed and disks that are full.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests as well")]

#[cfg(target_os = "linux")]
mod full_disk;
mod kill;
mod worker;

#[path = "../../src/testing.rs"]
#[expect(dead_code, reason = "these tests take the tiny model alone")]
mod testing;
