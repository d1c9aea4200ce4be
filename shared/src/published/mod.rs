//! What others measured, with source and date of record. Figures only.

mod both; //  models that stand in both tables
pub mod categories; // RULER by category, for some models
pub mod longbench;
mod names; // names however they are written
pub mod ruler;
mod size; //  how large a model is

pub use both::both;
pub use names::{meant_name, plain_name, same_name};
pub use size::Size;
