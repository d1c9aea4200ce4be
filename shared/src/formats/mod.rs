//! Other programs' files.

pub mod ruler;
