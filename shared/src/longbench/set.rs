//! Where questions come from.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{Question, samples};
use crate::corpora::Source;

/// Questions that are asked for by their number: a file may be larger than the memory.
pub trait Questions: fmt::Debug + Send + Sync {
    /// Where they came from.
    fn source(&self) -> &Source;
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Question `number`, from 0.
    ///
    /// # Errors
    /// A sentence: there is none of that number, or it can no longer be read.
    fn question(&self, number: u32) -> Result<Question, String>;
}

/// Those that come with Fathom.
pub fn bundled() -> Arc<dyn Questions> {
    static SOURCE: OnceLock<Source> = OnceLock::new();
    // The hash of what is asked stands for the texts, which are written from it.
    let source = SOURCE.get_or_init(|| {
        let mut all = String::new();
        for question in (0..samples::COUNT).filter_map(samples::question) {
            all.push_str(&question.context);
            all.push_str(&question.question);
        }
        Source::bundled(samples::LABEL, &all)
    });
    Arc::new(Bundled { source })
}

#[derive(Debug)]
struct Bundled {
    source: &'static Source,
}

impl Questions for Bundled {
    fn source(&self) -> &Source {
        self.source
    }
    fn len(&self) -> usize {
        samples::COUNT
    }
    fn question(&self, number: u32) -> Result<Question, String> {
        let has = samples::COUNT;
        samples::question(number as usize).ok_or_else(|| {
            format!(
                "{} have {has} questions, got number {number}",
                samples::LABEL
            )
        })
    }
}
