//! Answers outlive workers that are killed and disks that are full, and nothing from outside stops a
//! server.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests as well")]

mod beside;
#[cfg(target_os = "linux")]
mod full_disk;
mod hangs;
mod kill;
#[cfg(target_os = "linux")]
mod nothing_stored;
mod opening;
mod output;
mod served;
mod worker;

#[path = "../../../tests/it/endpoint.rs"]
#[expect(
    dead_code,
    reason = "what becomes of each sample is told by the tests of the page"
)]
mod endpoint;
#[path = "../../src/testing.rs"]
#[expect(
    dead_code,
    reason = "these tests take the tiny model and what is made of it"
)]
mod testing;
