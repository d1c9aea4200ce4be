//! Why a run failed, or achieved less than it seems: the most common reason for its failures, and
//! answers that are empty or only thinking.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fathom_shared::api::{RunView, SampleCounts};
use fathom_shared::transcript::TextlessAnswer;

use super::Jobs;
use crate::errors::sentence;
use crate::store::{AnswersWithoutText, CommonFailure, StoreError};

/// Runs whose reasons are kept in memory.
const KEPT: usize = 256;

/// Reasons by run, with the run's seq at which they were computed.
#[derive(Default)]
pub(super) struct FailureReasonCache {
    kept: Mutex<HashMap<i64, (i64, Option<String>)>>,
}

impl Jobs {
    /// The most common failure reason of a run without a single answer.
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
    /// empty or only thinking, which is scored as empty. Leaves out what the run's `error` already
    /// says.
    ///
    /// # Errors
    /// The database fails.
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
            let found = self.store.answers_without_text(run.id).await?;
            notes.extend(thought(&found, answered));
            notes.extend(empty(&found, answered));
            notes.extend(end_alone(&found, answered));
        }
        Ok(notes)
    }
}

fn thought(found: &AnswersWithoutText, answered: u32) -> Option<String> {
    let mut note = TextlessAnswer::Thinking.count(found.thinking, answered)?;
    // Answers that ended by themselves had enough tokens.
    if found.thinking_cut > 0 {
        note.push_str(": more room for the answer may help");
    }
    Some(note)
}

/// An endpoint's template may have opened the thought, or not: who asks knows it.
fn end_alone(found: &AnswersWithoutText, answered: u32) -> Option<String> {
    let have = match (found.end_alone, answered) {
        (0, _) => return None,
        (1, 1) => "the one answer has".to_owned(),
        (all, answered) if all == answered => format!("all {all} answers have"),
        (1, answered) => format!("1 of {answered} answers has"),
        (some, answered) => format!("{some} of {answered} answers have"),
    };
    Some(format!(
        "{have} the end of a thought (such as `</think>`) without its beginning: what stands before it is taken for thinking and not scored; say `opens_thinking = false` for the endpoint if its template opens no thought, or true if it does"
    ))
}

/// `all 3 answers are empty; the server says that 128 tokens were thinking: raise …`
fn empty(found: &AnswersWithoutText, answered: u32) -> Option<String> {
    let mut note = TextlessAnswer::Empty.count(found.empty, answered)?;
    if let Some((least, most)) = found.thought {
        let tokens = match (least, most) {
            (1, 1) => "1 token was".to_owned(),
            (least, most) if least == most => format!("{most} tokens were"),
            (least, most) => format!("{least} to {most} tokens were"),
        };
        note.push_str(&format!("; the server says that {tokens} thinking"));
        if found.empty_cut > 0 {
            note.push_str(": raise `thinking_tokens`");
        }
    }
    Some(note)
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
            (1, 1, "the one answer is reasoning only"),
            (4, 4, "all 4 answers are reasoning"),
            (1, 9, "1 of 9 answers is reasoning"),
            (2, 9, "2 of 9 answers are reasoning"),
        ] {
            let found = AnswersWithoutText {
                thinking: empty,
                thinking_cut: 1,
                ..AnswersWithoutText::default()
            };
            let told = thought(&found, answered).unwrap();
            assert!(told.starts_with(says), "{told}");
            assert!(told.ends_with("may help"), "{told}");
            let stopped = AnswersWithoutText {
                thinking_cut: 0,
                ..found
            };
            let told = thought(&stopped, answered).unwrap();
            assert!(told.ends_with("scored as empty"), "{told}");
        }
        assert_eq!(thought(&AnswersWithoutText::default(), 9), None);
    }

    #[test]
    fn empty_answers_are_told_with_what_the_server_says_of_them() {
        let thinking = "all 3 answers are empty; the server says that 128 tokens were thinking";
        for (found, cut, thought, answered, says) in [
            (3, 3, None, 3, "all 3 answers are empty".to_owned()),
            (1, 0, None, 9, "1 of 9 answers is empty".to_owned()),
            (3, 0, Some((128, 128)), 3, thinking.to_owned()),
            (
                3,
                3,
                Some((128, 128)),
                3,
                format!("{thinking}: raise `thinking_tokens`"),
            ),
            (
                2,
                1,
                Some((64, 128)),
                9,
                "2 of 9 answers are empty; the server says that 64 to 128 tokens were thinking: raise `thinking_tokens`".to_owned(),
            ),
        ] {
            let found = AnswersWithoutText {
                empty: found,
                empty_cut: cut,
                thought,
                ..AnswersWithoutText::default()
            };
            assert_eq!(empty(&found, answered), Some(says));
        }
        assert_eq!(empty(&AnswersWithoutText::default(), 9), None);
    }

    #[test]
    fn what_may_have_been_an_answer_is_told() {
        for (found, answered, says) in [
            (1, 1, "the one answer has the end"),
            (4, 4, "all 4 answers have the end"),
            (1, 9, "1 of 9 answers has the end"),
            (2, 9, "2 of 9 answers have the end"),
        ] {
            let found = AnswersWithoutText {
                end_alone: found,
                ..AnswersWithoutText::default()
            };
            let told = end_alone(&found, answered).unwrap();
            assert!(told.starts_with(says), "{told}");
        }
        assert_eq!(end_alone(&AnswersWithoutText::default(), 9), None);
    }
}
