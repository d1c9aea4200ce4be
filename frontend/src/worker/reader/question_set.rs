//! Where questions lie.

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::api::QuestionSet;
use fathom_shared::longbench::index::{QuestionIndex, parse};
use fathom_shared::longbench::{LongBenchQuestion, QuestionSource, alone, bundled};
use fathom_shared::text_source::TextSource;
use js_sys::Uint8Array;
use web_sys::{Blob, FileReaderSync};

use crate::worker_host::say;

/// A set of questions.
pub(super) enum OpenQuestionSet {
    /// Here, as they are.
    Here(Arc<dyn QuestionSource>),
    /// In a file, which is read again for each.
    File {
        file: Blob,
        source: TextSource,
        index: QuestionIndex,
    },
}

impl OpenQuestionSet {
    /// Those that come with the page.
    pub(super) fn samples() -> Self {
        Self::Here(bundled())
    }

    /// One of another set.
    pub(super) fn alone(source: TextSource, number: u32, question: LongBenchQuestion) -> Self {
        Self::Here(alone(source, number, question))
    }

    /// Those of a file; `watch` is told bytes read and bytes in all.
    ///
    /// # Errors
    /// What is wrong with it, a fault a line.
    pub(super) fn file(
        name: &str,
        file: &Blob,
        mut watch: impl FnMut(u64, u64),
    ) -> Result<Self, String> {
        let size = file.size() as u64;
        let mut told = 0;
        let index = QuestionIndex::read(
            size,
            |range| read(file, range),
            |done| {
                // A message for each megabyte would be too many.
                if done - told >= 8 << 20 || done == size {
                    told = done;
                    watch(done, size);
                }
                true
            },
        );
        let index = index.map_err(|error| format!("{name}: {error}"))?;
        let source = TextSource {
            name: name.to_owned(),
            sha256: index.sha256.clone(),
            bundled: false,
        };
        let file = file.clone();
        Ok(Self::File {
            file,
            source,
            index,
        })
    }

    /// Without the texts.
    pub(super) fn set(&self) -> QuestionSet {
        match self {
            Self::Here(questions) => QuestionSet {
                source: questions.source().clone(),
                cards: questions.cards().to_vec(),
            },
            Self::File { source, index, .. } => QuestionSet {
                source: source.clone(),
                cards: index.cards.clone(),
            },
        }
    }

    /// One of them.
    ///
    /// # Errors
    /// A sentence: there is none of that number, or the file changed.
    pub(super) fn question(&self, number: u32) -> Result<LongBenchQuestion, String> {
        match self {
            Self::Here(questions) => questions.question(number),
            Self::File {
                file,
                source,
                index,
            } => {
                let (name, has) = (&source.name, index.rows.len());
                let row = index.rows.get(number as usize).ok_or_else(|| {
                    format!("{name} has {has} questions, got number {number}, counted from 0.")
                })?;
                let text = read(file, row.clone())?;
                parse(&text).map_err(|faults| format!("{name} changed: {}", faults.join("; ")))
            }
        }
    }
}

/// The bytes of a range; a worker may wait for them.
fn read(file: &Blob, range: Range<u64>) -> Result<Vec<u8>, String> {
    let part = file.slice_with_f64_and_f64(range.start as f64, range.end as f64);
    let bytes = part.and_then(|part| FileReaderSync::new()?.read_as_array_buffer(&part));
    let bytes = bytes.map_err(|error| say(&error))?;
    Ok(Uint8Array::new(&bytes).to_vec())
}
