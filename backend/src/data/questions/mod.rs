//! Questions in a file that may be larger than the memory: a row is read when it is asked for.

mod file; // a file of questions beside what is known of it
mod wrapped; // texts that are open for reading

use fathom_shared::longbench::QuestionSource as _;

use super::corpora::known::LONGBENCH_V2;
use super::corpora::{CorpusError, CorpusFolder};
pub use file::{FileQuestions, QuestionsError, index_of, keep};
pub use wrapped::WrappedQuestions;

/// Told of the bytes that were looked at, and of all there are.
pub type ScanProgress<'a> = &'a mut dyn FnMut(u64, u64);

/// LongBench v2's own questions, where they were fetched. Blocks.
///
/// # Errors
/// A file that cannot be read, has faults, or is not what was fetched.
pub fn fetched(
    corpora: &CorpusFolder,
    watch: ScanProgress<'_>,
) -> Result<Option<FileQuestions>, CorpusError> {
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
