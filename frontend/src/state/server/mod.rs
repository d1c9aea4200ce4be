//! The server, as far as there is one.

mod presence; // where work is done: server or browser
mod stream; // the stream of a run's events

use std::sync::Arc;
use std::time::Duration;

use fathom_shared::api::{
    EngineView, ModelInfo, NewRun, RefusedModel, RowDetail, RowState, RowView, RunEvent, RunView,
};
use fathom_shared::run::SampleKey;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::engine::EngineState;
use super::now_ms;
use super::run_state::{EventEffect, RunState};
use crate::client;
use crate::protocol::{PageRunCall, PageRunReply, RunAction, RunKey};
use presence::where_things_run;
use stream::EventStream;

/// What comes within this time is shown together: a run of 39,000 rows comes in 80 events.
const TOGETHER: Duration = Duration::from_millis(40);

/// Whether a server is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ServerPresence {
    /// Not known yet.
    Unknown,
    /// It answers; its version.
    Up(String),
    /// It does not, and what to do.
    Down(String),
}

/// One sample of a run with its texts.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct SampleDetail {
    /// The run.
    pub(crate) run: RunKey,
    /// The row, as it was when the texts were asked for.
    pub(crate) row: RowView,
    /// The texts, or why there are none; nothing while they are on the way.
    pub(crate) got: Option<Result<Arc<RowDetail>, String>>,
}

/// The server.
#[derive(Clone, Copy)]
pub(crate) struct ServerState {
    /// Whether it is there.
    pub(crate) presence: RwSignal<ServerPresence>,
    /// The models it has.
    pub(crate) models: RwSignal<Vec<ModelInfo>>,
    /// Those in its folder that it cannot use.
    pub(crate) refused_models: RwSignal<Vec<RefusedModel>>,
    /// Who can answer there; nothing until it said so.
    pub(crate) engines: RwSignal<Option<Vec<EngineView>>>,
    /// The run that is followed.
    pub(crate) run: RwSignal<Option<(RunKey, RunState)>>,
    /// The sample whose texts were asked for last.
    pub(crate) detail: RwSignal<Option<SampleDetail>>,
    /// Why the last request was refused, or that the stream is broken.
    pub(crate) fault: RwSignal<Option<String>>,
    /// The worker that answers, where this browser's runs are kept.
    lab: EngineState,
    stream: StoredValue<Option<EventStream>, LocalStorage>,
    /// What was heard and is not shown yet.
    heard: StoredValue<Vec<(Option<i64>, RunEvent)>, LocalStorage>,
}

impl ServerState {
    pub(crate) fn new(lab: EngineState) -> Self {
        let server = Self {
            lab,
            presence: RwSignal::new(ServerPresence::Unknown),
            models: RwSignal::new(Vec::new()),
            refused_models: RwSignal::new(Vec::new()),
            engines: RwSignal::new(None),
            run: RwSignal::new(None),
            detail: RwSignal::new(None),
            fault: RwSignal::new(None),
            stream: StoredValue::new_local(None),
            heard: StoredValue::new_local(Vec::new()),
        };
        server.look();
        lab.on_run(move |id, seq, event| {
            if server.followed() == Some(RunKey::Page(id)) {
                server.hear(RunKey::Page(id), Some(seq), event);
            }
        });
        server
    }

    /// Looks whether it is there, and what it has.
    pub(crate) fn look(self) {
        spawn_local(async move {
            match client::health().await {
                Ok(health) => self.presence.set(ServerPresence::Up(health.version)),
                Err(error) => {
                    let message = error.message().to_owned();
                    return self.presence.set(ServerPresence::Down(message));
                }
            }
            match client::models().await {
                Ok(list) => {
                    self.models.set(list.items);
                    self.refused_models.set(list.refused);
                }
                Err(error) => return self.refused(&error),
            }
            match client::engines().await {
                Ok(engines) => self.engines.set(Some(engines)),
                Err(error) => self.refused(&error),
            }
        });
    }

    /// Whether it answers.
    pub(crate) fn is_up(self) -> bool {
        let presence = self.presence;
        presence.with(|presence| matches!(presence, ServerPresence::Up(_)))
    }

    /// Whether a run can be asked for: this browser's always, others while the server answers.
    pub(crate) fn keeps(self, run: RunKey) -> bool {
        run.is_in_page() || self.is_up()
    }

