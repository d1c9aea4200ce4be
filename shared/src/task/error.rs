//! Why no sample was made.

use super::OptionError;
use super::custom::ScriptFault;
use crate::tokens::Tokens;

/// Why no sample was made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GenerateError {
    /// No such task.
    #[error("unknown task `{got}`; the tasks are {known}")]
    UnknownTask {
        /// The id asked for.
        got: String,
        /// The ids that exist.
        known: String,
    },
    /// No such profile.
    #[error("unknown profile `{got}`; expected `upstream` or `stratified`")]
    UnknownProfile {
        /// The name asked for.
        got: String,
    },
    /// An option is unknown or out of range.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// Nothing is left for the prompt.
    #[error("max_seq_length is {got} tokens, but the answer alone needs {answer}; ask for more")]
    NoRoom {
        /// The length asked for.
        got: Tokens,
        /// The room the answer needs.
        answer: Tokens,
    },
    /// Longer than is made.
    #[error("max_seq_length is {got} tokens; the longest sample made is {most}")]
    TooLong {
        /// The length asked for.
        got: Tokens,
        /// The longest.
        most: Tokens,
    },
    /// The smallest haystack is too long.
    #[error("`{task}` does not fit in {got} tokens: its smallest haystack needs {needed}")]
    DoesNotFit {
        /// The task.
        task: String,
        /// The length asked for.
        got: Tokens,
        /// The least that was needed, answer included.
        needed: Tokens,
    },
    /// The haystack has fewer places than there are things to hide.
    #[error(
        "`{task}` cannot hide {needles} pieces in a haystack of {places}; ask for fewer pieces or a longer context"
    )]
    TooManyPieces {
        /// The task.
        task: String,
        /// Things to hide.
        needles: usize,
        /// Places to hide them in.
        places: usize,
    },
    /// A task of another question set was asked for by its option.
    #[error("`{task}` asks `dataset={expected}`; `dataset={got}` is the task `{other}`")]
    OtherDataset {
        /// The task.
        task: String,
        /// The set asked for.
        got: String,
        /// The task's own.
        expected: &'static str,
        /// The task that asks the set.
        other: &'static str,
    },
    /// Chains of which the original's worked example cannot be made.
    #[error(
        "`vt` has {got} hops: the original's worked example of 500 tokens begins with five sentences of noise, each before one assignment, so that {most} hops are the most; longer chains are made with `type_haystack=essay` or by the profile `stratified`"
    )]
    ChainTooLong {
        /// Hops asked for.
        got: usize,
        /// The most.
        most: usize,
    },
    /// The worked example of the original is too long.
    #[error(
        "the worked example of `{task}` needs {needed} tokens, and the original gives it {most}; ask for fewer chains or hops, or for the profile `stratified`, whose example is as long as it must be"
    )]
    ExampleTooLong {
        /// The task.
        task: String,
        /// The least that was needed.
        needed: Tokens,
        /// What there is.
        most: Tokens,
    },
    /// The original program ends here: drawn variable names collided while it searched its size.
    #[error(
        "seed {seed} draws the same variable name twice while the size is searched, where the original program ends; choose another seed"
    )]
    NameCollision {
        /// The seed.
        seed: u32,
    },
    /// A list is longer than there are words to fill it.
    #[error(
        "`{task}` wants {wanted} different words, the longest list has {has}; ask for a shorter context or give a longer list of words"
    )]
    TooFewWords {
        /// The task.
        task: String,
        /// Words wanted.
        wanted: usize,
        /// Words there are.
        has: usize,
    },
    /// A question set has fewer questions.
    #[error("`{set}` has {has} questions, from 0 on; there is no question {wanted}")]
    TooFewQuestions {
        /// The set.
        set: String,
        /// The question wanted.
        wanted: usize,
        /// How many there are.
        has: usize,
    },
    /// A question cannot be asked.
    #[error("question {number}: {reason}")]
    Question {
        /// Its number in the set, from 0.
        number: u32,
        /// Why.
        reason: String,
    },
    /// A custom task without its script.
    #[error("the task `custom` needs a script")]
    ScriptMissing,
    /// A script for a task that has none.
    #[error("a script is given, but the task is `{task}`; scripts make the task `custom`")]
    ScriptUnwanted {
        /// The task.
        task: String,
    },
    /// A custom task's script is wrong, failed or spent too much.
    #[error("line {line}, column {column} of the script: {message}")]
    Script {
        /// What kind of thing went wrong.
        fault: ScriptFault,
        /// The line, from 1; that of the function where the place within it is not known.
        line: u32,
        /// The character in the line, from 1.
        column: u32,
        /// What went wrong.
        message: String,
    },
    /// The spec has fewer samples.
    #[error("the spec has no sample number {index}")]
    NoSuchSample {
        /// The number asked for.
        index: u32,
    },
}
