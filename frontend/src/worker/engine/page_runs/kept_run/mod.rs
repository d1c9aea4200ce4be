//! A run that the browser keeps: its run spec, its rows and its status. Pure.

mod head; // what is stored of it besides its rows

use std::collections::BTreeMap;

use fathom_shared::api::{
    CurrentSample, RowView, RunEvent, RunPace, RunStatus, RunView, SampleCounts,
};
use fathom_shared::run::{AnswerPace, SampleKey, ScoredTranscript};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Outcome;
use serde::{Deserialize, Serialize};

use crate::protocol::RunAction;
pub(super) use head::{AskedByHand, RunHead};

/// How many rows are sent in one event.
const TOGETHER: usize = 500;
/// The pace is that of the latest rows.
const LATEST: usize = 50;

/// A row as it is stored: a line of the run's file. Of several of one sample the last counts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct KeptRow {
    /// Which sample.
    pub(super) place: SampleKey,
    /// How often it was taken up.
    pub(super) attempts: u32,
    /// What came of it.
    pub(super) row: ScoredTranscript,
    /// When, in milliseconds since 1970 (UTC).
    #[serde(default)]
    pub(super) at_ms: f64,
}

/// The run in memory.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct PageRun {
    /// What is stored of it besides its rows.
    pub(super) head: RunHead,
    /// Why it waits, while it is not being answered.
    pub(super) waits: Option<String>,
    /// Whether this worker answers it.
    pub(super) served: bool,
    /// Whether a request of the page is changing it.
    pub(super) changing: bool,
    rows: BTreeMap<SampleKey, KeptRow>,
    /// How often the samples that are open again were taken up.
    attempts: BTreeMap<SampleKey, u32>,
    current: Option<CurrentSample>,
    seq: i64,
}

impl PageRun {
    /// A run with the rows that it has.
    pub(super) fn new(head: RunHead, rows: Vec<KeptRow>) -> Self {
        let mut run = Self {
            head,
            waits: None,
            served: false,
            changing: false,
            rows: BTreeMap::new(),
            attempts: BTreeMap::new(),
            current: None,
            seq: 1,
        };
        run.read(rows);
        run
    }

    /// Takes the rows that are stored, in place of those that are known.
    pub(super) fn read(&mut self, rows: Vec<KeptRow>) {
        self.rows = rows.into_iter().map(|row| (row.place, row)).collect();
        self.seq = self.seq.max(self.rows.len() as i64 + 1);
    }

    /// The rows, in the order of their samples.
    pub(super) fn rows(&self) -> impl Iterator<Item = &KeptRow> {
        self.rows.values()
    }

    /// The row of a sample.
    pub(super) fn row(&self, place: SampleKey) -> Option<&KeptRow> {
        self.rows.get(&place)
    }

    /// The first sample that is open.
    pub(super) fn open(&self) -> Option<SampleKey> {
        let mut places = self.head.run_spec.grid.places();
        places.find(|place| !self.rows.contains_key(place))
    }

    /// Where it stands.
    pub(super) fn status(&self) -> RunStatus {
        match self.head.held {
            RunStatus::Queued | RunStatus::Paused if self.open().is_none() => RunStatus::Done,
            RunStatus::Queued if self.served => RunStatus::Running,
            held => held,
        }
    }

    /// Does something to it; whether its rows are others than those that are stored.
    pub(super) fn act(&mut self, action: RunAction) -> bool {
        self.seq += 1;
        let before = self.rows.len();
        let over = self.status() == RunStatus::Done;
        match action {
            RunAction::Priority(priority) => self.head.priority = priority,
            RunAction::Cancel if !over => self.head.held = RunStatus::Cancelled,
            RunAction::Pause if !over => self.head.held = RunStatus::Paused,
            RunAction::Cancel | RunAction::Pause => {}
            RunAction::Resume => self.go_on(),
            RunAction::Retry => {
                self.go_on();
                let failed = |row: &KeptRow| row.row.score.is_none();
                let again = self.rows.values().filter(|row| failed(row));
                let again: Vec<_> = again.map(|row| (row.place, row.attempts)).collect();
                self.rows.retain(|_, row| !failed(row));
                self.attempts.extend(again);
            }
        }
        self.rows.len() != before
    }

    fn go_on(&mut self) {
        self.head.held = RunStatus::Queued;
        (self.head.error, self.waits) = (None, None);
    }

    /// It cannot go on.
    pub(super) fn fail(&mut self, why: String) {
        self.seq += 1;
        (self.head.held, self.head.error) = (RunStatus::Failed, Some(why));
    }

    /// A sample is taken up.
    pub(super) fn take(&mut self, place: SampleKey) {
        self.current = Some(CurrentSample::at(place));
    }

    /// Its prompt is being read.
    pub(super) fn read_prompt(&mut self, done: Tokens, total: Tokens) {
        if let Some(current) = &mut self.current {
            (current.done, current.total) = (done, total);
        }
    }

    /// Text of its answer came.
    pub(super) fn wrote(&mut self, text: &str) {
        if let Some(current) = &mut self.current {
            current.text.push_str(text);
        }
    }

    /// A sample's row as it is to be stored.
    pub(super) fn kept(&self, place: SampleKey, row: ScoredTranscript, at_ms: f64) -> KeptRow {
        let before = self.attempts.get(&place).copied();
        // One that is asked by hand may be asked again.
        let before = before.or_else(|| Some(self.rows.get(&place)?.attempts));
        KeptRow {
            place,
            attempts: before.unwrap_or_default() + 1,
            row,
            at_ms,
        }
    }

