//! Answers outlive workers that are killed and disks that are full, and nothing from outside stops a
//! server.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests as well")]
#![allow(clippy::print_stdout, reason = "a test says what it could not try")]

#[cfg(target_os = "linux")]
mod full_disk; // a database on a full disk
mod good_among_broken; // good models beside damaged ones
mod kill; // workers that are killed
#[cfg(target_os = "linux")]
mod nothing_stored; // nobody is asked while nothing can be stored
mod opening; // databases that cannot be opened
mod output; // output that cannot be written
mod served; // a server with scripted endpoints
mod silent_endpoint; // endpoints that hang
mod worker; // workers as processes

#[path = "../../../tests/it/endpoint.rs"]
#[expect(
    dead_code,
    reason = "what becomes of each sample is told by the tests of the page"
)]
mod endpoint; // a fake endpoint
#[path = "../../src/testing.rs"]
#[expect(
    dead_code,
    reason = "these tests take the tiny model and what is made of it"
)]
mod testing;
