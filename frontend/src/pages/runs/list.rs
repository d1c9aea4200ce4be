//! Every run, newest first.

use std::time::Duration;

use fathom_shared::api::{ListPage, RunView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

use super::super::display;
use super::super::run_form::RunFormDialog;
use crate::client::{self, ClientError};
use crate::protocol::RunKey;
use crate::state::engine::EngineState;
use crate::state::server::{ServerPresence, ServerState};

/// Runs on one page.
const SHOWN: u32 = 25;
/// How often the list is read again while something goes on.
const AGAIN: Duration = Duration::from_millis(2500);

const COLUMNS: [&str; 7] = [
    "Run",
    "Status",
    "Tasks × lengths",
    "Model",
    "Engine",
    "Answered",
    "Time left",
];

/// Runs with their names.
type KeyedRuns = Vec<(RunKey, RunView)>;

type RunListResult = Option<Result<ListPage<RunView>, ClientError>>;

/// The Runs page.
#[component]
pub(crate) fn RunsPage() -> impl IntoView {
    let server: ServerState = expect_context();
    server.follow(None);
    let query = use_query_map();
    let after = Memo::new(move |_| query.with(|query| query.get("after")?.parse::<i64>().ok()));
    let runs: RwSignal<RunListResult> = RwSignal::new(None);
    let look = move || {
        let part = after.get_untracked();
        spawn_local(async move {
            let got = client::runs(part, SHOWN).await;
            // The reader may have turned the page, or left it.
            if after.try_get_untracked() == Some(part) {
                runs.try_set(Some(got));
            }
        });
    };
    Effect::new(move |_| {
        after.track();
        if server.is_up() {
            look();
        }
    });
    let goes_on = move || {
        let open = |page: &ListPage<RunView>| page.items.iter().any(|run| !run.status.is_final());
        runs.with_untracked(|runs| matches!(runs, Some(Ok(page)) if open(page)))
    };
    let tick = move || {
        if goes_on() && !document().hidden() {
            look();
        }
    };
    if let Ok(ticking) = set_interval_with_handle(tick, AGAIN) {
        on_cleanup(move || ticking.clear());
    }
    let down = move || match server.presence.get() {
        ServerPresence::Down(message) => Some(message),
        _ => None,
    };
    let lab: EngineState = expect_context();
    let here = Memo::new(move |_| {
        let runs = lab.runs.get().into_iter();
        runs.map(|run| (RunKey::Page(run.id), run))
            .collect::<Vec<_>>()
    });
    view! {
        <section class="panel runs-list" aria-labelledby="runs-title">
            <div class="head">
                <h1 id="runs-title">"Runs"</h1>
                <RunFormDialog />
            </div>
            <Show when=move || here.with(|runs| !runs.is_empty())>
                <h2>"In this browser"</h2>
                <RunTable items=here id="page-runs" />
                <h2>"On the server"</h2>
            </Show>
            {move || match down() {
                Some(message) => view! {
                    <p class="note" role="status" data-testid="no-server">
                        {message}" To run in this browser instead, load a model in the "
                        <a href="/playground">"playground"</a>"."
                    </p>
                }
                .into_any(),
                None => view! { <RunList runs after /> }.into_any(),
            }}
        </section>
    }
}

/// The runs of the server, a page of the list at a time.
#[component]
fn RunList(runs: RwSignal<RunListResult>, after: Memo<Option<i64>>) -> impl IntoView {
    let items = Memo::new(move |_| {
        runs.with(|runs| match runs {
            Some(Ok(page)) => {
                let runs = page.items.iter().cloned();
                runs.map(|run| (RunKey::Server(run.id), run)).collect()
            }
            _ => Vec::new(),
        })
    });
    let older = Memo::new(move |_| runs.with(|runs| runs.as_ref()?.as_ref().ok()?.next.clone()));
    let note = move || {
        runs.with(|runs| match runs {
            None => Some("Loading…".to_owned()),
            Some(Err(error)) => Some(error.message().to_owned()),
            Some(Ok(page)) if page.items.is_empty() && after.get().is_none() => {
                Some("No runs yet. Choose “Start a run…” to start one.".to_owned())
            }
            Some(Ok(page)) if page.items.is_empty() => Some("No older runs.".to_owned()),
            Some(Ok(_)) => None,
        })
    };
    view! {
        {move || note().map(|note| view! { <p class="note" role="status">{note}</p> })}
        <RunTable items id="runs" />
        <nav class="inline pages" aria-label="Pages of the list">
            <Show when=move || after.get().is_some()><A href="/runs">"Newest"</A></Show>
            {move || older.get().map(|next| view! { <A href=format!("/runs?after={next}")>"Older runs"</A> })}
        </nav>
    }
}

/// A table of runs, one per line.
#[component]
fn RunTable(items: Memo<KeyedRuns>, id: &'static str) -> impl IntoView {
    let keys = move || items.with(|items| items.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    view! {
        <Show when=move || items.with(|items| !items.is_empty())>
            <div class="scroll">
                // On a phone the lines are cards, which roles keep a table.
                <table class="runs" role="table" data-testid=id>
                    <thead role="rowgroup"><tr role="row">
                        {COLUMNS.map(|name| view! { <th scope="col" role="columnheader">{name}</th> }).collect_view()}
                    </tr></thead>
                    <tbody role="rowgroup"><For each=keys key=|key| *key let(key)>{row(key, items)}</For></tbody>
                </table>
            </div>
        </Show>
    }
}

/// A line of the list; it stays the same element while the run goes on.
fn row(id: RunKey, items: Memo<KeyedRuns>) -> impl IntoView {
    let run = Memo::new(move |_| {
        let find = |items: &KeyedRuns| {
            let found = items.iter().find(|(key, _)| *key == id);
            found.map(|(_, run)| run.clone())
        };
        items.with(find)
    });
    let of = move |tell: fn(&RunView) -> String| {
        move || run.with(|run| run.as_ref().map_or_else(String::new, tell))
    };
    let status = of(|run| run.status.as_str().to_owned());
    view! {
        <tr role="row">
            <th scope="row" role="rowheader"><A href=format!("/runs/{id}")>"Run " {id.to_string()}</A></th>
            <td role="cell"><span class="state" data-state=status>{status}</span></td>
            <td role="cell">{of(covers)}</td>
            <td role="cell" class="name" title=of(|run| run.run_spec.model.clone())>{of(|run| run.run_spec.model.clone())}</td>
            <td role="cell">{of(|run| run.run_spec.engine.to_string())}</td>
            <td role="cell">{move || run.with(|run| run.as_ref().map(progress))}</td>
            <td role="cell" class="left">{of(|run| run.pace.left_ms.map_or_else(|| "–".to_owned(), display::time))}</td>
        </tr>
    }
}

/// How far a run is: a bar and its numbers.
fn progress(run: &RunView) -> impl IntoView + use<> {
    let counts = run.counts;
    let failed = match counts.failed {
        0 => String::new(),
        failed => format!(", {} failed", display::count(failed.into())),
    };
    let says = format!(
        "{} of {}{failed}",
        display::count(counts.answered.into()),
        display::count(counts.asked.into())
    );
    view! { <RunProgressBar counts /> <span class="hint">{says}</span> }
}

/// The shares of samples that were answered and that failed.
#[component]
pub(super) fn RunProgressBar(counts: fathom_shared::api::SampleCounts) -> impl IntoView {
    let share = |part: u32| {
        let share = f64::from(part) / f64::from(counts.asked.max(1)) * 100.0;
        format!("width:{share:.2}%")
    };
    view! {
        <span class="counts" aria-hidden="true">
            <span data-part="answered" style=share(counts.answered)></span>
            <span data-part="failed" style=share(counts.failed)></span>
        </span>
    }
}

/// Tasks × lengths × seeds, in words.
pub(super) fn covers(run: &RunView) -> String {
    let grid = &run.run_spec.grid;
    let many = |number: usize, thing: &str| display::some(number as u64, thing);
    let tasks = match &grid.tasks[..] {
        [task] => task.task.clone(),
        tasks => many(tasks.len(), "task"),
    };
    let lengths = match &grid.lengths[..] {
        [length] => format!("{length:#} tokens"),
        lengths => many(lengths.len(), "length"),
    };
    match grid.seeds.len() {
        1 => format!("{tasks} × {lengths}"),
        seeds => format!("{tasks} × {lengths} × {}", many(seeds, "seed")),
    }
}