    /// A sample has its row, which is stored.
    pub(super) fn put(&mut self, row: KeptRow) {
        self.seq += 1;
        self.current = None;
        self.attempts.remove(&row.place);
        self.rows.insert(row.place, row);
    }

    /// No sample is being answered any more.
    pub(super) fn leave(&mut self) {
        self.current = None;
    }

    /// The number of the last thing that happened.
    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    /// The samples that are being answered: one or none.
    pub(super) fn current(&self) -> RunEvent {
        RunEvent::Current {
            current: self.current.iter().cloned().collect(),
        }
    }

    /// Everything that is known of it, as if it had just happened.
    pub(super) fn events(&self) -> Vec<RunEvent> {
        let rows: Vec<RowView> = self.rows.values().map(view).collect();
        let rows = rows.chunks(TOGETHER).map(|rows| RunEvent::Rows {
            rows: rows.to_vec(),
        });
        let run = Box::new(self.view());
        let run = std::iter::once(RunEvent::Run { run });
        run.chain(rows).chain([self.current()]).collect()
    }

    /// A sample as it stands.
    pub(super) fn row_view(&self, place: SampleKey) -> RowView {
        self.row(place).map_or_else(|| RowView::open(place), view)
    }

    /// The run without its rows.
    pub(super) fn view(&self) -> RunView {
        let rows = || self.rows.values().map(|row| &row.row);
        let completed = || {
            rows().filter_map(|row| match &row.transcript.outcome {
                Outcome::Completed(done) => Some(done),
                Outcome::Failed(_) => None,
            })
        };
        let answered = u32::try_from(completed().count()).unwrap_or(u32::MAX);
        let all = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let read = rows().filter_map(|row| row.transcript.prompt_tokens);
        let counts = SampleCounts {
            asked: self.head.run_spec.grid.asked(),
            answered,
            failed: all.saturating_sub(answered),
        };
        RunView {
            id: self.head.id,
            run_spec: self.head.run_spec.clone(),
            priority: self.head.priority,
            status: self.status(),
            error: self.error(counts),
            engine: self.head.engine.clone(),
            created_ms: self.head.created_ms,
            counts,
            prompt_tokens: read.map(|tokens| u64::from(tokens.0)).sum(),
            answer_tokens: completed().map(|done| u64::from(done.tokens.0)).sum(),
            pace: self.run_pace(),
            seq: self.seq,
        }
    }

    /// Why it failed or waits; of one that has failures and no answer the first of them.
    fn error(&self, counts: SampleCounts) -> Option<String> {
        if self.head.error.is_some() {
            return self.head.error.clone();
        }
        if self.status() == RunStatus::Queued && self.waits.is_some() {
            return self.waits.clone();
        }
        if counts.answered > 0 {
            return None;
        }
        let mut failures = self.rows.values().map(|row| &row.row.transcript.outcome);
        failures.find_map(|outcome| match outcome {
            Outcome::Failed(failure) => Some(format!(
                "{} of {} samples failed and none was answered. The first: {}.",
                counts.failed,
                counts.asked,
                failure.message.trim_end_matches('.')
            )),
            Outcome::Completed(_) => None,
        })
    }

    /// Tokens read and written by the latest answers, and the milliseconds that took.
    pub(super) fn pace(&self) -> AnswerPace {
        let rows = self.rows.values().rev().filter_map(|row| {
            let transcript = &row.row.transcript;
            let Outcome::Completed(done) = &transcript.outcome else {
                return None;
            };
            let read = transcript.prompt_tokens.unwrap_or_default();
            let tokens = f64::from(read.0) + f64::from(done.tokens.0);
            Some(AnswerPace {
                answers: 1,
                tokens,
                ms: done.timings.prefill_ms + done.timings.decode_ms,
            })
        });
        rows.take(LATEST).sum()
    }

    fn run_pace(&self) -> RunPace {
        let AnswerPace { tokens, ms, .. } = self.pace();
        if self.status() != RunStatus::Running || ms <= 0.0 || tokens <= 0.0 {
            return RunPace::default();
        }
        let grid = &self.head.run_spec.grid;
        let lengths: Vec<f64> = grid
            .cells()
            .map(|spec| f64::from(spec.max_seq_length.0))
            .collect();
        let open = grid.places().filter(|place| !self.rows.contains_key(place));
        let left: f64 = open
            .filter_map(|place| lengths.get(place.cell as usize))
            .sum();
        RunPace {
            tokens_per_s: Some(tokens * 1000.0 / ms),
            left_ms: Some(left * ms / tokens),
            cost: None,
        }
    }
}

fn view(row: &KeptRow) -> RowView {
    RowView::stored(row.place, &row.row, row.attempts)
}

/// The rows in a run's file; a last line that was only begun is none.
///
/// # Errors
/// A sentence: which line is not one of ours.
pub(super) fn read_rows(text: &str) -> Result<Vec<KeptRow>, String> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines().enumerate();
    let read = lines.map(|(at, line)| {
        let line_number = at + 1;
        let row = serde_json::from_str(line);
        row.map_err(|error| format!("line {line_number} of its rows cannot be read: {error}"))
    });
    read.collect()
}

/// A row as a line.
///
/// # Errors
/// A sentence, of a row that could not be read again: JSON has `null` for a number that is none.
pub(super) fn line(row: &KeptRow) -> Result<Vec<u8>, String> {
    let mut line = serde_json::to_vec(row).map_err(|error| error.to_string())?;
    serde_json::from_slice::<KeptRow>(&line)
        .map_err(|error| format!("the row cannot be stored: {error}"))?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests;
