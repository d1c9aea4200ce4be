//! Tests of the loop with a scripted engine and rows in memory.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::corpora::Corpora;
use crate::longbench::LongBenchSetting;
use crate::run::TaskChoice;
use crate::task::{TaskSpec, longbench_v2};
use crate::tokens::TokenCounter;
use crate::transcript::{Completion, FinishReason, Timings};

/// What the engine does with a prompt.
#[derive(Clone, Copy, Debug)]
enum Reply {
    /// Writes this text.
    Text(&'static str),
    /// Fails on this prompt.
    Fails,
    /// Is cancelled during this prompt.
    IsStopped,
    /// Fails so that the run cannot continue.
    Breaks,
}

/// Replies in order, repeating the last one; and the rows by their keys.
struct ScriptedRun {
    grid: RunGrid,
    replies: Vec<Reply>,
    prompts: Vec<String>,
    cancelled: bool,
    /// The sample whose making panics.
    breaks_at: Option<u32>,
    rows: BTreeMap<SampleKey, ScoredTranscript>,
    given_back: Vec<SampleKey>,
}

impl RunEngine for ScriptedRun {
    async fn complete(&mut self, request: &SampleRequest) -> Result<EngineAnswer, String> {
        let at = self.prompts.len().min(self.replies.len() - 1);
        self.prompts.push(request.prompt.text.clone());
        let text = match self.replies[at] {
            Reply::Text(text) => text,
            Reply::Fails => {
                let kind = FailureKind::Timeout;
                return Ok(EngineAnswer::failed(Some(Tokens(3)), kind, "late"));
            }
            Reply::IsStopped => {
                self.cancelled = true;
                let kind = FailureKind::Cancelled;
                return Ok(EngineAnswer::failed(None, kind, "stopped"));
            }
            Reply::Breaks => return Err("the device is gone".to_owned()),
        };
        Ok(EngineAnswer {
            prompt_tokens: Some(Tokens(7)),
            outcome: Outcome::Completed(Completion {
                text: text.to_owned(),
                thinking: None,
                thinking_end_alone: false,
                options: Vec::new(),
                tokens: Tokens(1),
                finish: FinishReason::Stop,
                usage: None,
                timings: Timings::default(),
            }),
        })
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        let done = work();
        let number = u32::try_from(self.rows.len()).unwrap();
        match self.breaks_at == Some(number) {
            true => Err("the script fell over".to_owned()),
            false => Ok(done),
        }
    }
}

impl RunRows for ScriptedRun {
    async fn next(&mut self) -> Result<Option<SampleKey>, String> {
        let open = |key: &SampleKey| !self.rows.contains_key(key);
        Ok(self.grid.places().find(open).filter(|_| !self.cancelled))
    }

    async fn store(&mut self, key: SampleKey, row: ScoredTranscript) -> Result<bool, String> {
        self.rows.insert(key, row);
        Ok(true)
    }

    async fn give_back(&mut self, key: SampleKey) {
        self.given_back.push(key);
    }
}

/// Runs a future that never waits.
fn now<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("it waits"),
    }
}

fn two_by_two() -> RunGrid {
    let mut grid = RunGrid::of(TaskSpec::new("niah_single_1", Tokens(2000), 7), 1, 2);
    grid.tasks.push(TaskChoice::new("vt"));
    grid
}

fn scripted(grid: RunGrid, replies: &[Reply]) -> ScriptedRun {
    ScriptedRun {
        grid,
        replies: replies.to_vec(),
        prompts: Vec::new(),
        cancelled: false,
        breaks_at: None,
        rows: BTreeMap::new(),
        given_back: Vec::new(),
    }
}

fn answered(run: &mut ScriptedRun) -> Result<(), String> {
    answered_in(PromptMode::Completion, run)
}

fn answered_in(mode: PromptMode, run: &mut ScriptedRun) -> Result<(), String> {
    let starts = |text: &str| (0..text.len()).step_by(4).collect();
    let counter = TokenCounter::new("bytes", |text| text.len() / 4, starts);
    let corpora = Corpora::default();
    let grid = run.grid.clone();
    let setup = RunSetup {
        grid: &grid,
        mode,
        dialogue: DialogueRenderer::Unknown,
        engine: EngineInfo::default(),
        generator_context: GeneratorContext {
            counter: &counter,
            corpora: &corpora,
        },
    };
    now(answer_rows(&setup, run))
}

fn failure(row: &ScoredTranscript) -> (FailureKind, &str) {
    match &row.transcript.outcome {
        Outcome::Failed(failure) => (failure.kind, &failure.message),
        Outcome::Completed(done) => panic!("it was answered: {done:?}"),
    }
}

#[test]
fn chat_mode_without_a_chat_template_is_the_runs_own_fault() {
    let mut run = scripted(two_by_two(), &[Reply::Text("nothing")]);
    let why = answered_in(PromptMode::Chat, &mut run).unwrap_err();
    assert_eq!(why, ChatError::Missing.to_string());
    assert!(run.prompts.is_empty() && run.rows.is_empty() && run.given_back.is_empty());
}

