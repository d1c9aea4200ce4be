//! Router and contexts.

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

use crate::pages::{
    AdvisorPage, BuilderPage, HomePage, LongbenchPage, PageTitle, PlaygroundPage, ResultsPage,
    RunPage, RunsPage,
};
use crate::state::builder::BuilderState;
use crate::state::earlier_answers;
use crate::state::engine::EngineState;
use crate::state::library::QuestionLibrary;
use crate::state::question_queue::QuestionQueue;
use crate::state::recording::RecordingState;
use crate::state::results::ResultsState;
use crate::state::server::ServerState;
use crate::state::settings::PageSettings;
use crate::ui::stage::{Stage, StageFrame};
use crate::worker_host::asset;

/// Puts the page into the document, in the place of what `index.html` shows until then.
pub fn start() {
    console_error_panic_hook::set_once();
    // In one task with the mounting, so that nothing empty is drawn in between.
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    mount_to_body(App);
}

/// The whole page: the router, and the state that outlives a page.
#[component]
fn App() -> impl IntoView {
    let settings = PageSettings::new();
    let builder = BuilderState::new();
    provide_context(builder);
    let library = QuestionLibrary::new();
    let lab = EngineState::new(builder, library.maker);
    earlier_answers::adopt(lab);
    provide_context(lab);
    provide_context(library);
    provide_context(RecordingState::new());
    provide_context(ResultsState::new(lab));
    provide_context(QuestionQueue::new(lab, library));
    provide_context(ServerState::new(lab));
    // Without its last slash, as the router wants it.
    let base = asset("").trim_end_matches('/').to_owned();
    let root = base.clone();
    view! { <Router base=base><Shell root settings /></Router> }
}

/// The header, the footer and the page between them.
#[component]
fn Shell(root: String, settings: PageSettings) -> impl IntoView {
    provide_context(Stage::new());
    let (server, results): (ServerState, ResultsState) = (expect_context(), expect_context());
    // What is shown of results begins with the run that comes with the page.
    let recorded = move || results.recorded();
    let at = move |path: &str| format!("{root}{path}");
    let home = at("/");
    let theme = move || settings.theme.get().as_str();
    view! {
        <PageTitle />
        <a class="skip" href="#main">"Skip to content"</a>
        <header class="top">
            <A href=at("/") attr:class="brand"><span class="brand-mark" aria-hidden="true"></span>"Fathom"</A>
            <p class="tagline">"How deep can your model really read?"</p>
            <nav aria-label="Pages">
                <A href=at("/playground")>"Playground"</A>
                <A href=at("/builder")>"Builder"</A>
                <A href=at("/longbench")>"LongBench"</A>
                <A href=at("/runs")>"Runs"</A>
                <A href=at("/results")>"Results"</A>
                <A href=at("/advisor")>"Advisor"</A>
            </nav>
            <button
                class="quiet"
                data-testid="theme"
                on:click=move |_| settings.theme.update(|theme| *theme = theme.next())
            >
                "Theme: " {theme}
            </button>
        </header>
        <main id="main" tabindex="-1">
            <Routes fallback=move || view! { <NotFound home=home.clone() /> }>
                <Route path=path!("/") view=HomePage />
                <Route path=path!("/playground") view=PlaygroundPage />
                <Route path=path!("/builder") view=BuilderPage />
                <Route path=path!("/longbench") view=LongbenchPage />
                <Route path=path!("/runs") view=RunsPage />
                <Route path=path!("/runs/:id") view=RunPage />
                <Route path=path!("/results") view=move || { recorded(); view! { <ResultsPage /> } } />
                <Route path=path!("/advisor") view=move || { recorded(); view! { <AdvisorPage /> } } />
            </Routes>
        </main>
        <footer class="foot">
            <p>
                "Tasks from RULER (Hsieh et al., 2024), reproduced byte for byte. "
                <span data-testid="where">{move || server.where_things_run()}</span>
            </p>
        </footer>
        <StageFrame />
    }
}

/// What an address without a page shows: a way back to the pages there are.
#[component]
fn NotFound(home: String) -> impl IntoView {
    view! {
        <section class="panel" data-testid="not-found">
            <h1>"Page not found"</h1>
            <p>
                "There is no page at this address. Go to "
                <A href=home>"Home"</A>
                ", or choose a page above."
            </p>
        </section>
    }
}
