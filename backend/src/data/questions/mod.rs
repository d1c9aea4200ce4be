//! Questions in a file that may be larger than the memory: a row is read when it is asked for.

mod file; // a file of questions and its index
mod wrapped; // question texts that are open for reading

pub use file::{FileQuestions, QuestionsError, index_of, keep};
pub use wrapped::WrappedQuestions;

/// Told of the bytes that were looked at, and of all there are.
pub type ScanProgress<'a> = &'a mut dyn FnMut(u64, u64);

#[cfg(test)]
mod tests;