    /// Why these runs are not there, where there is no server that keeps them.
    pub(crate) fn unserved(self, runs: &[RunKey]) -> Option<String> {
        let ServerPresence::Down(message) = self.presence.get() else {
            return None;
        };
        let names = runs.iter().filter_map(|run| run.on_server());
        let names: Vec<String> = names.map(|run| run.to_string()).collect();
        match &*names {
            [] => None,
            [run] => Some(format!("Run {run} is stored on a server. {message}")),
            runs => Some(format!(
                "Runs {} are stored on a server. {message}",
                runs.join(", ")
            )),
        }
    }

    /// Where what the page does is done, for people.
    pub(crate) fn where_things_run(self) -> String {
        let (up, engines) = (self.is_up(), self.engines);
        engines.with(|engines| where_things_run(up, engines.as_deref()))
    }

    fn refused(self, error: &client::ClientError) {
        self.fault.set(Some(error.message().to_owned()));
    }

    /// Starts a run; `then` gets its id.
    pub(crate) fn start_run(self, new: NewRun, then: impl FnOnce(i64) + 'static) {
        self.fault.set(None);
        spawn_local(async move {
            match client::create(&new).await {
                Ok(run) => then(run.id),
                Err(error) => self.refused(&error),
            }
        });
    }

    /// Does something to a run.
    pub(crate) fn act(self, key: RunKey, action: RunAction) {
        self.fault.set(None);
        let id = match key {
            RunKey::Server(id) => id,
            // Where the run stands then comes by itself.
            RunKey::Page(id) => return self.call(PageRunCall::Act { id, action }, |_| ()),
        };
        spawn_local(async move {
            match client::act(id, action).await {
                Ok(run) if self.followed() == Some(key) => self.changed(run),
                Ok(_) => {}
                Err(error) => self.refused(&error),
            }
        });
    }

    /// Requests something about a run of this browser; a refusal is shown like the server's.
    pub(crate) fn call(self, call: PageRunCall, then: impl FnOnce(PageRunReply) + 'static) {
        self.lab.call(call, move |outcome| match outcome {
            Ok(reply) => then(reply),
            Err(message) => self.fault.set(Some(message)),
        });
    }

    /// The run that is followed.
    pub(crate) fn followed(self) -> Option<RunKey> {
        let run = self.run;
        run.with_untracked(|run| run.as_ref().map(|(id, _)| *id))
    }

    /// Follows a run from its beginning on, or none.
    pub(crate) fn follow(self, id: Option<RunKey>) {
        let heard = id.is_none_or(RunKey::is_in_page) || self.stream.with_value(Option::is_some);
        if self.followed() == id && heard {
            return;
        }
        if self.followed() != id {
            self.run.set(id.map(|id| (id, RunState::default())));
            self.fault.set(None);
        }
        self.stream.set_value(None);
        if let Some(id) = id {
            self.open(id);
        }
    }

    /// Goes on hearing what happens to a run after what is known.
    fn open(self, key: RunKey) {
        self.heard.set_value(Vec::new());
        let id = match key {
            RunKey::Server(id) => id,
            RunKey::Page(id) => return self.watch(id),
        };
        let known = |run: &Option<(RunKey, RunState)>| run.as_ref().map_or(0, |(_, run)| run.seq());
        let after = self.run.with_untracked(known);
        match EventStream::open(self, id, after) {
            Ok(stream) => self.stream.set_value(Some(stream)),
            Err(error) => self.refused(&error),
        }
    }

    /// Receives everything about a run of this browser; later events arrive by themselves.
    fn watch(self, id: i64) {
        self.call(PageRunCall::Watch { id }, move |reply| {
            let PageRunReply::Events(events) = reply else {
                return;
            };
            // Another may be followed meanwhile.
            if self.followed() != Some(RunKey::Page(id)) {
                return;
            }
            let seq = events.iter().find_map(|event| match event {
                RunEvent::Run { run } => Some(run.seq),
                _ => None,
            });
            for event in events {
                self.hear(RunKey::Page(id), seq, event);
            }
        });
    }

