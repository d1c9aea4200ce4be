//! LongBench v2: multiple-choice questions about real texts, asked, answered and reported as in the
//! original (THUDM/LongBench 2e00731).
//!
//! ```text
//! row --Question::check--> Question --ask(Setting)--> Asked --engine--> text --extract--> Letter
//!                                        ask_again (chain of thought)            report::line
//! ```

pub mod bm25; // BM25 retrieval of passages
pub mod embed; // retrieval of passages by embeddings
mod extract; // extracts the chosen letter from an answer
pub mod index; // indexes a file of questions
pub mod prediction; // the original's prediction files
mod prompt; // renders a question as a prompt
mod question; // one question of the dataset
mod question_source; // where questions come from
pub mod report; // the original's result table
pub mod samples; // generated questions of our own
pub mod scan; // finds where rows begin and end in a file
mod setting; // settings: how a question is asked
mod tally; // the results of a group of questions
mod truncate; // cuts the middle out of a long text
pub mod viewer; // windows into a text of millions of words

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
