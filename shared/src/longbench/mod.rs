//! LongBench v2: multiple-choice questions about real texts, put, answered and reported as the
//! original does (THUDM/LongBench 2e00731).
//!
//! ```text
//! row --Question::check--> Question --ask(Setting)--> Asked --engine--> text --extract--> Letter
//!                                        ask_again (chain of thought)            report::line
//! ```

pub mod bm25; //        pieces of a text
pub mod embed; //       pieces by somebody else's embeddings
mod extract; //         text -> letter
pub mod index; //       a file of questions
pub mod prediction; //  the original's files
mod prompt; //          question -> what is read
mod question; //        a row
mod question_source; // where questions come from
pub mod report; //      the original's table
pub mod samples; //     questions of our own
pub mod scan; //        where rows begin and end
mod setting; //         how it is put
mod tally; //           what a group comes to
mod truncate; // cutting a text in its middle
pub mod viewer; //      a text of millions of words, in windows

pub use embed::Embedder;
pub use extract::{extract, is_right};
pub use index::QuestionCard;
pub use prediction::{JudgedAnswer, Prediction, PredictionError};
pub use prompt::{LongBenchPrompt, PromptError, ShownSpan, TruncatedMiddle, ask, ask_again};
pub use question::{
    CHOICES, ChoiceLetter, Difficulty, LengthClass, LongBenchQuestion, LongBenchRow,
    QuestionFieldError,
};
pub use question_source::{QuestionSource, alone, bundled};
pub use setting::{LongBenchSetting, UnknownSetting};
pub use tally::{AnswerTally, AnswerVerdict, QuestionGroup};
pub use truncate::middle;
