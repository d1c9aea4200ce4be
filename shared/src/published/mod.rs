//! What others measured, with source and date of record. Figures only.

pub mod babilong; //   one, two and three facts, to a million tokens
mod both_tables; //    models that stand in both tables
pub mod categories; // RULER by category, for some models
pub mod longbench; // the leaderboard of LongBench v2
mod names; //          names however they are written
pub mod ranking; //    every model by what was measured of it, whoever measured
pub mod reported; //   what model makers reported since the tables were made
pub mod ruler; // the main table of RULER's README: means over its 13 tasks
mod size; //           how large a model is

pub use both_tables::both;
pub use names::{meant_name, plain_name, same_name};
pub use size::ParameterCount;
