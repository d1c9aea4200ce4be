//! What was measured: own sets beside published figures, as charts, tables and comparisons.
//!
//! ```text
//! URL --parse--> Look + Digests (from the worker) --figures--> Figure --ui::chart--> page, files
//! ```

mod chosen; //     which published models stand beside, and which part is shown
mod comparison; // sets against the first
mod estimates; //  how figures stand in tables of tests
mod figures; //    digests as figures
mod losses; //     checkpoints against the first, where nobody looks
mod model; //      what the page shows, as its address says it
mod sources; //    runs, files, links, what was asked here
mod views;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::state::library::Library;
use crate::state::records::Records;
use crate::state::results::Results;
use crate::state::server::Server;
use crate::ui::chart::Open;
use chosen::Chosen;
use model::{Look, Shown};
use sources::Sources;
use views::views;

/// Changes what the page shows, and with it its address.
type SetLook = Callback<Look>;

/// The address of this page with runs of the server.
pub(super) fn address(runs: &[i64]) -> String {
    let look = Look {
        runs: runs.to_vec(),
        ..Look::default()
    };
    format!("/results{}", look.to_query())
}

/// The page.
#[component]
pub(crate) fn ResultsPage() -> impl IntoView {
    let (results, server): (Results, Server) = (expect_context(), expect_context());
    let (library, records): (Library, Records) = (expect_context(), expect_context());
    let query = use_query_map();
    let look = Memo::new(move |_| query.with(|query| Look::from_query(|key| query.get(key))));
    let navigate = use_navigate();
    let set_look = {
        let navigate = navigate.clone();
        SetLook::new(move |next: Look| {
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
    let open = Open::new(move |href: String| navigate(&href, NavigateOptions::default()));
    // Towards what is held: runs and a file follow from the address.
    let wanted = Memo::new(move |_| look.with(|look| (look.runs.clone(), look.file.clone())));
    Effect::new(move |_| {
        let (runs, file) = wanted.get();
        if server.is_up() {
            runs.into_iter().for_each(|run| results.run(run));
        }
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
            <Sources look set_look />
            <nav class="views" aria-label="Views">
                {Shown::ALL.map(|one| {
                    let href = move || {
                        let look = look.get();
                        format!("/results{}", Look { shown: one, ..look }.to_query())
                    };
                    let current = move || (shown.get() == one).then_some("page");
                    view! { <a href=href aria-current=current data-testid=format!("view-{}", one.name())>{one.title()}</a> }
                }).collect_view()}
                <a class="onward" href=advisor data-testid="ask-advisor">"Ask the advisor"</a>
            </nav>
            <Chosen look set_look />
            {views(look, set_look, open)}
        </div>
    }
}
