//! Tests of a run that the browser keeps.

use fathom_shared::api::{RowState, RunSpec};
use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::score::score;
use fathom_shared::task::{Metric, TaskSpec};
use fathom_shared::transcript::{
    Completion, EngineInfo, FailureKind, FinishReason, Timings, Transcript,
};

use super::*;

fn head() -> RunHead {
    let mut grid = RunGrid::of(TaskSpec::new("niah_single_1", Tokens(400), 42), 1, 2);
    grid.tasks.push(TaskChoice::new("vt"));
    RunHead {
        id: 3,
        run_spec: RunSpec {
            grid,
            model: "small".to_owned(),
            engine: Default::default(),
            mode: Default::default(),
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
        engine: EngineInfo::default(),
        context: Tokens(2048),
        created_ms: 5,
        held: RunStatus::Queued,
        error: None,
        by_hand: None,
    }
}

fn at(cell: u32, sample: u32) -> SampleKey {
    SampleKey { cell, sample }
}

fn answer(sample: u32) -> ScoredTranscript {
    ScoredTranscript {
        transcript: Transcript {
            sample,
            prompt_hash: Some("hash".to_owned()),
            prompt_tokens: Some(Tokens(300)),
            engine: EngineInfo::default(),
            outcome: Outcome::Completed(Completion {
                text: "7".to_owned(),
                thinking: None,
                thinking_end_alone: false,
                options: Vec::new(),
                tokens: Tokens(20),
                finish: FinishReason::Stop,
                usage: None,
                timings: Timings {
                    prefill_ms: 100.0,
                    decode_ms: 60.0,
                },
            }),
        },
        score: Some(score(Metric::StringMatchAll, "7", &["7".to_owned()])),
    }
}

fn failure(sample: u32) -> ScoredTranscript {
    let (info, kind) = (EngineInfo::default(), FailureKind::Context);
    ScoredTranscript::unasked(sample, &info, kind, "too long".to_owned())
}

/// Puts a row as the worker does: into the file, then into the run.
fn put(run: &mut PageRun, file: &mut String, place: SampleKey, row: ScoredTranscript) {
    let kept = run.kept(place, row, 0.0);
    file.push_str(std::str::from_utf8(&line(&kept).unwrap()).unwrap());
    run.put(kept);
}

#[test]
fn a_run_goes_on_after_a_reload_at_its_first_open_sample() {
    let (mut run, mut file) = (PageRun::new(head(), Vec::new()), String::new());
    assert_eq!(
        (run.status(), run.open()),
        (RunStatus::Queued, Some(at(0, 1)))
    );
    run.served = true;
    put(&mut run, &mut file, at(0, 1), answer(1));
    put(&mut run, &mut file, at(0, 2), failure(2));
    let view = run.view();
    let counts = view.counts;
    assert_eq!((counts.asked, counts.answered, counts.failed), (4, 1, 1));
    assert_eq!((view.prompt_tokens, view.answer_tokens), (300, 20));
    assert_eq!(view.pace.tokens_per_s, Some(2000.0));
    assert_eq!(view.pace.left_ms, Some(400.0));

    // The page was left while a line was written.
    file.push_str(r#"{"place":{"cell":1,"#);
    let again = PageRun::new(head(), read_rows(&file).unwrap());
    assert!(again.rows().eq(run.rows()));
    assert_eq!(
        (again.status(), again.open()),
        (RunStatus::Queued, Some(at(1, 1)))
    );
    assert!(
        read_rows("{}\n")
            .unwrap_err()
            .starts_with("line 1 of its rows")
    );
    assert_eq!(read_rows("").unwrap(), []);
}

#[test]
fn what_is_done_to_a_run_decides_whether_it_goes_on() {
    let (mut run, mut file) = (PageRun::new(head(), Vec::new()), String::new());
    assert!(!run.act(RunAction::Pause));
    assert_eq!(run.status(), RunStatus::Paused);
    run.act(RunAction::Resume);
    run.fail("the storage is full".to_owned());
    assert_eq!(run.view().error.as_deref(), Some("the storage is full"));
    run.act(RunAction::Resume);
    assert_eq!((run.status(), run.view().error), (RunStatus::Queued, None));
    run.act(RunAction::Priority(4));
    assert_eq!(run.view().priority, 4);

    let places: Vec<SampleKey> = run.head.run_spec.grid.places().collect();
    for place in places {
        put(&mut run, &mut file, place, failure(place.sample));
    }
    assert_eq!(run.status(), RunStatus::Done);
    let told = "4 of 4 samples failed and none was answered. The first: too long.";
    assert_eq!(run.view().error.as_deref(), Some(told));
    // One that is over is not held any more.
    run.act(RunAction::Cancel);
    assert_eq!(run.status(), RunStatus::Done);
    assert!(run.act(RunAction::Retry), "the file is to be written anew");
    assert_eq!(
        (run.status(), run.open()),
        (RunStatus::Queued, Some(at(0, 1)))
    );
    put(&mut run, &mut file, at(0, 1), answer(1));
    assert_eq!(run.row_view(at(0, 1)).attempts, 2);
    assert_eq!(run.row_view(at(0, 2)).state, RowState::Open);
}

#[test]
fn everything_that_is_known_is_told_at_once() {
    let (mut run, mut file) = (PageRun::new(head(), Vec::new()), String::new());
    put(&mut run, &mut file, at(0, 1), answer(1));
    run.take(at(0, 2));
    run.read_prompt(Tokens(64), Tokens(300));
    run.wrote("it ");
    run.wrote("is");
    let mut state = crate::state::run_state::RunState::default();
    for event in run.events() {
        state.apply(event, Some(run.seq()), 0.0);
    }
    assert_eq!(state.row(at(0, 1)), Some(run.row_view(at(0, 1))));
    assert_eq!(state.answer(at(0, 2)).text(), "it is");
    assert_eq!(state.under_way(), 1);
}

#[test]
fn a_row_that_could_not_be_read_again_is_refused() {
    let mut row = answer(0);
    let kept =
        |row: &ScoredTranscript| PageRun::new(head(), Vec::new()).kept(at(0, 0), row.clone(), 0.0);
    assert!(line(&kept(&row)).is_ok());
    if let Outcome::Completed(done) = &mut row.transcript.outcome {
        done.timings.prefill_ms = f64::NAN;
    }
    let why = line(&kept(&row)).unwrap_err();
    assert!(why.starts_with("the row cannot be stored: "), "{why}");
}

/// A head by hand that asks `task` about question or sample `first`, of `count`.
fn by_hand(task: &str, questions: Option<&str>, first: u32, count: u32) -> RunHead {
    let spec = TaskSpec::new(task, Tokens(400), 0);
    let mut head = head();
    head.run_spec.grid = RunGrid::of(spec, first, count);
    head.held = RunStatus::Paused;
    head.by_hand = Some(AskedByHand {
        questions: questions.map(str::to_owned),
        cards: Vec::new(),
    });
    head
}

#[test]
fn samples_that_are_asked_one_at_a_time_share_a_run() {
    let mut questions = by_hand("longbench_v2", Some("set"), 0, 24);
    let mut cot = questions.clone();
    let set = &mut cot.run_spec.grid.tasks[0].set;
    set.insert("setting".to_owned(), "cot".to_owned());
    assert!(questions.join(&cot) && questions.join(&cot));
    assert_eq!(questions.run_spec.grid.tasks.len(), 2);
    assert!(!questions.join(&by_hand("longbench_v2", Some("other set"), 0, 24)));
    assert!(!questions.join(&head()), "one with a run spec of its own");
    let mut longer = cot.clone();
    longer.run_spec.grid.lengths = vec![Tokens(800)];
    assert!(!questions.join(&longer));

    // What was not asked stays open, and asking again is another attempt.
    let mut run = PageRun::new(questions, Vec::new());
    run.put(run.kept(at(1, 3), answer(3), 1.0));
    assert_eq!(
        (run.status(), run.open()),
        (RunStatus::Paused, Some(at(0, 0)))
    );
    assert_eq!(run.kept(at(1, 3), answer(3), 2.0).attempts, 2);

    // A sample of the playground is a run of one, which is done then.
    let mut one = by_hand("vt", None, 7, 1);
    assert!(!one.join(&by_hand("vt", None, 8, 1)));
    assert!(one.join(&by_hand("cwe", None, 7, 1)));
    let mut run = PageRun::new(one, Vec::new());
    for cell in [0, 1] {
        run.put(run.kept(at(cell, 7), answer(7), 0.0));
    }
    assert_eq!(run.status(), RunStatus::Done);
}

#[test]
fn what_earlier_versions_stored_is_read() {
    let mut stored = serde_json::to_value(head()).unwrap();
    assert!(stored.get("by_hand").is_none());
    assert_eq!(
        serde_json::from_value::<RunHead>(stored.take()).unwrap(),
        head()
    );
    let run = PageRun::new(head(), Vec::new());
    let mut row = serde_json::to_value(run.kept(at(0, 1), answer(1), 5.0)).unwrap();
    row.as_object_mut().unwrap().remove("at_ms");
    let row: KeptRow = serde_json::from_value(row).unwrap();
    assert_eq!(row.at_ms, 0.0);
}
