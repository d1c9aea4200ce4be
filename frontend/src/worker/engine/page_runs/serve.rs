//! The model's turns at runs: the page's side of the loop that answers them.

use std::cell::RefCell;
use std::rc::Rc;

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::{GenerationEvent, TextGenerator};
use fathom_shared::api::RunEvent;
use fathom_shared::run::{
    EngineAnswer, RunEngine, RunRows, RunSetup, SampleKey, SampleRequest, ScoredTranscript,
    answer_rows,
};
use fathom_shared::task::GeneratorContext;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, FailureKind, Outcome};
use wasm_bindgen_futures::spawn_local;

use super::super::complete::complete;
use super::super::page_model::PageModel;
use super::super::{EngineWork, EngineWorker, sleep};
use super::exclusive_access::rows_file;
use super::files::RowsFile;
use super::kept_run::PageRun;
use super::{by_hand, guarded, tell, tell_event, tell_run};

/// Looks whether a run can be answered now, and answers it.
pub(in crate::worker::engine) fn wake(bench: &Rc<RefCell<EngineWorker>>) {
    let bench = Rc::clone(bench);
    spawn_local(async move {
        while let Some(turn) = turn(&bench) {
            serve(&bench, turn).await;
            tell(&bench);
        }
    });
}

/// A run that has the model.
struct RunTurn {
    id: i64,
    info: EngineInfo,
    generator: TextGenerator<PageModel>,
}

/// The run that goes first, where the model is free for it.
fn turn(bench: &RefCell<EngineWorker>) -> Option<RunTurn> {
    let mut bench = bench.borrow_mut();
    if bench.work.is_some() || bench.waiting > 0 {
        return None;
    }
    let info = bench.loaded.as_ref()?.engine.clone();
    let id = bench.runs.first(&info)?;
    let generator = bench.generator.take()?;
    bench.work = Some(EngineWork::Run(CancelFlag::default()));
    if let Some(run) = bench.runs.get_mut(id) {
        run.served = true;
    }
    Some(RunTurn {
        id,
        info,
        generator,
    })
}

async fn serve(bench: &RefCell<EngineWorker>, turn: RunTurn) {
    let RunTurn {
        id,
        info,
        mut generator,
    } = turn;
    tell_run(bench, id);
    let (mut lost, mut waits) = (false, None);
    let answered = match rows_file(bench, id).await {
        Ok(file) => answer(bench, id, &info, &mut generator, file, &mut lost).await,
        Err(why) => {
            waits = Some(why);
            Ok(())
        }
    };
    let head = {
        let mut bench = bench.borrow_mut();
        bench.put_back(generator, lost);
        let run = bench.runs.get_mut(id);
        run.and_then(|run| {
            (run.served, run.waits) = (false, waits);
            run.leave();
            answered.err().map(|why| {
                run.fail(why);
                run.head.clone()
            })
        })
    };
    tell_run(bench, id);
    if let Some(head) = head {
        let files = bench.borrow().runs.files();
        if let Ok(files) = files
            && let Err(why) = files.save(&head).await
        {
            web_sys::console::error_1(&why.into());
        }
    }
}

async fn answer(
    bench: &RefCell<EngineWorker>,
    id: i64,
    info: &EngineInfo,
    generator: &mut TextGenerator<PageModel>,
    file: RowsFile,
    lost: &mut bool,
) -> Result<(), String> {
    let (made_with, run_spec) = {
        let mut bench = bench.borrow_mut();
        let made_with = bench.runs.made_with(generator.model(), info)?;
        let run = bench.runs.get_mut(id).ok_or("the run was deleted")?;
        (made_with, run.head.run_spec.clone())
    };
    made_with.check(&run_spec)?;
    let setup = RunSetup {
        grid: &run_spec.grid,
        mode: run_spec.mode,
        dialogue: made_with.tokenizer.dialogue.clone(),
        engine: info.clone(),
        generator_context: GeneratorContext {
            counter: &made_with.tokenizer.counter,
            corpora: &made_with.corpora,
        },
    };
    let mut rows = StoredRows {
        bench,
        id,
        info,
        generator,
        file,
        cancel: CancelFlag::default(),
        lost,
    };
    answer_rows(&setup, &mut rows).await
}

