//! Tells thinking from answering where both come as one text. One place for endpoints, for the
//! engines of this machine, for the page and for other programs' files.
//!
//! ```text
//! <think>why?</think>42        a block at the beginning
//! why?</think>42               the template opened the block: only its end is in the text
//! 4<think>why?</think>2        a block further on
//! ```
//!
//! A block that is not closed is thinking to the text's end where it stands at the beginning; further
//! on it is a word like any other. After a first end, further ends are words too, and so is an end
//! alone where the prompt is known to leave no block open. What ends a model's turn (`<|im_end|>`,
//! `<|return|>`) is no part of its answer.

mod channels; // the channel headers of gpt-oss
mod marks; // the tags with which models mark thinking
mod split; // splits text into thinking and answer as it streams in

pub(crate) use marks::bridge;
pub use marks::{AnswerStart, OpenThinking, left_open};
pub use split::ThinkingSplitter;

/// A text taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SplitText {
    /// What is scored. Empty where the text ends within the thinking.
    pub answer: String,
    /// What was thought; nothing where there was none.
    pub thinking: Option<String>,
    /// Whether the thinking had an end and no beginning, and nobody knows whether the prompt left
    /// it open: what stands before the end may be the answer.
    pub end_alone: bool,
}

impl SplitText {
    /// Whether something was thought and nothing answered.
    pub fn only_thinking(&self) -> bool {
        self.thinking.is_some() && self.answer.trim().is_empty()
    }
}

/// Takes a whole `text` apart. `start` is where it begins: in the block that the prompt leaves open
/// ([`left_open`]), or in none; of a file's answers nobody knows.
///
/// # Example
/// ```
/// use fathom_shared::thinking::part;
/// use fathom_shared::thinking::AnswerStart;
/// let parted = part("<think>Is it 17? No.</think>\n\nIt is 35.", AnswerStart::Unknown);
/// assert_eq!(parted.answer, "It is 35.");
/// assert_eq!(parted.thinking.as_deref(), Some("Is it 17? No."));
/// ```
pub fn part(text: &str, start: impl Into<AnswerStart>) -> SplitText {
    let mut split = ThinkingSplitter::new(start);
    split.push(text);
    split.finish()
}

#[cfg(test)]
mod end_tests; // tests of ends without a beginning
#[cfg(test)]
mod tests;
