//! The Results page: own result sets and published figures, as charts, tables and comparisons.
//!
//! ```text
//! URL --parse--> Look + Digests (from the worker) --figures--> Figure --ui::chart--> page, files
//! ```

mod comparison; // compares sets with the first one
mod estimates; // formats estimates in test tables
mod figures; // turns digests into figures
mod losses; // losses of checkpoints at short lengths and on single needles
mod model; // the page's state as its URL
mod ranking; // every model by its figure, with who measured it
mod ranking_query; // the ranking's URL parameters
mod selection; // chooses the views and published models to show
mod sources; // chooses sources: runs, files, links and the page's own answers
mod views; // the views of the page

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::protocol::RunKey;
use crate::state::engine::EngineState;
use crate::state::results::ResultsState;
use crate::state::server::ServerState;
use crate::ui::chart::OpenHref;
use crate::ui::stage::Stage;
use model::{ResultsQuery, ResultsView};
use selection::SelectionPanel;
use sources::SourcesPanel;
use views::views;

/// Changes what the page shows, and with it its address.
type SetResultsQuery = Callback<ResultsQuery>;

/// The address of this page with runs.
pub(super) fn address(runs: &[RunKey]) -> String {
    let look = ResultsQuery {
        shown: ResultsView::at_first(runs, None),
        runs: runs.to_vec(),
        ..ResultsQuery::default()
    };
    format!("/results{}", look.to_query())
}

/// The Results page.
#[component]
pub(crate) fn ResultsPage() -> impl IntoView {
    let (results, server): (ResultsState, ServerState) = (expect_context(), expect_context());
    let lab: EngineState = expect_context();
    let query = use_query_map();
    let look =
        Memo::new(move |_| query.with(|query| ResultsQuery::from_query(|key| query.get(key))));
    let (navigate, stage) = (use_navigate(), expect_context::<Stage>());
    let set_look = {
        let navigate = navigate.clone();
        SetResultsQuery::new(move |next: ResultsQuery| {
            let before = look.get_untracked();
            let options = NavigateOptions {
                // Another view is a step back; another choice within it is none.
                replace: before.shown == next.shown,
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&stage.keep(format!("/results{}", next.to_query())), options);
        })
    };
    let open = OpenHref::new(move |href: String| navigate(&href, NavigateOptions::default()));
    // Towards what is held: runs and a file follow from the address.
    let wanted = Memo::new(move |_| look.with(|look| (look.runs.clone(), look.file.clone())));
    Effect::new(move |_| {
        let (runs, file) = wanted.get();
        let here = runs.into_iter().filter(|run| server.keeps(*run));
        here.for_each(|run| results.run(run));
        if let Some(file) = file {
            results.link(file);
        }
    });
    Effect::new(move |_| {
        lab.answers.with(|answers| results.asked_here(answers));
    });
    let shown = Memo::new(move |_| look.with(|look| look.shown));
    let advisor = move || {
        let keys = results.held.with(|held| {
            held.iter()
                .map(|digest| digest.key.clone())
                .collect::<Vec<_>>()
        });
        let named = keys
            .iter()
            .filter_map(|key| key.strip_prefix("run:")?.parse().ok());
        let named: Vec<RunKey> = named.collect();
        look.with(|look| {
            let mut runs = look.runs.clone();
            runs.extend(named.iter().filter(|run| !look.runs.contains(run)));
            super::advisor::address(&runs, look.file.as_deref(), &keys)
        })
    };
    view! {
        <div class="results-page">
            <SourcesPanel look set_look />
            <nav class="views" aria-label="Views of the results">
                {ResultsView::ALL.map(|one| {
                    let href = move || {
                        let look = look.get();
                        format!("/results{}", ResultsQuery { shown: one, ..look }.to_query())
                    };
                    let current = move || (shown.get() == one).then_some("page");
                    view! { <a href=href aria-current=current data-testid=format!("view-{}", one.name())>{one.title()}</a> }
                }).collect_view()}
                <a class="onward" href=advisor data-testid="ask-advisor">"Ask the advisor"</a>
            </nav>
            <SelectionPanel look set_look />
            // Those of one section have its heading; of the others the charts begin at the third level.
            <Show when=move || !matches!(shown.get(), ResultsView::Ranking | ResultsView::Comparison)>
                <h2 class="sr-only">{move || shown.get().title()}</h2>
            </Show>
            {views(look, set_look, open)}
        </div>
    }
}
