//! Result sets, as the page holds them: what they come to; their samples are in the worker.

mod advisor; // the page's handle to the advisor
mod files; // files of results, kept over a reload

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fathom_shared::formats::UnixSeconds;
use fathom_shared::results::series::Checkpoint;
use fathom_shared::tokens::Tokens;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::engine::EngineState;
use super::now_ms;
use super::worker_calls::WorkerCalls;
use crate::client;
use crate::protocol::RECORDED_RESULTS;
use crate::protocol::results::{
    AdvisorAnswer, AdvisorQuestion, FromResults, PublishedNames, ResultDigest, ResultsCall,
    ResultsReply, SetComparison, SetKey, ToResults,
};
use crate::protocol::{PageRunCall, PageRunReply, QuestionAnswer, RunKey};

/// The name of the run that comes with the page.
const RECORDED_KEY: &str = "recorded";
/// After all that are asked for.
const LAST_TURN: u32 = u32::MAX;

/// The sets. Their worker starts with the first.
#[derive(Clone, Copy)]
pub(crate) struct ResultsState {
    /// In the order in which they were asked for, whichever came first.
    pub(crate) held: RwSignal<Vec<Arc<ResultDigest>>>,
    /// Why others are not there.
    pub(crate) faults: RwSignal<Vec<String>>,
    /// How much is on its way: sets, a series, a report.
    pub(crate) coming: RwSignal<usize>,
    /// The last comparison, with what was asked.
    pub(crate) versus: RwSignal<Option<Vec<SetComparison>>>,
    /// The last series of checkpoints.
    pub(crate) series: RwSignal<Option<Vec<Checkpoint>>>,
    /// The last advice, or why there is none.
    pub(crate) advised: RwSignal<Option<Result<Arc<AdvisorAnswer>, String>>>,
    /// The worker that keeps this browser's runs.
    lab: EngineState,
    calls: WorkerCalls<ToResults, ResultsReply>,
    inner: StoredValue<ResultsInner, LocalStorage>,
}

#[derive(Default)]
struct ResultsInner {
    /// Runs and links that were asked for, so that they are once.
    asked: Vec<SetKey>,
    /// How often anything was asked for.
    turn: u32,
    /// In which turn each set that is held was asked for.
    turns: BTreeMap<SetKey, u32>,
    /// Files that were added.
    batches: Vec<files::FileBatch>,
    /// Whether those of an earlier visit were read.
    restored: bool,
    /// Whether an advice is on its way.
    advising: bool,
    /// What the advisor is asked after that.
    question: Option<AdvisorQuestion>,
}

impl ResultsState {
    pub(crate) fn new(lab: EngineState) -> Self {
        Self {
            lab,
            held: RwSignal::new(Vec::new()),
            faults: RwSignal::new(Vec::new()),
            coming: RwSignal::new(0),
            versus: RwSignal::new(None),
            series: RwSignal::new(None),
            advised: RwSignal::new(None),
            calls: WorkerCalls::new(),
            inner: StoredValue::new_local(ResultsInner::default()),
        }
    }

    /// Holds a run of the server or of this browser, unless it is held.
    pub(crate) fn run(self, run: RunKey) {
        if self.is_new(&run.set()) {
            self.fetch(run);
        }
    }

    /// Holds a run as it stands now.
    fn fetch(self, run: RunKey) {
        let key = run.set();
        let turn = self.turn();
        self.coming.update(|coming| *coming += 1);
        let take = move |got: Result<String, String>| {
            self.coming.update(|coming| *coming -= 1);
            match got {
                Ok(json) => self.take(turn, ResultsCall::Hold { key }, &json.into()),
                Err(message) => {
                    self.forget(&key);
                    self.fault(format!("Run {run}: {message}"));
                }
            }
        };
        match run {
            RunKey::Server(id) => spawn_local(async move {
                let got = client::results(id).await;
                take(got.map_err(|error| error.message().to_owned()));
            }),
            RunKey::Page(id) => self.lab.call(PageRunCall::Results { id }, move |got| {
                take(got.and_then(|reply| match reply {
                    PageRunReply::Results(json) => Ok(json),
                    _ => Err("the worker returned something unexpected.".to_owned()),
                }));
            }),
        }
    }

    /// Holds a file beside the page, unless it is held.
    pub(crate) fn link(self, path: String) {
        if !self.is_new(&path) {
            return;
        }
        let turn = self.turn();
        self.coming.update(|coming| *coming += 1);
        spawn_local(async move {
            let got = client::results_file(&path).await;
            self.coming.update(|coming| *coming -= 1);
            match got {
                Ok(blob) => {
                    let blobs = Array::of1(&blob);
                    let paths = vec![path.trim_start_matches('/').to_owned()];
                    let length = None;
                    self.take(turn, ResultsCall::Files { paths, length }, &blobs);
                }
                Err(error) => {
                    self.forget(&path);
                    self.fault(error);
                }
            }
        });
    }

    /// Holds the files of an earlier visit, and the run that comes with the page for as long as nothing
    /// else is held.
    pub(crate) fn recorded(self) {
        self.restore_files();
        let alone = self.held.with_untracked(Vec::is_empty);
        if !alone || !self.is_new(RECORDED_RESULTS) {
            return;
        }
        spawn_local(async move {
            // Without it the page has published figures still.
            if let Ok(json) = client::page_text(RECORDED_RESULTS).await {
                let key = RECORDED_KEY.to_owned();
                self.take(LAST_TURN, ResultsCall::Hold { key }, &json.into());
            }
        });
    }

