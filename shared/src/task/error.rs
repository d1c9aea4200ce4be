//! Errors of making samples.

use super::OptionError;
use super::script_fault::ScriptFault;
use crate::tokens::Tokens;

/// Why no sample was made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GenerateError {
    /// There is no such task.
    #[error("unknown task `{got}`; the tasks are {known}")]
    UnknownTask {
        /// The requested id.
        got: String,
        /// The ids that exist.
        known: String,
    },
    /// There is no such profile.
    #[error("unknown profile `{got}`; expected `upstream` or `stratified`")]
    UnknownProfile {
        /// The requested name.
        got: String,
    },
    /// An option is unknown or out of range.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// No tokens are left for the prompt.
    #[error("max_seq_length is {got} tokens, but the answer alone needs {answer}; ask for more")]
    NoRoom {
        /// The requested length.
        got: Tokens,
        /// The tokens that the answer needs.
        answer: Tokens,
    },
    /// The length exceeds the maximum.
    #[error("max_seq_length is {got} tokens; the longest sample made is {most}")]
    TooLong {
        /// The requested length.
        got: Tokens,
        /// The maximum.
        most: Tokens,
    },
    /// Even the smallest haystack is too long.
    #[error("`{task}` does not fit in {got} tokens: its smallest haystack needs {needed}")]
    DoesNotFit {
        /// The task.
        task: String,
        /// The requested length.
        got: Tokens,
        /// The fewest tokens needed, including the answer.
        needed: Tokens,
    },
    /// The haystack has fewer places than there are pieces to hide.
    #[error(
        "`{task}` cannot hide {needles} pieces in a haystack of {places}; ask for fewer pieces or a longer context"
    )]
    TooManyPieces {
        /// The task.
        task: String,
        /// Pieces to hide.
        needles: usize,
        /// Places in the haystack.
        places: usize,
    },
    /// The option asks for the question set of another task.
    #[error("`{task}` asks `dataset={expected}`; `dataset={got}` is the task `{other}`")]
    OtherDataset {
        /// The task.
        task: String,
        /// The requested set.
        got: String,
        /// The task's own.
        expected: &'static str,
        /// The task with the requested set.
        other: &'static str,
    },
    /// The original's worked example cannot hold chains this long.
    #[error(
        "`vt` has {got} hops: the original's worked example of 500 tokens begins with five sentences of noise, one before each assignment, so {most} hops are the maximum; for longer chains use `type_haystack=essay` or the profile `stratified`"
    )]
    ChainTooLong {
        /// The requested hops.
        got: usize,
        /// The maximum.
        most: usize,
    },
    /// The original's worked example is too long.
    #[error(
        "the worked example of `{task}` needs {needed} tokens, and the original gives it {most}; ask for fewer chains or hops, or for the profile `stratified`, whose example is as long as it must be"
    )]
    ExampleTooLong {
        /// The task.
        task: String,
        /// The fewest tokens needed.
        needed: Tokens,
        /// The tokens available.
        most: Tokens,
    },
    /// The original program fails here: drawn variable names collided during its search for the
    /// size.
    #[error(
        "seed {seed} draws the same variable name twice while the size is searched, where the original program ends; choose another seed"
    )]
    NameCollision {
        /// The seed.
        seed: u32,
    },
    /// A list needs more words than there are.
    #[error(
        "`{task}` needs {wanted} different words, but the longest list has {has}; choose a shorter context or give a longer word list"
    )]
    TooFewWords {
        /// Words needed.
        task: String,
        /// Words available.
        wanted: usize,
        /// Words there are.
        has: usize,
    },
    /// The question set has fewer questions.
    #[error("`{set}` has {has} questions, from 0 on; there is no question {wanted}")]
    TooFewQuestions {
        /// The set.
        set: String,
        /// The requested question.
        wanted: usize,
        /// Number of questions.
        has: usize,
    },
    /// A question cannot be asked.
    #[error("question {number}: {reason}")]
    Question {
        /// Its number in the set, from 0.
        number: u32,
        /// The reason.
        reason: String,
    },
    /// A custom task lacks its script.
    #[error("the task `custom` needs a script")]
    ScriptMissing,
    /// A script is given for a task that does not use one.
    #[error("a script is given, but the task is `{task}`; scripts make the task `custom`")]
    ScriptUnwanted {
        /// The task.
        task: String,
    },
    /// A custom task's script is invalid, failed or exceeded a limit.
    #[error("line {line}, column {column} of the script: {message}")]
    Script {
        /// The kind of error.
        fault: ScriptFault,
        /// The line, from 1; the function's line if the place within it is unknown.
        line: u32,
        /// The character in the line, from 1.
        column: u32,
        /// The error message.
        message: String,
    },
    /// The spec has fewer samples.
    #[error("the spec has no sample number {index}")]
    NoSuchSample {
        /// The requested number.
        index: u32,
    },
}
