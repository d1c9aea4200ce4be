//! Answers outlive workers that are killed and disks that are full.

#[cfg(target_os = "linux")]
mod full_disk;
mod kill;
mod worker;

#[path = "../../src/testing.rs"]
#[expect(dead_code, reason = "these tests take the tiny model alone")]
mod testing;
