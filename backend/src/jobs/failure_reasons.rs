//! Why a run comes to nothing, or to less than it seems: the commonest reason of its failures, and
//! answers that are all thinking.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fathom_shared::api::{RunView, SampleCounts};

use super::Jobs;
use crate::errors::sentence;
use crate::store::{CommonFailure, StoreError};

/// Runs whose reasons are kept in memory.
const KEPT: usize = 256;

/// Reasons by run, with the run's seq that they are of.
#[derive(Default)]
pub(super) struct FailureReasonCache {
    kept: Mutex<HashMap<i64, (i64, Option<String>)>>,
}

impl Jobs {
    /// The commonest reason of a run that has failures and not one answer.
    pub(super) async fn reason(&self, run: &RunView) -> Result<Option<String>, StoreError> {
        let (answered, failed) = (run.counts.answered, run.counts.failed);
        if answered > 0 || failed == 0 {
            return Ok(None);
        }
        let kept = &self.reasons.kept;
        let known = kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&run.id)
            .cloned();
        if let Some((_, reason)) = known.filter(|(of, _)| *of == run.seq) {
            return Ok(reason);
        }
        let failures = self.store.failures(run.id).await?;
        let reason = failures.map(|found| told(run.counts, &found));
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT
            && let Some(oldest) = kept.keys().min().copied()
        {
            kept.remove(&oldest);
        }
        kept.insert(run.id, (run.seq, reason.clone()));
        Ok(reason)
    }

    /// What a reader of a run's figures should know: why samples failed, and how many answers are
    /// thinking and nothing else, which are scored as empty. Nothing that its `error` says.
    ///
    /// # Errors
    /// A failing database.
    pub async fn notes(&self, run: &RunView) -> Result<Vec<String>, StoreError> {
        let SampleCounts {
            answered, failed, ..
        } = run.counts;
        let mut notes = Vec::new();
        if failed > 0 && answered > 0 {
            let failures = self.store.failures(run.id).await?;
            notes.extend(failures.map(|found| told(run.counts, &found)));
        }
        if answered > 0 {
            let empty = self.store.all_thinking(run.id).await?;
            notes.extend(thought(empty, answered));
        }
        Ok(notes)
    }
}

fn thought(empty: u32, answered: u32) -> Option<String> {
    let what = match (empty, answered) {
        (0, _) => return None,
        (1, 1) => "the one answer is".to_owned(),
        (all, answered) if all == answered => format!("all {all} answers are"),
        (1, answered) => format!("1 of {answered} answers is"),
        (some, answered) => format!("{some} of {answered} answers are"),
    };
    Some(format!(
        "{what} thinking and nothing else, scored as empty: more room for the answer may help"
    ))
}

fn told(counts: SampleCounts, found: &CommonFailure) -> String {
    let CommonFailure {
        of,
        alike,
        ref example,
    } = *found;
    let SampleCounts {
        answered, failed, ..
    } = counts;
    let so_far = match counts.open() {
        0 => "",
        _ => " so far",
    };
    let all = match (failed, failed + answered) {
        (1, 1) => format!("the one sample{so_far} failed"),
        (n, all) if n == all => format!("all {n} samples{so_far} failed"),
        (n, all) => format!("{n} of {all} samples{so_far} failed"),
    };
    let share = match (alike == of, of == failed as usize) {
        (true, _) => String::new(),
        (false, true) => format!(", {alike} of them alike"),
        (false, false) => format!(", {alike} of the last {of} alike"),
    };
    format!("{all}{share}: {}", sentence(&example.message))
}

#[cfg(test)]
mod tests {
    use fathom_shared::transcript::{Failure, FailureKind};

    use super::*;

    #[test]
    fn it_is_said_how_many_and_why() {
        let found = |of, alike| CommonFailure {
            of,
            alike,
            example: Failure {
                kind: FailureKind::Refused,
                message: "no key".to_owned(),
            },
        };
        for (answered, failed, open, found, says) in [
            (0, 20, 0, found(20, 20), "all 20 samples failed: no key"),
            (0, 1, 0, found(1, 1), "the one sample failed: no key"),
            (5, 1, 0, found(1, 1), "1 of 6 samples failed: no key"),
            (
                2,
                3,
                1,
                found(3, 2),
                "3 of 5 samples so far failed, 2 of them alike: no key",
            ),
            (
                0,
                20,
                5,
                found(20, 18),
                "all 20 samples so far failed, 18 of them alike: no key",
            ),
            (
                0,
                900,
                0,
                found(500, 300),
                "all 900 samples failed, 300 of the last 500 alike: no key",
            ),
        ] {
            let counts = SampleCounts {
                asked: answered + failed + open,
                answered,
                failed,
            };
            assert_eq!(told(counts, &found), says);
        }
    }

    #[test]
    fn answers_without_a_word_outside_the_thinking_are_told() {
        for (empty, answered, says) in [
            (1, 1, "the one answer is thinking and nothing else"),
            (4, 4, "all 4 answers are thinking"),
            (1, 9, "1 of 9 answers is thinking"),
            (2, 9, "2 of 9 answers are thinking"),
        ] {
            let told = thought(empty, answered).unwrap();
            assert!(told.starts_with(says), "{told}");
        }
        assert_eq!(thought(0, 9), None);
    }
}
