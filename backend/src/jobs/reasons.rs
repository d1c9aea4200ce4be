//! Why a run comes to nothing: the commonest reason of its failures, while nothing else came.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fathom_shared::api::RunView;

use super::Jobs;
use crate::errors::sentence;
use crate::store::{Failures, StoreError};

/// Runs whose reasons are kept in memory.
const KEPT: usize = 256;

/// Reasons by run, with the run's seq that they are of.
#[derive(Default)]
pub(super) struct Reasons {
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
        let reason = failures.map(|found| told(failed, run.counts.open(), &found));
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT
            && let Some(oldest) = kept.keys().min().copied()
        {
            kept.remove(&oldest);
        }
        kept.insert(run.id, (run.seq, reason.clone()));
        Ok(reason)
    }
}

fn told(failed: u32, open: u32, found: &Failures) -> String {
    let Failures {
        of,
        alike,
        ref example,
    } = *found;
    let so_far = if open > 0 { " so far" } else { "" };
    let all = match failed {
        1 => format!("the one sample{so_far} failed"),
        n => format!("all {n} samples{so_far} failed"),
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
        let found = |of, alike| Failures {
            of,
            alike,
            example: Failure {
                kind: FailureKind::Refused,
                message: "no key".to_owned(),
            },
        };
        for (failed, open, found, says) in [
            (20, 0, found(20, 20), "all 20 samples failed: no key"),
            (1, 0, found(1, 1), "the one sample failed: no key"),
            (
                20,
                5,
                found(20, 18),
                "all 20 samples so far failed, 18 of them alike: no key",
            ),
            (
                900,
                0,
                found(500, 300),
                "all 900 samples failed, 300 of the last 500 alike: no key",
            ),
        ] {
            assert_eq!(told(failed, open, &found), says);
        }
    }
}
