//! Tests that need more than one crate, or the original programs' output. One binary, so that it
//! links once.

mod golden;
mod repo;
