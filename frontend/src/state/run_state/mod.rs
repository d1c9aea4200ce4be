//! A run of the server as its events tell it. Pure.

use std::collections::BTreeMap;

use fathom_shared::api::{CurrentSample, RowState, RowView, RunEvent, RunView};
use fathom_shared::run::{SampleKey, ScoredTranscript};
use fathom_shared::transcript::{Failure, FailureKind, Outcome, TextlessAnswer, Transcript};

use super::answer::AnswerState;

/// What is known of a run. Rows are kept by place, so that nothing counts twice.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RunState {
    /// The run, once the first event of it is there.
    pub(crate) run: Option<RunView>,
    cells: BTreeMap<u32, CellRows>,
    /// The samples being answered.
    current: BTreeMap<SampleKey, AnswerState>,
    failed: u32,
    /// How often samples failed, by kind.
    failures: Vec<(FailureKind, u32)>,
    /// Answers that have no text to score, in the order of [`TextlessAnswer::ALL`].
    textless: [u32; 2],
    /// Answers whose thinking had an end and no beginning.
    ends_alone: u32,
    /// Whether the stream has reported the end of the run.
    told_end: bool,
    /// The number of the last event that came by the stream, and of the last with rows.
    seq: i64,
    rows_seq: i64,
}

/// The stored rows of one cell, by sample.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct CellRows {
    /// The rows.
    pub(crate) rows: BTreeMap<u32, RowView>,
    /// Rises with every change, so that what did not change need not be summed up again.
    pub(crate) version: u64,
}

/// What an event means for what was known before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EventEffect {
    /// It adds to it.
    News,
    /// Failures were opened again, so the rows must be received again.
    Stale,
}

impl RunState {
    /// Takes in what happened; `id` is the event's number, where it came by the stream.
    pub(crate) fn apply(&mut self, event: RunEvent, id: Option<i64>, now_ms: f64) -> EventEffect {
        let seq = self.seq.max(id.unwrap_or_default());
        self.seq = seq;
        match event {
            RunEvent::Run { run } => {
                // Only the stream reports the end, because all other events come before it.
                if id.is_some() {
                    self.told_end = run.status.is_final();
                }
                let news = self.run.as_ref().is_none_or(|known| known.seq <= run.seq);
                if !news {
                    return EventEffect::News;
                }
                // Rows that are newer than the run may hold failures that it does not count yet.
                let stale = run.counts.failed < self.failed && run.seq >= self.rows_seq;
                self.run = Some(*run);
                if stale {
                    return EventEffect::Stale;
                }
            }
            RunEvent::Rows { rows } => {
                self.rows_seq = seq;
                rows.into_iter().for_each(|row| self.put(row));
            }
            RunEvent::Current { current } => {
                let mut before = std::mem::take(&mut self.current);
                let now = current.into_iter().map(|current| {
                    // The pace of an answer is known only to who saw it from its beginning.
                    let known = before.remove(&current.place);
                    let known = known.filter(|answer| answer.text() == current.text);
                    (
                        current.place,
                        known.unwrap_or_else(|| resume(&current, now_ms)),
                    )
                });
                self.current = now.collect();
            }
            RunEvent::Prefill { place, done, total } => {
                self.current
                    .insert(place, AnswerState::Prefill { done, total });
            }
            RunEvent::Token { place, text } => {
                let answer = self.current.entry(place).or_insert(AnswerState::Queued);
                answer.push(&text, now_ms);
            }
        }
        EventEffect::News
    }

    fn put(&mut self, row: RowView) {
        let cell = self.cells.entry(row.place.cell).or_default();
        self.current.remove(&row.place);
        let before = cell.rows.insert(row.place.sample, row.clone());
        cell.version += 1;
        self.count(&row, 1);
        if let Some(before) = &before {
            self.count(before, -1);
        }
    }

    /// Counts a row, or takes it off again.
    fn count(&mut self, row: &RowView, by: i32) {
        let add = |count: &mut u32| *count = count.saturating_add_signed(by);
        if row.state == RowState::Failed {
            add(&mut self.failed);
            if let Some(kind) = row.failure {
                let known = self.failures.iter().position(|(one, _)| *one == kind);
                let at = known.unwrap_or_else(|| {
                    self.failures.push((kind, 0));
                    self.failures.len() - 1
                });
                add(&mut self.failures[at].1);
            }
        }
        for (kind, count) in TextlessAnswer::ALL.into_iter().zip(&mut self.textless) {
            if row.textless == Some(kind) {
                add(count);
            }
        }
        if row.end_alone {
            add(&mut self.ends_alone);
        }
    }

