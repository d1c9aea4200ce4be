//! Questions in a file that may be larger than the memory: a row is read when it is asked for.

mod file;
mod readings;

use fathom_shared::longbench::Questions as _;

use super::corpora::known::LONGBENCH_V2;
use super::corpora::{Corpora, CorpusError};
pub use file::{FileQuestions, QuestionsError, index_of, keep};
pub use readings::Readings;

/// Told of the bytes that were looked at, and of all there are.
pub type Watch<'a> = &'a mut dyn FnMut(u64, u64);

/// LongBench v2's own questions, where they were fetched. Blocks.
///
/// # Errors
/// A file that cannot be read, has faults, or is not what was fetched.
pub fn fetched(corpora: &Corpora, watch: Watch<'_>) -> Result<Option<FileQuestions>, CorpusError> {
    let Some(path) = corpora.path(LONGBENCH_V2) else {
        return Ok(None);
    };
    let questions = FileQuestions::open(&path, &corpora.index_file(LONGBENCH_V2), watch)?;
    let record = corpora.record(LONGBENCH_V2)?;
    let got = &questions.source().sha256;
    match record {
        Some(record) if record.sha256 != *got => Err(CorpusError::Changed {
            got: got.clone(),
            expected: record.sha256,
            path,
        }),
        _ => Ok(Some(questions)),
    }
}

#[cfg(test)]
mod tests;
