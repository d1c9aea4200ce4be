//! LongBench v2: multiple-choice questions about real texts, put, answered and reported as the
//! original does (THUDM/LongBench 2e00731).
//!
//! ```text
//! row --Question::check--> Question --ask(Setting)--> Asked --engine--> text --extract--> Letter
//!                                        ask_again (chain of thought)            report::line
//! ```

pub mod bm25; //       pieces of a text
pub mod embed; //      pieces by somebody else's embeddings
mod extract; //        text -> letter
pub mod index; //      a file of questions
pub mod prediction; // the original's files
mod prompt; //         question -> what is read
mod question; //       a row
pub mod reading; //    a text of millions of words, in windows
pub mod report; //     the original's table
pub mod samples; //    questions of our own
pub mod scan; //       where rows begin and end
mod set; //            where questions come from
mod setting; //        how it is put
mod tally; //          what a group comes to
mod truncate; //       what is cut

pub use embed::Embed;
pub use extract::{extract, is_right};
pub use index::Card;
pub use prediction::{Judged, Prediction, PredictionError};
pub use prompt::{AskError, Asked, Cut, Shown, ask, ask_again};
pub use question::{CHOICES, Difficulty, Fault, LengthClass, Letter, Question, Row};
pub use set::{Questions, alone, bundled};
pub use setting::{Setting, UnknownSetting};
pub use tally::{Group, Tally, Verdict};
pub use truncate::middle;