    /// How often samples failed, by kind, the commonest first.
    pub(crate) fn failures(&self) -> Vec<(FailureKind, u32)> {
        let mut kinds = self.failures.clone();
        kinds.retain(|(_, count)| *count > 0);
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kinds
    }

    /// How many answers have this in place of a text.
    pub(crate) fn textless(&self, kind: TextlessAnswer) -> u32 {
        let all = TextlessAnswer::ALL.into_iter().zip(self.textless);
        all.filter(|(one, _)| *one == kind).map(|(_, n)| n).sum()
    }

    /// How many answers have a thought with an end and no beginning.
    pub(crate) fn ends_alone(&self) -> u32 {
        self.ends_alone
    }

    /// Forgets everything but the run, to receive its rows again from the beginning.
    pub(crate) fn forget_rows(&mut self) {
        let run = self.run.take();
        *self = Self {
            run,
            ..Self::default()
        };
    }

    /// The number of the last event that the stream brought.
    pub(crate) fn seq(&self) -> i64 {
        self.seq
    }

    /// What is stored of a cell.
    pub(crate) fn cell(&self, cell: u32) -> Option<&CellRows> {
        self.cells.get(&cell)
    }

    /// Where a sample stands; nothing for one that is not part of the run.
    pub(crate) fn row(&self, place: SampleKey) -> Option<RowView> {
        let cell = self.cell(place.cell);
        let stored = cell.and_then(|cell| cell.rows.get(&place.sample));
        stored.cloned().or_else(|| self.unanswered(place))
    }

    /// A sample that has neither answer nor failure.
    pub(crate) fn unanswered(&self, place: SampleKey) -> Option<RowView> {
        let leased = self.current(place).is_some();
        self.asks(place).then_some(RowView {
            place,
            state: match leased {
                true => RowState::Leased,
                false => RowState::Open,
            },
            score: None,
            failure: None,
            textless: None,
            end_alone: false,
            source: None,
            attempts: 0,
        })
    }

    /// Whether the run asks this sample.
    pub(crate) fn asks(&self, place: SampleKey) -> bool {
        self.run.as_ref().is_some_and(|run| {
            let grid = &run.run_spec.grid;
            let samples = grid.first..grid.first.saturating_add(grid.count);
            (place.cell as usize) < grid.len() && samples.contains(&place.sample)
        })
    }

    /// Whether nothing more will happen.
    pub(crate) fn is_final(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.status.is_final())
    }

    /// Whether the stream has nothing more to report; for a stopped run, once none of its samples is
    /// being answered.
    pub(crate) fn is_told(&self) -> bool {
        self.told_end && self.current.is_empty()
    }

    /// How many samples are being answered, as far as this server knows.
    pub(crate) fn under_way(&self) -> usize {
        self.current.len()
    }

    /// An answer that is being written; of a run that has ended none is kept.
    fn current(&self, place: SampleKey) -> Option<&AnswerState> {
        self.current.get(&place).filter(|_| !self.is_final())
    }

    /// The answer to a sample, as far as it is; the text of a stored one comes by itself.
    pub(crate) fn answer(&self, place: SampleKey) -> AnswerState {
        let stored = self.cell(place.cell);
        if stored.is_some_and(|cell| cell.rows.contains_key(&place.sample)) {
            return AnswerState::Stored;
        }
        if let Some(answer) = self.current(place) {
            return answer.clone();
        }
        let Some(run) = &self.run else {
            return AnswerState::Queued;
        };
        if !self.asks(place) {
            return AnswerState::Idle;
        }
        if !run.status.is_final() {
            return AnswerState::Queued;
        }
        let message = run.error.clone().unwrap_or_else(|| {
            let status = run.status.as_str();
            format!("The run ended ({status}) before it reached this sample.")
        });
        let kind = match run.error {
            Some(_) => FailureKind::Engine,
            None => FailureKind::Cancelled,
        };
        AnswerState::Over(Box::new(ScoredTranscript {
            transcript: Transcript {
                sample: place.sample,
                prompt_hash: None,
                prompt_tokens: None,
                engine: run.engine.clone(),
                outcome: Outcome::Failed(Failure { kind, message }),
            },
            score: None,
        }))
    }
}

fn resume(current: &CurrentSample, now_ms: f64) -> AnswerState {
    let mut answer = AnswerState::Prefill {
        done: current.done,
        total: current.total,
    };
    if !current.text.is_empty() {
        answer.push(&current.text, now_ms);
    }
    answer
}

#[cfg(test)]
pub(crate) mod tests;