    /// Receives an event; it is shown together with those that arrive at about the same time.
    fn hear(self, id: RunKey, number: Option<i64>, event: RunEvent) {
        let first = self.heard.with_value(Vec::is_empty);
        let hear = |heard: &mut Vec<_>| heard.push((number, event));
        self.heard.update_value(hear);
        if first {
            set_timeout(move || self.show(id), TOGETHER);
        }
    }

    fn show(self, id: RunKey) {
        // What was heard of another run is for that run's turn.
        if self.followed() != Some(id) {
            return;
        }
        let mut events = Vec::new();
        let take = |heard: &mut Vec<_>| events = std::mem::take(heard);
        self.heard.update_value(take);
        if events.is_empty() {
            return;
        }
        if self.fault.with_untracked(Option::is_some) {
            self.fault.set(None);
        }
        let mut last = EventEffect::News;
        let mut told = false;
        self.run.update(|run| {
            let Some((_, run)) = run else { return };
            for (number, event) in events {
                if run.apply(event, number, now_ms()) == EventEffect::Stale {
                    last = EventEffect::Stale;
                }
            }
            told = run.is_told();
        });
        match last {
            EventEffect::Stale => self.anew(id),
            EventEffect::News if told => self.ended(id),
            EventEffect::News => {}
        }
    }

    /// The server has ended the stream; left open, the browser would come again and again.
    fn ended(self, id: RunKey) {
        if id.is_in_page() {
            return;
        }
        self.stream.set_value(None);
        // The run may have been resumed before its end was heard.
        let over = |run: &Option<(RunKey, RunState)>| run.as_ref().is_some_and(|r| r.1.is_final());
        if !self.run.with_untracked(over) {
            self.open(id);
        }
    }

    /// A run as the server has it now.
    fn changed(self, run: RunView) {
        let (id, over) = (RunKey::Server(run.id), run.status.is_final());
        let mut heard = EventEffect::News;
        self.run.update(|known| {
            if let Some((_, known)) = known {
                let run = Box::new(run);
                heard = known.apply(RunEvent::Run { run }, None, now_ms());
            }
        });
        match heard {
            EventEffect::Stale => self.anew(id),
            EventEffect::News if !over && self.stream.with_value(Option::is_none) => self.open(id),
            EventEffect::News => {}
        }
    }

    /// Receives the rows of a known run again, from the first.
    fn anew(self, id: RunKey) {
        self.run.update(|known| {
            if let Some((_, known)) = known {
                known.forget_rows();
            }
        });
        self.stream.set_value(None);
        self.open(id);
    }

    /// Asks for the texts of a sample of the followed run, unless they are there.
    pub(crate) fn want(self, place: SampleKey) {
        let run = self.run;
        let row = run.with_untracked(|run| {
            let (id, run) = run.as_ref()?;
            Some((*id, run.row(place)?))
        });
        let Some((run, mut row)) = row else { return };
        if row.state == RowState::Leased {
            // That someone is at it changes nothing of its texts.
            row.state = RowState::Open;
        }
        let same = |detail: &SampleDetail| detail.run == run && detail.row == row;
        let detail = self.detail;
        if detail.with_untracked(|known| known.as_ref().is_some_and(same)) {
            return;
        }
        let asked = row.clone();
        detail.set(Some(SampleDetail {
            run,
            row,
            got: None,
        }));
        self.read_row(run, place, move |got| {
            detail.update(|known| {
                let mine = |known: &&mut SampleDetail| known.run == run && known.row == asked;
                if let Some(known) = known.as_mut().filter(mine) {
                    known.got = Some(got.map(Arc::from));
                }
            });
        });
    }

    /// Reads a sample of a run with its texts, from who keeps the run; `then` gets it, or a sentence.
    pub(crate) fn read_row(
        self,
        run: RunKey,
        place: SampleKey,
        then: impl FnOnce(Result<Box<RowDetail>, String>) + 'static,
    ) {
        match run {
            RunKey::Page(id) => {
                let call = PageRunCall::Row { id, place };
                self.lab.call(call, move |outcome| match outcome {
                    Ok(PageRunReply::Row(row)) => then(Ok(row)),
                    Ok(_) => {}
                    Err(message) => then(Err(message)),
                });
            }
            RunKey::Server(id) => spawn_local(async move {
                let got = client::row(id, place).await;
                then(got.map(Box::new).map_err(|e| e.message().to_owned()));
            }),
        }
    }
}
