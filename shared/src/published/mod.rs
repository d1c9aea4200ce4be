//! What others measured, with source and date of record. Figures only.

pub mod longbench;
pub mod ruler;
