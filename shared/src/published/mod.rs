//! Figures that others measured, with source and date of record. Figures only.

pub mod babilong; // BABILong: one, two and three facts, to a million tokens
mod both_tables; // models listed in both RULER's and LongBench v2's table
pub mod categories; // RULER by category, for some models
pub mod longbench; // the LongBench v2 leaderboard
mod names; // matches model names, however they are spelled
pub mod ranking; // ranks every model by one figure, whoever measured it
pub mod reported; // figures that model makers have reported since
pub mod ruler; // the main table of RULER's README: means over its 13 tasks
mod size; // model sizes

pub use both_tables::both;
pub use names::{meant_name, plain_name, same_name};
pub use size::ParameterCount;
