//! What evaluating, running and training cost: operations, memory, time, money.
//!
//! Every figure of a training is a range with its parts; the article's own estimate stands beside
//! it and the two are reconciled in words.

mod evaluation; // prompts read and answered
mod hardware; //   peaks, memory
mod memory; //     whether a model runs at all
mod model; //      operations of reading, answering, training
mod shapes; //     layers and heads of known models
mod training; //   an extension, continued pretraining, training anew

pub use evaluation::{EvaluationCost, EvaluationPlan};
pub use hardware::{Hardware, hardware, named};
pub use memory::{FittingOptions, PromptMemory};
pub use model::{LocalAttention, ModelDimensions};
#[cfg(test)]
pub(in crate::advise) use shapes::known_shapes;
pub use training::{AdaptationCost, BudgetFit, CostRange, PUBLIC_RUNS, PublicTrainingRun};
pub(in crate::advise) use training::{adaptation, two_digits};
