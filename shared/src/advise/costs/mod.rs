//! What evaluating and running a model cost: operations, memory and time, from its shape.

mod evaluation; // the cost of an evaluation
mod hardware; // peak speed and memory of known hardware
mod memory; // whether a model fits into memory
mod model; // operations and bytes for prefill, decoding and training
mod range; // a cost as a range
mod shapes; // layers and heads of known models
mod training_memory; // how many devices hold the training of all weights, or of adapters

pub use evaluation::{EvaluationCost, EvaluationPlan};
pub use hardware::{Hardware, hardware, named};
pub use memory::{FittingOptions, PromptMemory};
pub use model::{LocalAttention, ModelDimensions};
pub use range::CostRange;
#[cfg(test)]
pub(in crate::advise) use shapes::known_shapes;
pub(in crate::advise) use shapes::without_maker;
pub use training_memory::{AdapterMemory, TrainingMemory};
