use fathom_shared::api::{RunPace, RunSpec, RunStatus, SampleCounts};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::EngineInfo;

use super::*;

/// Two tasks × one length × two seeds × three samples.
pub(crate) fn run(status: RunStatus, failed: u32, seq: i64) -> RunView {
    let grid = RunGrid {
        tasks: vec![TaskChoice::new("vt"), TaskChoice::new("niah_single_1")],
        lengths: vec![Tokens(1024)],
        seeds: vec![42, 43],
        first: 0,
        count: 3,
    };
    RunView {
        id: 1,
        run_spec: RunSpec {
            grid,
            model: "m".to_owned(),
            engine: EngineKind::default(),
            mode: PromptMode::Chat,
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
        status,
        error: None,
        engine: EngineInfo::default(),
        created_ms: 0,
        counts: SampleCounts {
            asked: 12,
            answered: 0,
            failed,
        },
        prompt_tokens: 0,
        answer_tokens: 0,
        pace: RunPace::default(),
        seq,
    }
}

pub(crate) fn told(status: RunStatus, failed: u32, seq: i64) -> RunEvent {
    let run = Box::new(run(status, failed, seq));
    RunEvent::Run { run }
}

pub(crate) fn at(cell: u32, sample: u32) -> SampleKey {
    SampleKey { cell, sample }
}

pub(crate) fn row(place: SampleKey, score: Option<f64>) -> RowView {
    RowView {
        place,
        state: match score {
            Some(_) => RowState::Answered,
            None => RowState::Failed,
        },
        score,
        failure: score.is_none().then_some(FailureKind::Engine),
        textless: None,
        end_alone: false,
        source: None,
        attempts: 1,
    }
}

pub(crate) fn rows(rows: Vec<RowView>) -> RunEvent {
    RunEvent::Rows { rows }
}

#[test]
fn a_late_page_sees_what_an_early_one_saw() {
    let place = at(0, 0);
    let mut early = RunState::default();
    assert_eq!(early.answer(place).state(), "queued");
    early.apply(told(RunStatus::Queued, 0, 1), Some(1), 0.0);
    assert_eq!(early.answer(at(0, 2)).state(), "queued");
    let (done, total) = (Tokens(4), Tokens(8));
    early.apply(RunEvent::Prefill { place, done, total }, None, 0.0);
    assert_eq!(early.answer(place).state(), "prefill");
    for text in ["a", "b"] {
        let text = text.to_owned();
        early.apply(RunEvent::Token { place, text }, None, 1.0);
    }
    let mut late = RunState::default();
    late.apply(told(RunStatus::Running, 0, 2), Some(2), 1.0);
    let current = vec![CurrentSample {
        done: total,
        total,
        text: "ab".to_owned(),
        ..CurrentSample::at(place)
    }];
    late.apply(RunEvent::Current { current }, None, 1.0);
    assert_eq!(early.answer(place).text(), late.answer(place).text());
    for state in [&mut early, &mut late] {
        for _again in 0..2 {
            state.apply(rows(vec![row(place, Some(1.0))]), Some(3), 2.0);
        }
        assert_eq!(state.cell(0).unwrap().rows.len(), 1);
        assert!(state.current.is_empty());
        assert_eq!(state.answer(place), AnswerState::Stored);
    }
}

#[test]
fn what_was_never_answered_says_why() {
    let mut state = RunState::default();
    // Rows come before the run that counts them.
    state.apply(rows(vec![row(at(0, 0), Some(1.0))]), Some(3), 0.0);
    state.apply(told(RunStatus::Cancelled, 0, 3), Some(3), 0.0);
    assert!(state.is_final());
    assert_eq!(state.answer(at(0, 0)), AnswerState::Stored);
    assert_eq!(state.answer(at(0, 1)).state(), "cancelled");
    assert_eq!(state.answer(at(0, 9)).state(), "idle");
    assert_eq!(state.answer(at(4, 0)).state(), "idle");
    assert_eq!(state.row(at(0, 1)).unwrap().state, RowState::Open);
    assert_eq!(state.row(at(4, 1)), None);
}

#[test]
fn a_run_that_was_stopped_is_heard_until_nobody_is_at_it() {
    let (place, current) = (at(0, 1), |places: &[SampleKey]| RunEvent::Current {
        current: places.iter().copied().map(CurrentSample::at).collect(),
    });
    let mut state = RunState::default();
    state.apply(told(RunStatus::Running, 0, 1), Some(1), 0.0);
    state.apply(current(&[place]), Some(1), 0.0);
    assert_eq!(state.row(place).unwrap().state, RowState::Leased);
    // The answer to whoever stopped it, then the stream's own word.
    state.apply(told(RunStatus::Cancelled, 0, 2), None, 0.0);
    assert_eq!((state.under_way(), state.is_told()), (1, false));
    state.apply(told(RunStatus::Cancelled, 0, 2), Some(2), 0.0);
    assert_eq!((state.under_way(), state.is_told()), (1, false));
    assert_eq!(state.answer(place).state(), "cancelled");
    assert_eq!(state.row(place).unwrap().state, RowState::Open);
    state.apply(current(&[]), Some(2), 0.0);
    assert_eq!((state.under_way(), state.is_told()), (0, true));
    // What the stream has not told yet is waited for.
    let mut state = RunState::default();
    state.apply(told(RunStatus::Cancelled, 0, 2), None, 0.0);
    assert!(state.is_final() && !state.is_told());
}

#[test]
fn failures_that_are_opened_again_make_the_rows_stale() {
    let mut state = RunState::default();
    state.apply(rows(vec![row(at(0, 0), None)]), Some(5), 0.0);
    // A run that was read before the failure was stored does not count it yet.
    let before = state.apply(told(RunStatus::Running, 0, 4), Some(5), 0.0);
    assert_eq!(before, EventEffect::News);
    let counted = state.apply(told(RunStatus::Running, 1, 5), Some(5), 0.0);
    assert_eq!(counted, EventEffect::News);
    let opened = state.apply(told(RunStatus::Queued, 0, 6), Some(6), 0.0);
    assert_eq!(opened, EventEffect::Stale);
    // An answer takes the failure's place, and what is older than what is known is no news.
    let mut state = RunState::default();
    state.apply(rows(vec![row(at(0, 0), None)]), Some(5), 0.0);
    state.apply(rows(vec![row(at(0, 0), Some(0.5))]), Some(7), 0.0);
    let answered = state.apply(told(RunStatus::Done, 0, 7), Some(7), 0.0);
    assert_eq!(answered, EventEffect::News);
    state.apply(told(RunStatus::Running, 0, 6), None, 0.0);
    assert!(state.is_final());
}
