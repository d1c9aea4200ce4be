//! A run of the server as its events tell it. Pure.

use std::collections::BTreeMap;

use fathom_shared::api::{Current, RunEvent, RunStatus, RunView};
use fathom_shared::run::Scored;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Failure, FailureKind, Outcome, Transcript};

use super::answer::Answer;

/// What is known of a run. Rows are kept by sample, so that nothing counts twice.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RunState {
    /// The run, once the first event is there.
    pub(crate) run: Option<RunView>,
    /// Its rows.
    pub(crate) rows: BTreeMap<u32, Scored>,
    /// The sample being answered.
    current: Option<Live>,
}

#[derive(Clone, PartialEq, Debug)]
struct Live {
    sample: u32,
    answer: Answer,
}

impl RunState {
    /// Takes in what happened.
    pub(crate) fn apply(&mut self, event: RunEvent, now_ms: f64) {
        match event {
            RunEvent::Snapshot { detail, current } => {
                self.rows = detail
                    .rows
                    .into_iter()
                    .map(|row| (row.transcript.sample, row))
                    .collect();
                self.run = Some(detail.run);
                self.current = current.map(|current| Live::resume(current, now_ms));
            }
            RunEvent::Started { sample } => {
                self.current = Some(Live {
                    sample,
                    answer: Answer::Prefill {
                        done: Tokens(0),
                        total: Tokens(0),
                    },
                });
                self.set_status(RunStatus::Running, None);
            }
            RunEvent::Prefill {
                sample,
                done,
                total,
            } => {
                self.current = Some(Live {
                    sample,
                    answer: Answer::Prefill { done, total },
                });
            }
            RunEvent::Token { sample, text } => match &mut self.current {
                Some(live) if live.sample == sample => live.answer.push(&text, now_ms),
                _ => {
                    let mut answer = Answer::Queued;
                    answer.push(&text, now_ms);
                    self.current = Some(Live { sample, answer });
                }
            },
            RunEvent::Row { row, summary } => {
                let sample = row.transcript.sample;
                self.rows.insert(sample, *row);
                if self.current.as_ref().is_some_and(|c| c.sample == sample) {
                    self.current = None;
                }
                if let Some(run) = &mut self.run {
                    run.summary = summary;
                }
            }
            RunEvent::Status { status, error } => {
                self.set_status(status, error);
                if status.is_final() {
                    self.current = None;
                }
            }
        }
    }

    fn set_status(&mut self, status: RunStatus, error: Option<String>) {
        if let Some(run) = &mut self.run {
            run.status = status;
            run.error = error;
        }
    }

    /// Whether nothing more will happen.
    pub(crate) fn is_final(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.status.is_final())
    }

    /// The answer to `sample`, as far as it is.
    pub(crate) fn answer(&self, sample: u32) -> Answer {
        if let Some(row) = self.rows.get(&sample) {
            return Answer::Over(Box::new(row.clone()));
        }
        if let Some(live) = self.current.as_ref().filter(|c| c.sample == sample) {
            return live.answer.clone();
        }
        let Some(run) = &self.run else {
            return Answer::Queued;
        };
        let last = run.order.first.saturating_add(run.order.count);
        if !(run.order.first..last).contains(&sample) {
            return Answer::Idle;
        }
        if !run.status.is_final() {
            return Answer::Queued;
        }
        let kind = match run.status {
            RunStatus::Cancelled => FailureKind::Cancelled,
            _ => FailureKind::Engine,
        };
        let message = run.error.clone().unwrap_or_else(|| {
            format!(
                "The run ended as {} before this sample.",
                run.status.as_str()
            )
        });
        Answer::Over(Box::new(Scored {
            transcript: Transcript {
                sample,
                prompt_hash: None,
                prompt_tokens: None,
                engine: run.engine.clone(),
                outcome: Outcome::Failed(Failure { kind, message }),
            },
            score: None,
        }))
    }
}

impl Live {
    fn resume(current: Current, now_ms: f64) -> Self {
        let mut answer = Answer::Prefill {
            done: current.done,
            total: current.total,
        };
        if !current.text.is_empty() {
            answer.push(&current.text, now_ms);
        }
        Self {
            sample: current.sample,
            answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::api::{NewRun, RunDetail};
    use fathom_shared::prompt::PromptMode;
    use fathom_shared::stats::Summary;
    use fathom_shared::task::TaskSpec;
    use fathom_shared::transcript::{Completion, EngineInfo, Finish, Timings};

    fn row(sample: u32, text: &str) -> Scored {
        Scored {
            transcript: Transcript {
                sample,
                prompt_hash: None,
                prompt_tokens: None,
                engine: EngineInfo::default(),
                outcome: Outcome::Completed(Completion {
                    text: text.to_owned(),
                    thinking: None,
                    tokens: Tokens(1),
                    finish: Finish::Stop,
                    usage: None,
                    timings: Timings::default(),
                }),
            },
            score: None,
        }
    }

    fn snapshot(rows: Vec<Scored>, current: Option<Current>, status: RunStatus) -> RunEvent {
        let run = RunView {
            id: 1,
            order: NewRun {
                spec: TaskSpec::new("vt", Tokens(1024), 42),
                first: 0,
                count: 3,
                model: "m".to_owned(),
                mode: PromptMode::Chat,
            },
            status,
            error: None,
            engine: EngineInfo::default(),
            created_ms: 0,
            summary: Summary::default(),
        };
        let detail = Box::new(RunDetail { run, rows });
        RunEvent::Snapshot { detail, current }
    }

    #[test]
    fn a_late_page_sees_what_an_early_one_saw() {
        let mut early = RunState::default();
        assert_eq!(early.answer(0).state(), "queued");
        early.apply(snapshot(vec![], None, RunStatus::Queued), 0.0);
        assert_eq!(early.answer(2).state(), "queued");
        early.apply(RunEvent::Started { sample: 0 }, 0.0);
        early.apply(
            RunEvent::Prefill {
                sample: 0,
                done: Tokens(4),
                total: Tokens(8),
            },
            0.0,
        );
        assert_eq!(early.answer(0).state(), "prefill");
        for text in ["a", "b"] {
            let text = text.to_owned();
            early.apply(RunEvent::Token { sample: 0, text }, 1.0);
        }
        let mut late = RunState::default();
        let current = Current {
            sample: 0,
            done: Tokens(8),
            total: Tokens(8),
            text: "ab".to_owned(),
        };
        late.apply(snapshot(vec![], Some(current), RunStatus::Running), 1.0);
        assert_eq!(early.answer(0).text(), late.answer(0).text());
        for state in [&mut early, &mut late] {
            let summary = Summary::default();
            let row = Box::new(row(0, "abc"));
            for _again in 0..2 {
                let row = row.clone();
                state.apply(RunEvent::Row { row, summary }, 2.0);
            }
            assert_eq!((state.rows.len(), &state.current), (1, &None));
            assert_eq!(state.answer(0).text(), "abc");
        }
    }

    #[test]
    fn what_was_never_answered_says_why() {
        let mut state = RunState::default();
        state.apply(snapshot(vec![row(0, "a")], None, RunStatus::Running), 0.0);
        let (status, error) = (RunStatus::Cancelled, None);
        state.apply(RunEvent::Status { status, error }, 0.0);
        assert!(state.is_final());
        assert_eq!(state.answer(0).state(), "done");
        assert_eq!(state.answer(1).state(), "cancelled");
        assert_eq!(state.answer(9).state(), "idle");
    }
}