#[test]
fn every_sample_of_every_cell_has_its_row() {
    let mut run = scripted(two_by_two(), &[Reply::Text("nothing"), Reply::Fails]);
    assert_eq!(answered(&mut run), Ok(()));
    let keys: Vec<(u32, u32)> = run.rows.keys().map(|key| (key.cell, key.sample)).collect();
    assert_eq!(keys, [(0, 1), (0, 2), (1, 1), (1, 2)]);
    let rows: Vec<&ScoredTranscript> = run.rows.values().collect();
    let score = rows[0].score.as_ref().unwrap();
    assert_eq!(score.value, 0.0);
    assert!(!score.parts.is_empty(), "where the needle stood is kept");
    assert_eq!(rows[0].transcript.prompt_tokens, Some(Tokens(7)));
    assert_eq!(failure(rows[1]), (FailureKind::Timeout, "late"));
    assert_eq!(
        (rows[1].score.as_ref(), rows[1].transcript.sample),
        (None, 2)
    );
    assert_eq!(run.given_back, []);
}

#[test]
fn a_run_goes_on_at_the_row_where_it_was_left() {
    let whole = {
        let mut run = scripted(two_by_two(), &[Reply::Text("x")]);
        answered(&mut run).unwrap();
        run
    };
    let mut run = scripted(two_by_two(), &[Reply::Text("x"), Reply::IsStopped]);
    assert_eq!(answered(&mut run), Ok(()));
    let left = SampleKey { cell: 0, sample: 2 };
    assert_eq!((run.rows.len(), &*run.given_back), (1, &[left][..]));
    (run.cancelled, run.replies) = (false, vec![Reply::Text("x")]);
    assert_eq!(answered(&mut run), Ok(()));
    assert_eq!(run.rows, whole.rows);
    // Only the abandoned prompt is asked again.
    assert_eq!(run.prompts[1], run.prompts[2]);
    assert_eq!(run.prompts[2..], whole.prompts[1..]);
}

#[test]
fn a_sample_that_cannot_be_made_is_a_failure_and_the_others_go_on() {
    let mut grid = two_by_two();
    grid.tasks[0].task = "custom".to_owned();
    grid.tasks[0].script = Some(
        r#"fn about() { #{ title: "t" } } fn generate(ctx) { throw "no sample today" }"#.to_owned(),
    );
    let mut run = scripted(grid, &[Reply::Text("x")]);
    assert_eq!(answered(&mut run), Ok(()));
    let rows: Vec<&ScoredTranscript> = run.rows.values().collect();
    for row in &rows[..2] {
        let (kind, message) = failure(row);
        assert_eq!(kind, FailureKind::Prompt);
        assert!(message.contains("no sample today"), "{message}");
        assert_eq!(row.transcript.prompt_hash, None);
    }
    assert!(rows[2..].iter().all(|row| row.score.is_some()));
    assert_eq!(run.prompts.len(), 2);
}

#[test]
fn what_breaks_off_is_that_samples_failure() {
    let mut run = scripted(two_by_two(), &[Reply::Text("x")]);
    run.breaks_at = Some(1);
    assert_eq!(answered(&mut run), Ok(()));
    let rows: Vec<&ScoredTranscript> = run.rows.values().collect();
    let broke = "making the sample failed: the script fell over";
    assert_eq!(failure(rows[1]), (FailureKind::Prompt, broke));
    assert_eq!(rows.iter().filter(|row| row.score.is_some()).count(), 3);
}

#[test]
fn an_engine_that_breaks_ends_the_run_and_gives_the_sample_back() {
    let mut run = scripted(two_by_two(), &[Reply::Text("x"), Reply::Breaks]);
    let ended = answered(&mut run);
    assert_eq!(ended, Err("the device is gone".to_owned()));
    assert_eq!(run.rows.len(), 1);
    assert_eq!(run.given_back, [SampleKey { cell: 0, sample: 2 }]);
}

#[test]
fn thoughts_are_followed_by_the_second_call() {
    let choice = TaskChoice {
        set: longbench_v2::options(LongBenchSetting::Cot),
        ..TaskChoice::new(longbench_v2::ID)
    };
    let grid = RunGrid::of(choice.spec(Tokens(3000), 0), 0, 1);
    let thought = "First this, then that.";
    let replies = [
        Reply::Text(thought),
        Reply::Text("The correct answer is (B)"),
    ];
    let mut run = scripted(grid.clone(), &replies);
    assert_eq!(answered(&mut run), Ok(()));
    assert_eq!((run.rows.len(), run.prompts.len()), (1, 2));
    assert!(run.prompts[1].contains(thought));
    let row = run.rows.values().next().unwrap();
    assert_eq!(row.score.as_ref().map(|score| score.value), Some(1.0));
    let Outcome::Completed(done) = &row.transcript.outcome else {
        panic!("failed")
    };
    assert_eq!(done.thinking.as_deref(), Some(thought));

    // Cancelled during the second call, the sample is as open as before.
    let mut run = scripted(grid, &[Reply::Text(thought), Reply::IsStopped]);
    assert_eq!(answered(&mut run), Ok(()));
    assert_eq!((run.rows.len(), run.given_back.len()), (0, 1));
}