/// The rows of one run, and the model.
struct StoredRows<'a> {
    bench: &'a RefCell<EngineWorker>,
    id: i64,
    info: &'a EngineInfo,
    generator: &'a mut TextGenerator<PageModel>,
    file: RowsFile,
    /// Rises when the sample that is being answered is to be left.
    cancel: CancelFlag,
    /// Whether the adapter went away.
    lost: &'a mut bool,
}

impl StoredRows<'_> {
    fn with_run(&self, change: impl FnOnce(&mut PageRun)) {
        if let Some(run) = self.bench.borrow_mut().runs.get_mut(self.id) {
            change(run);
        }
    }
}

impl RunRows for StoredRows<'_> {
    async fn next(&mut self) -> Result<Option<SampleKey>, String> {
        // What the page said meanwhile is heard first.
        sleep(0).await;
        let place = {
            let mut bench = self.bench.borrow_mut();
            if bench.waiting > 0 || bench.runs.first(self.info) != Some(self.id) {
                return Ok(None);
            }
            self.cancel = CancelFlag::default();
            bench.work = Some(EngineWork::Run(self.cancel.clone()));
            let run = bench.runs.get_mut(self.id);
            run.and_then(|run| {
                let place = run.open()?;
                run.take(place);
                Some((place, run.seq(), run.current()))
            })
        };
        Ok(place.map(|(place, seq, event)| {
            tell_event(self.id, seq, event);
            place
        }))
    }

    async fn store(&mut self, place: SampleKey, row: ScoredTranscript) -> Result<bool, String> {
        let kept = {
            let mut bench = self.bench.borrow_mut();
            let run = bench.runs.get_mut(self.id);
            run.map(|run| run.kept(place, row, js_sys::Date::now()))
        };
        let Some(kept) = kept else { return Ok(false) };
        self.file.add(&kept)?;
        self.with_run(|run| {
            run.put(kept);
            let rows = vec![run.row_view(place)];
            tell_event(run.head.id, run.seq(), RunEvent::Rows { rows });
        });
        tell_run(self.bench, self.id);
        tell(self.bench);
        by_hand::tell_of(self.bench, self.id);
        Ok(true)
    }

    async fn give_back(&mut self, _place: SampleKey) {
        self.with_run(|run| {
            run.leave();
            tell_event(run.head.id, run.seq(), run.current());
        });
    }
}

impl RunEngine for StoredRows<'_> {
    async fn complete(&mut self, request: &SampleRequest) -> Result<EngineAnswer, String> {
        let (bench, id) = (self.bench, self.id);
        let place = match bench.borrow().runs.current(id) {
            Some(place) => place,
            None => return Err("a prompt is asked without a sample".to_owned()),
        };
        let mut told = |event: &GenerationEvent<'_>| {
            let mut bench = bench.borrow_mut();
            let Some(run) = bench.runs.get_mut(id) else {
                return;
            };
            let event = match event {
                GenerationEvent::Prefill { done, total } => {
                    let (done, total) = (Tokens(*done), Tokens(*total));
                    run.read_prompt(done, total);
                    RunEvent::Prefill { place, done, total }
                }
                GenerationEvent::Prompt(_) => return,
                GenerationEvent::Text { text, .. } => {
                    run.wrote(text);
                    let text = (*text).to_owned();
                    RunEvent::Token { place, text }
                }
            };
            tell_event(id, run.seq(), event);
        };
        let answer = complete(self.generator, request, &self.cancel, &mut told).await;
        match &answer.outcome {
            Outcome::Failed(failure)
                if failure.kind == FailureKind::DeviceLost || self.generator.model().is_lost() =>
            {
                *self.lost = true;
                Err(failure.message.clone())
            }
            _ => Ok(answer),
        }
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        Ok(guarded(work))
    }
}
