//! Runs of the server and of this browser: the list, and one run from its map down to a sample.

mod answer_parts; // which references an answer holds
mod header; // a run's status and controls
mod heat_map; // the heat map of tasks by lengths
mod list; // the list of runs, newest first
mod model; // the page's state as its URL
mod page_run; // controls that only runs in this browser have
mod sample; // one sample
mod samples; // the samples of one cell

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};

use crate::protocol::RunKey;
use crate::state::heat_map::RunHeatMap;
use crate::state::server::{ServerPresence, ServerState};
use crate::ui::coded_text::coded;
use header::RunHeader;
use heat_map::HeatMap;
pub(crate) use list::RunsPage;
use model::RunQuery;
use sample::SamplePanel;
use samples::SamplesPanel;

/// Changes what the page shows, and with it its address.
type SetRunQuery = Callback<RunQuery>;

/// Draws of an interval that are made between two frames: some ten milliseconds.
const BUDGET: u32 = 600;

/// Scrolls to what would open unseen, below a long map.
pub(super) fn bring_into_view(node: web_sys::Element) {
    request_animation_frame(move || {
        let height = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64());
        let unseen = node.get_bounding_client_rect().top() > height.unwrap_or(0.0) - 240.0;
        if unseen {
            node.scroll_into_view();
        }
    });
}

/// The page of one run.
#[component]
pub(crate) fn RunPage() -> impl IntoView {
    let server: ServerState = expect_context();
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|params| params.get("id")?.parse::<RunKey>().ok()));
    let look = Memo::new(move |_| query.with(|query| RunQuery::from_query(|key| query.get(key))));
    let navigate = use_navigate();
    let set_look = SetRunQuery::new(move |next: RunQuery| {
        let before = look.get_untracked();
        let options = NavigateOptions {
            // A sample that was open is a step back; a piece of evidence is none.
            replace: before.place() == next.place() && before.cell == next.cell,
            scroll: false,
            ..NavigateOptions::default()
        };
        if let Some(id) = id.get_untracked() {
            navigate(&format!("/runs/{id}{}", next.to_query()), options);
        }
    });
    // Towards who keeps it: the run follows from the address.
    Effect::new(move |_| server.follow(id.get()));

    let run = Memo::new(move |_| server.run.with(|run| run.as_ref()?.1.run.clone()));
    let heat = heat(server, look);
    let note = move || match (id.get(), server.presence.get(), run.with(Option::is_some)) {
        (None, ..) => {
            Some("There is no run at this address. “All runs” above leads to the list.".to_owned())
        }
        (Some(RunKey::Server(_)), ServerPresence::Down(message), false) => Some(message),
        (Some(RunKey::Page(_)), _, false) if server.fault.with(Option::is_some) => None,
        (_, ServerPresence::Up(_), false) if server.fault.with(Option::is_some) => None,
        (_, _, false) => Some("Loading…".to_owned()),
        _ => None,
    };
    view! {
        <p class="crumbs"><A href="/runs">"All runs"</A></p>
        {move || note().map(|note| view! { <p class="note" role="status">{coded(&note)}</p> })}
        {move || server.fault.get().map(|fault| view! { <p class="fault" role="alert" data-testid="server-fault">{coded(&fault)}</p> })}
        <Show when=move || run.with(Option::is_some)>
            <div class="run-page" data-open=move || look.get().place().is_some().to_string()>
                <RunHeader id run />
                <div class="stack">
                    <HeatMap heat run look set_look />
                    <SamplesPanel heat look set_look />
                </div>
                <SamplePanel run look set_look />
            </div>
        </Show>
    }
}

/// The map of the run that is followed: it takes in what comes, and works out intervals little by
/// little.
fn heat(server: ServerState, look: Memo<RunQuery>) -> RwSignal<RunHeatMap> {
    let heat = RwSignal::new(RunHeatMap::default());
    let seed = Memo::new(move |_| look.get().seed);
    let grid = Memo::new(move |_| {
        let run = server.run;
        run.with(|run| Some(run.as_ref()?.1.run.as_ref()?.run_spec.grid.clone()))
    });
    Effect::new(move |_| {
        let map = grid.with(|grid| grid.as_ref().map(|grid| RunHeatMap::new(grid, seed.get())));
        heat.set(map.unwrap_or_default());
        fill(server, heat);
    });
    Effect::new(move |_| {
        server.run.track();
        fill(server, heat);
    });
    heat
}

fn fill(server: ServerState, heat: RwSignal<RunHeatMap>) {
    let settled = server.run.with_untracked(|run| {
        let (_, run) = run.as_ref()?;
        // The page may have been left meanwhile.
        heat.try_update(|heat| {
            heat.take(run);
            heat.settle(run, BUDGET)
        })
    });
    if settled == Some(false) {
        set_timeout(
            move || fill(server, heat),
            std::time::Duration::from_millis(30),
        );
    }
}
