//! Both answers as panels, side by side.

use fathom_shared::api::{self, NewRun};
use fathom_shared::engine::EngineKind;
use fathom_shared::run::{RunGrid, SampleKey, TaskChoice};
use fathom_shared::stats::Summary;
use leptos::prelude::*;
use leptos_router::components::A;

use super::super::answer::linked;
use super::super::display;
use super::super::sample_query::{SampleQuery, SetSampleQuery};
use super::answers_panel::BothAnswers;
use crate::protocol::RunAction;
use crate::state::answer::AnswerState;
use crate::state::builder::BuilderState;
use crate::state::engine::{EngineState, ModelState};
use crate::state::heat_map::summary;
use crate::state::run_state::RunState;
use crate::state::server::{ServerPresence, ServerState};
use crate::ui::coded_text::coded;
use crate::ui::field::TextField;

/// The answers of this browser and of the server, side by side.
#[component]
pub(super) fn AnswersPanel(
    ask: Memo<SampleQuery>,
    set_ask: SetSampleQuery,
    both: BothAnswers,
    go: Callback<usize>,
) -> impl IntoView {
    let lab: EngineState = expect_context();
    let server: ServerState = expect_context();
    let builder: BuilderState = expect_context();
    let built = builder.built;
    let BothAnswers {
        here,
        there,
        place,
        here_strings,
        there_strings,
    } = both;
    // The text of a stored answer is asked for once.
    Effect::new(move |_| {
        if let Some(place) = place.get().filter(|_| there.get() == AnswerState::Stored) {
            server.want(place);
        }
    });
    let ready = move || {
        let loaded = lab
            .model
            .with(|model| matches!(model, ModelState::Ready(_)));
        let idle = lab.answer.with(|(_, answer)| !answer.is_running());
        loaded && idle && built.with(Option::is_some) && builder.fault.with(Option::is_none)
    };
    let modelless = move || {
        let model = lab.model;
        model.with(|model| matches!(model, ModelState::None | ModelState::Failed(_)))
    };
    let run_here = move |_| {
        if let Some(built) = built.get_untracked() {
            lab.ask(&built);
        }
    };
    let up = move || server.is_up();
    let followed = move || {
        server
            .run
            .with(|run| run.as_ref().is_some_and(|(_, run)| !run.is_final()))
    };
    let has_model = move || server.models.with(|models| !models.is_empty());
    let run_there = move |_| {
        let asked = ask.get_untracked();
        let (Ok(request), Ok(count)) = (asked.request(), asked.count()) else {
            return;
        };
        let Some(model) = server
            .models
            .with_untracked(|models| models.first().map(|m| m.id.clone()))
        else {
            return;
        };
        let run_spec = api::RunSpec {
            grid: RunGrid::of(request.spec, request.sample, count),
            model,
            engine: EngineKind::default(),
            mode: request.mode,
            rope: None,
            texts: None,
            kv: None,
        };
        let priority = 0;
        server.start_run(NewRun { run_spec, priority }, move |id| {
            set_ask.run(SampleQuery {
                run: Some(id),
                ..asked
            });
        });
    };
    let count_fault = Signal::derive(move || {
        ask.with(|ask| {
            ask.count()
                .err()
                .map(|fault| display::sentence(&fault.message))
        })
    });
    let server_note = move || match server.presence.get() {
        ServerPresence::Unknown => Some("Looking for a server…".to_owned()),
        ServerPresence::Down(message) => Some(message),
        ServerPresence::Up(_) if !has_model() => {
            Some("The server has no usable model; get one with `fathom model pull`.".to_owned())
        }
        ServerPresence::Up(_) => None,
    };
    let told = move || server.run.with(|run| told(&run.as_ref()?.1, place.get()));
    let cancel = move |_| {
        if let Some(id) = server.followed() {
            server.act(id, RunAction::Cancel);
        }
    };
    let same = move || {
        let (here, there) = (here.get(), there.get());
        (here.state() == "done" && there.state() == "done").then(|| here.text() == there.text())
    };
    view! {
        <div class="answers">
            <article class="answer" aria-labelledby="here-title">
                <h3 id="here-title">"In this browser"</h3>
                <div class="inline">
                    <button
                        class="primary"
                        data-testid="run-here"
                        aria-describedby=move || modelless().then_some("why-not-here")
                        disabled=move || !ready()
                        on:click=run_here
                    >
                        "Run here"
                    </button>
                    <button
                        data-testid="cancel-here"
                        disabled=move || !here.with(AnswerState::is_running)
                        on:click=move |_| lab.cancel()
                    >
                        "Cancel"
                    </button>
                </div>
                <Show when=modelless><p class="hint" id="why-not-here">"Load a model to run here."</p></Show>
                {linked(here, "here", here_strings.into(), go)}
                {move || lab.unkept.get().map(|why| view! {
                    <p class="fault" role="alert">{coded(&format!("This browser does not keep the answer: {why}"))}</p>
                })}
            </article>
            <article class="answer" aria-labelledby="server-title">
                <h3 id="server-title">"On the server"</h3>
                <TextField label="Samples" id="count" numeric=true fault=count_fault
                    value=Signal::derive(move || ask.with(|ask| ask.count.clone()))
                    on_input=move |text| set_ask.run(SampleQuery { count: text, ..ask.get_untracked() }) />
                <div class="inline">
                    <button
                        class="primary"
                        data-testid="run-server"
                        disabled=move || !(up() && has_model() && !followed() && built.with(Option::is_some))
                        on:click=run_there
                    >
                        "Run on the server"
                    </button>
                    <button data-testid="cancel-server" disabled=move || !followed() on:click=cancel>
                        "Cancel"
                    </button>
                </div>
                {move || server_note().map(|note| view! { <p class="hint">{coded(&note)}</p> })}
                {move || server.fault.get().map(|fault| view! { <p class="fault" role="alert" data-testid="server-fault">{coded(&fault)}</p> })}
                {linked(there, "server", there_strings.into(), go)}
                {move || told().map(|(id, text)| view! {
                    <p class="hint">
                        <span data-testid="summary">{text}</span> " "
                        <A href=format!("/runs/{id}")>"See all of run " {id}</A>
                    </p>
                })}
            </article>
        </div>
        <p class="same" data-testid="same" role="status" data-same=move || same().map(|same| same.to_string())>
            {move || match same() {
                Some(true) => "Both engines gave the same answer.",
                Some(false) => "The answers differ.",
                None => "",
            }}
        </p>
    }
}

/// Where the run stands, in words, and what the cell of `place` comes to.
fn told(run: &RunState, place: Option<SampleKey>) -> Option<(i64, String)> {
    let view = run.run.as_ref()?;
    let (id, status, counts) = (view.id, view.status.as_str(), view.counts);
    let cell = place.map(|place| run.cell(place.cell));
    let score = cell.map_or_else(String::new, |cell| {
        let asked = view.run_spec.grid.count;
        let task = view.run_spec.grid.tasks.first();
        let metric = task.map(TaskChoice::listed_metric).unwrap_or_default();
        let summary = cell.map_or_else(Summary::default, |cell| summary(asked, metric, &[cell]));
        format!(" Score {summary}.")
    });
    let said = format!(
        "Run {id}, {status}: asked {}, answered {}, failed {}.{score}",
        counts.asked, counts.answered, counts.failed
    );
    Some((id, said))
}