    /// Holds the runs that questions were asked in one at a time, as they stand now.
    pub(crate) fn asked_here(self, answers: &[QuestionAnswer]) {
        let runs: BTreeSet<i64> = answers.iter().map(|answer| answer.run).collect();
        for run in runs {
            let run = RunKey::Page(run);
            self.is_new(&run.set());
            self.fetch(run);
        }
    }

    /// Lets go of a set.
    pub(crate) fn remove(self, key: &str) {
        self.held
            .update(|held| held.retain(|digest| digest.key != key));
        self.forget(key);
        self.let_go(key);
        self.drop_set(key);
    }

    /// Has the worker let go of a set.
    fn drop_set(self, key: &str) {
        let call = ResultsCall::Drop {
            key: key.to_owned(),
        };
        self.call(call, &JsValue::UNDEFINED, |_| {});
    }

    /// Compares the first set with each of the others.
    pub(crate) fn compare(self, first: SetKey, others: Vec<SetKey>, margin: f64) {
        self.versus.set(None);
        let call = ResultsCall::Compare {
            first,
            others,
            margin,
        };
        self.call(call, &JsValue::UNDEFINED, move |outcome| match outcome {
            Ok(ResultsReply::Compared(versus)) => self.versus.set(Some(versus)),
            Ok(_) => {}
            Err(fault) => self.fault(fault),
        });
    }

    /// Tests checkpoints in order, the baseline first; lengths up to `short` are short.
    pub(crate) fn in_order(self, keys: Vec<SetKey>, short: Option<Tokens>) {
        self.series.set(None);
        let call = ResultsCall::Series { keys, short };
        self.awaited(call, &JsValue::UNDEFINED, move |reply| {
            if let ResultsReply::Series(series) = reply {
                self.series.set(Some(series));
            }
        });
    }

    /// One HTML file about all that are held, in their order, with these published models beside.
    pub(crate) fn report(self, beside: PublishedNames, then: impl FnOnce(String) + 'static) {
        let keys = self
            .held
            .with_untracked(|held| held.iter().map(|digest| digest.key.clone()).collect());
        let seconds = (now_ms() / 1000.0) as u32;
        let made = UnixSeconds(seconds).iso();
        let call = ResultsCall::Report { keys, made, beside };
        self.awaited(call, &JsValue::UNDEFINED, move |reply| {
            if let ResultsReply::Report(page) = reply {
                then(page);
            }
        });
    }

    /// Says that something went wrong.
    pub(crate) fn fault(self, fault: String) {
        self.faults.update(|faults| faults.push(fault));
    }

    /// Notes that something is asked for; false where it was before.
    fn is_new(self, key: &str) -> bool {
        let asked = self.inner.try_update_value(|inner| {
            let new = !inner.asked.iter().any(|asked| asked == key);
            if new {
                inner.asked.push(key.to_owned());
            }
            new
        });
        asked.unwrap_or(false)
    }

    fn forget(self, key: &str) {
        self.inner.update_value(|inner| {
            inner.asked.retain(|asked| asked != key);
            inner.turns.remove(key);
        });
    }

    /// The next turn of asking.
    fn turn(self) -> u32 {
        let next = self.inner.try_update_value(|inner| {
            inner.turn += 1;
            inner.turn
        });
        next.unwrap_or_default()
    }

    /// Has the worker read something; the digest replaces the one of the same name, or is added in
    /// its turn.
    fn take(self, turn: u32, call: ResultsCall, beside: &JsValue) {
        self.awaited(call, beside, move |reply| {
            let ResultsReply::Sets(digests) = reply else {
                return;
            };
            for digest in digests {
                self.hold(turn, Arc::new(digest));
            }
        });
    }

    /// Whether there are result sets besides the recorded run that a first visit shows.
    pub(crate) fn holds_own(self) -> bool {
        self.held
            .with(|held| held.iter().any(|digest| digest.key != RECORDED_KEY))
    }

    fn hold(self, turn: u32, digest: Arc<ResultDigest>) {
        let key = digest.key.clone();
        let is_recorded = |key: &str| key == RECORDED_KEY;
        if is_recorded(&key) && self.held.with_untracked(|held| !held.is_empty()) {
            return;
        }
        self.held.update(|held| {
            // The recorded run makes way for the user's own sets, unless its file is added.
            held.retain(|other| !is_recorded(&other.key));
            if let Some(at) = held.iter().position(|other| other.key == key) {
                held[at] = digest;
                return;
            }
            let place = self.inner.try_update_value(|inner| {
                inner.turns.insert(key, turn);
                let later = |other: &Arc<ResultDigest>| inner.turns.get(&other.key) > Some(&turn);
                held.iter().position(later)
            });
            held.insert(place.flatten().unwrap_or(held.len()), digest);
        });
    }

    /// A call that the page shows as in progress. If it fails, the reason is shown with the sets.
    fn awaited(
        self,
        call: ResultsCall,
        beside: &JsValue,
        then: impl FnOnce(ResultsReply) + 'static,
    ) {
        self.coming.update(|coming| *coming += 1);
        self.call(call, beside, move |outcome| {
            self.coming.update(|coming| *coming -= 1);
            match outcome {
                Ok(reply) => then(reply),
                Err(fault) => self.fault(fault),
            }
        });
    }

    fn call(
        self,
        call: ResultsCall,
        beside: &JsValue,
        then: impl FnOnce(Result<ResultsReply, String>) + 'static,
    ) {
        let started = self
            .calls
            .start("results", move |message, _| self.hear(message));
        if let Err(message) = started {
            return then(Err(message));
        }
        let message = |ticket| ToResults { ticket, call };
        self.calls.call(message, beside, then);
    }

    fn hear(self, message: FromResults) {
        if let FromResults::Done { ticket, outcome } = message
            && let Some(then) = self.calls.answered(ticket)
        {
            then(outcome.map(|reply| *reply));
        }
    }
}
