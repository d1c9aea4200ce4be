//! What was measured: own sets beside published figures, as charts, tables and comparisons.
//!
//! ```text
//! URL --parse--> Look + Digests (from the worker) --figures--> Figure --ui::chart--> page, files
//! ```

mod comparison; // sets against the first
mod estimates; //  how figures stand in tables of tests
mod figures; //    digests as figures
mod losses; //     checkpoints against the first, at short lengths and on single needles
mod model; //      what the page shows, as its address says it
mod ranking; //    every model by its figure, with who measured it
mod selection; //  which published models stand beside, and which part is shown
mod sources; //    runs, files, links, what was asked here
mod views; // the views

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::protocol::RunKey;
use crate::state::answer_records::AnswerRecords;
use crate::state::library::QuestionLibrary;
use crate::state::results::ResultsState;
use crate::state::server::ServerState;
use crate::ui::chart::OpenHref;
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

/// The page.
#[component]
pub(crate) fn ResultsPage() -> impl IntoView {
    let (results, server): (ResultsState, ServerState) = (expect_context(), expect_context());
    let (library, records): (QuestionLibrary, AnswerRecords) = (expect_context(), expect_context());
    let query = use_query_map();
    let look =
        Memo::new(move |_| query.with(|query| ResultsQuery::from_query(|key| query.get(key))));
    let navigate = use_navigate();
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
            navigate(&format!("/results{}", next.to_query()), options);
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
        let records = records.all.get();
        if !records.is_empty() {
            library.set.with(|set| {
                let questions = set.as_ref().map(|(_, set)| &**set);
                results.asked_here(&records, questions);
            });
        }
    });
    let shown = Memo::new(move |_| look.with(|look| look.shown));
    let advisor = move || {
        let keys = results.held.with(|held| {
            held.iter()
                .map(|digest| digest.key.clone())
                .collect::<Vec<_>>()
        });
        look.with(|look| super::advisor::address(&look.runs, look.file.as_deref(), &keys))
    };
    view! {
        <div class="results-page">
            <SourcesPanel look set_look />
            <nav class="views" aria-label="Views">
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
            {views(look, set_look, open)}
        </div>
    }
}
