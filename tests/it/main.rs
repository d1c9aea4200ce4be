//! Tests that need more than one crate, or the original programs' output. One binary, so that it
//! links once.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests as well")]

mod advise;
mod api;
mod browser;
#[expect(
    dead_code,
    reason = "what holds back more than a sample is wanted by the tests of the program"
)]
mod endpoint;
mod generate;
mod golden;
mod hostile;
mod layers;
mod names;
mod openai_api;
mod questions;
mod repo;
mod results;
mod server;
mod styles;
mod told_endpoint;
