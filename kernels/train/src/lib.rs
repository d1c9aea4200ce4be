//! Trains the small models that ship: qwen3-form decoders of 1 to 5 million parameters, on the samples
//! of our own task generators, with candle, on the processor or an NVIDIA device.
//!
//! ```text
//! stage.toml --stream(seed, step)--> batch --network--> loss --backward--> gradients --optimizer--> parameters
//!                                                               checkpoint: training state, Hugging Face folders
//! ```
//!
//! Everything that a training run does follows from its stage file: the batch of a step is a pure
//! function of seed and step, so a run that was killed goes on to the same loss curve, bit for bit.
//! The crate knows no server and no page; what it writes is read by any engine.

mod checkpoint; // the training state, and checkpoints as Hugging Face folders
mod cpu; // loops for the processor's vectors
mod evaluation; // accuracy on fresh sequences, and pass marks
mod form; // what training sequences are made of
mod metrics; // the loss curve as JSON lines
mod network; // the decoder, with gradients
mod optimizer; // Muon and AdamW, schedule, clipping
mod random; // random numbers that follow from a seed alone
mod stage; // a training stage as a TOML file
mod stream; // training sequences as a function of seed and step
mod trainer; // runs a stage to its end
mod vocabulary; // trains the tokenizer

pub use checkpoint::{CheckpointError, write_folder};
pub use evaluation::{EvaluationError, EvaluationScore, evaluate};
pub use metrics::{MetricsLine, read_metrics};
pub use network::{Decoder, DecoderSizeError, DecoderSizes, LossValues};
pub use stage::{StageError, TrainingStage};
pub use stream::{TrainingBatch, TrainingStream};
pub use trainer::{StageOutcome, TrainError, TrainOptions, show_batches, train};
pub use vocabulary::{VocabularyError, train_vocabulary};
