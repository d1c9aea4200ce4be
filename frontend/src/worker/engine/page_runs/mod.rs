//! The runs that this browser keeps: started, answered by the worker's model, stored row by row.

mod by_hand; // samples asked one at a time
mod calls; // handles the page's requests about runs
mod exclusive_access; // excludes other tabs and other requests
mod exports; // exports a run to other programs' files
mod files; // files of runs in the browser's storage
mod kept_run; // a run that the browser keeps
mod made_with; // tokenizer, template and texts for a run's samples
mod serve; // answers runs with the worker's model

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use fathom_shared::api::{RunEvent, RunStatus};
use fathom_shared::corpora::Corpora;
use fathom_shared::run::SampleKey;
use fathom_shared::transcript::EngineInfo;

use super::page_model::PageModel;
use super::{EngineWorker, say, sleep};
use crate::protocol::FromEngine;
pub(super) use by_hand::{HandAsk, keep};
pub(super) use calls::hear;
use files::RunFiles;
use kept_run::PageRun;
use made_with::MadeWith;
pub(super) use made_with::guarded;
pub(super) use serve::wake;

/// All runs of this browser, and what their samples are made with.
#[derive(Default)]
pub(super) struct PageRuns {
    runs: BTreeMap<i64, PageRun>,
    files: Option<Result<RunFiles, String>>,
    corpora: Option<Rc<Corpora>>,
    /// The last tokenizer that was wanted, by its model's hash.
    tokenizer: Option<(String, MadeWith)>,
}

impl PageRuns {
    fn get(&self, id: i64) -> Result<&PageRun, String> {
        let run = self.runs.get(&id);
        run.ok_or_else(|| format!("This browser has no run page-{id}."))
    }

    fn get_mut(&mut self, id: i64) -> Option<&mut PageRun> {
        self.runs.get_mut(&id)
    }

    /// Where runs are kept.
    fn files(&self) -> Result<RunFiles, String> {
        let files = self.files.clone();
        files.unwrap_or_else(|| Err("The browser's storage is not open yet.".to_owned()))
    }

    /// The run that the model `by` is to answer now: the one of the highest priority, of equals the
    /// oldest.
    fn first(&self, by: &EngineInfo) -> Option<i64> {
        let goes_on = |run: &&PageRun| {
            run.waits.is_none()
                && (run.served || !run.changing)
                && matches!(run.status(), RunStatus::Queued | RunStatus::Running)
                && run.head.engine.model_sha256 == by.model_sha256
        };
        let runs = self.runs.values().filter(goes_on);
        let first = runs.min_by_key(|run| (-i64::from(run.head.priority), run.head.id));
        first.map(|run| run.head.id)
    }

    /// The sample of a run that is being answered.
    fn current(&self, id: i64) -> Option<SampleKey> {
        let RunEvent::Current { current } = self.runs.get(&id)?.current() else {
            return None;
        };
        current.first().map(|sample| sample.place)
    }

    /// What samples are made with for a loaded model.
    ///
    /// # Errors
    /// A sentence: what is wrong with its template.
    pub(super) fn made_with(
        &mut self,
        model: &PageModel,
        info: &EngineInfo,
    ) -> Result<MadeWith, String> {
        if let Some(known) = self.known(&info.model_sha256) {
            return Ok(known);
        }
        let corpora = self.corpora();
        let made_with = MadeWith::of_loaded(&info.model, model, corpora)?;
        self.tokenizer = Some((info.model_sha256.clone(), made_with.clone()));
        Ok(made_with)
    }

    fn known(&self, sha256: &str) -> Option<MadeWith> {
        let known = self.tokenizer.as_ref();
        let known = known.filter(|(of, _)| of == sha256);
        known.map(|(_, made_with)| made_with.clone())
    }

    fn corpora(&mut self) -> Rc<Corpora> {
        let bundled = || Rc::new(Corpora::bundled());
        Rc::clone(self.corpora.get_or_insert_with(bundled))
    }
}

/// Reads what the storage holds.
pub(super) async fn open(bench: &Rc<RefCell<EngineWorker>>) {
    let files = RunFiles::open().await;
    let mut runs = BTreeMap::new();
    if let Ok(files) = &files {
        for id in files.ids().await {
            match run(files, id).await {
                Ok(run) => drop(runs.insert(id, run)),
                Err(why) => web_sys::console::error_1(&why.into()),
            }
        }
    }
    {
        let mut bench = bench.borrow_mut();
        bench.runs.runs = runs;
        bench.runs.files = Some(files);
    }
    tell(bench);
    by_hand::tell_answers(bench);
    wake(bench);
}

async fn run(files: &RunFiles, id: i64) -> Result<PageRun, String> {
    let mut tries = 20;
    loop {
        let read = match files.head(id).await {
            Ok(head) => files.rows(id).await.map(|rows| PageRun::new(head, rows)),
            Err(why) => Err(why),
        };
        tries -= 1;
        if read.is_ok() || tries == 0 {
            return read;
        }
        // The worker of the page that was left may not have let go yet.
        sleep(50).await;
    }
}

/// Waits until the storage was read.
async fn opened(bench: &RefCell<EngineWorker>) {
    while bench.borrow().runs.files.is_none() {
        sleep(10).await;
    }
}

/// Sends the page the list of runs.
pub(super) fn tell(bench: &RefCell<EngineWorker>) {
    let bench = bench.borrow();
    let mut runs: Vec<_> = bench
        .runs
        .runs
        .values()
        .map(|run| view(&bench, run))
        .collect();
    runs.reverse();
    say(&FromEngine::Runs { runs });
}

/// Sends the state of a run to the page, if it watches the run.
fn tell_run(bench: &RefCell<EngineWorker>, id: i64) {
    let bench = bench.borrow();
    if let Ok(run) = bench.runs.get(id) {
        let view = Box::new(view(&bench, run));
        tell_event(id, run.seq(), RunEvent::Run { run: view });
    }
}

fn tell_event(id: i64, seq: i64, event: RunEvent) {
    say(&FromEngine::RunEvent { id, seq, event });
}

/// A run, with what it waits for.
fn view(bench: &EngineWorker, run: &PageRun) -> fathom_shared::api::RunView {
    let mut view = run.view();
    let here = bench.loaded.as_ref();
    let here = here.is_some_and(|model| model.engine.model_sha256 == view.engine.model_sha256);
    if view.status == RunStatus::Queued && view.error.is_none() && !here {
        view.error = Some(format!(
            "It continues as soon as {} is loaded in this browser.",
            view.engine.model
        ));
    }
    if view.status == RunStatus::Paused && run.head.by_hand.is_some() {
        let says =
            "Its samples were asked one at a time. “Resume” asks those that have no answer yet.";
        view.error = view.error.or(Some(says.to_owned()));
    }
    view
}
