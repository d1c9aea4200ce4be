//! Texts that are open for reading.

use std::sync::{Arc, Mutex, PoisonError};

use fathom_shared::longbench::QuestionSource;
use fathom_shared::longbench::viewer::WrappedQuestion;

/// Texts that are kept: each has megabytes.
const KEPT: usize = 4;

type Slot = Arc<Mutex<Option<WrappedQuestion>>>;

/// The texts read last, by their number, so that one is not read and wrapped again for each of its
/// windows. A clone is another handle.
#[derive(Clone, Debug, Default)]
pub struct WrappedQuestions {
    kept: Arc<Mutex<Vec<(u32, Slot)>>>,
}

impl WrappedQuestions {
    /// Reads question `number`. Blocks; other callers who want the same text wait for it.
    ///
    /// # Errors
    /// Why the question cannot be had.
    pub fn with<T>(
        &self,
        questions: &dyn QuestionSource,
        number: u32,
        work: impl FnOnce(&mut WrappedQuestion) -> T,
    ) -> Result<T, String> {
        let slot = self.slot(number);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = match &mut *slot {
            Some(reading) => reading,
            empty => empty.insert(WrappedQuestion::new(questions.question(number)?)),
        };
        Ok(work(reading))
    }

    /// Opened last comes last.
    fn slot(&self, number: u32) -> Slot {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = match kept.iter().position(|(at, _)| *at == number) {
            Some(at) => kept.remove(at).1,
            None => Slot::default(),
        };
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((number, Arc::clone(&slot)));
        slot
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use fathom_shared::longbench::{LongBenchQuestion, QuestionCard, bundled};
    use fathom_shared::text_source::TextSource;

    use super::*;

    #[derive(Debug)]
    struct CountedQuestions(Arc<dyn QuestionSource>, AtomicUsize);

    impl QuestionSource for CountedQuestions {
        fn source(&self) -> &TextSource {
            self.0.source()
        }
        fn len(&self) -> usize {
            self.0.len()
        }
        fn cards(&self) -> &[QuestionCard] {
            self.0.cards()
        }
        fn question(&self, number: u32) -> Result<LongBenchQuestion, String> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.question(number)
        }
    }

    #[test]
    fn the_last_texts_stay_open() {
        let set = CountedQuestions(bundled(), AtomicUsize::new(0));
        let readings = WrappedQuestions::default();
        let opened = |number| {
            let id = readings.with(&set, number, |reading| reading.question().id.clone());
            assert_eq!(id.as_ref(), Ok(&set.cards()[number as usize].id));
            set.1.swap(0, Ordering::Relaxed)
        };
        assert_eq!([0, 0, 4, 8, 12, 0].map(opened), [1, 0, 1, 1, 1, 0]);
        // 4 was read longest ago.
        assert_eq!([16, 0, 8, 4].map(opened), [1, 0, 0, 1]);
        let none = readings.with(&set, 99, |_| ());
        assert!(none.unwrap_err().contains("got number 99"));
    }
}
