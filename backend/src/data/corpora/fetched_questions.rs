//! LongBench v2's own questions, where they were fetched.

use fathom_shared::longbench::QuestionSource as _;

use super::fetchable::LONGBENCH_V2;
use super::{CorpusError, CorpusFolder};
use crate::data::questions::{FileQuestions, ScanProgress};

/// LongBench v2's own questions, where they were fetched. Blocks.
///
/// # Errors
/// A file that cannot be read, has faults, or is not what was fetched.
pub fn fetched_questions(
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
