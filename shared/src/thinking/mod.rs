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
//! on it is a word like any other. After a first end, further ends are words too. What ends a model's
//! turn (`<|im_end|>`, `<|return|>`) is no part of its answer.

mod channels; // the headers of gpt-oss' channels
mod marks; // how models mark their thinking
mod split; // taking a text apart as it comes

pub(crate) use marks::bridge;
pub use marks::{OpenThinking, left_open};
pub use split::ThinkingSplitter;

/// A text taken apart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SplitText {
    /// What is scored. Empty where the text ends within the thinking.
    pub answer: String,
    /// What was thought; nothing where there was none.
    pub thinking: Option<String>,
}

impl SplitText {
    /// Whether something was thought and nothing answered.
    pub fn only_thinking(&self) -> bool {
        self.thinking.is_some() && self.answer.trim().is_empty()
    }
}

/// Takes a whole `text` apart. `opened` is the block in which it begins, where the prompt leaves
/// one open ([`left_open`]); a file's answers begin in none.
///
/// # Example
/// ```
/// use fathom_shared::thinking::part;
/// let parted = part("<think>Is it 17? No.</think>\n\nIt is 35.", None);
/// assert_eq!(parted.answer, "It is 35.");
/// assert_eq!(parted.thinking.as_deref(), Some("Is it 17? No."));
/// ```
pub fn part(text: &str, opened: Option<OpenThinking>) -> SplitText {
    let mut split = ThinkingSplitter::new(opened);
    split.push(text);
    split.finish()
}

#[cfg(test)]
mod tests;
