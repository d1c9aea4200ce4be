//! Router and contexts.

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

use crate::pages::{
    AdvisorPage, BuilderPage, HomePage, LongbenchPage, PlaygroundPage, ResultsPage, RunPage,
    RunsPage,
};
use crate::state::answer_records::AnswerRecords;
use crate::state::builder::BuilderState;
use crate::state::engine::EngineState;
use crate::state::library::QuestionLibrary;
use crate::state::question_trials::QuestionTrials;
use crate::state::recording::RecordingState;
use crate::state::results::ResultsState;
use crate::state::server::ServerState;
use crate::state::settings::PageSettings;

/// Puts the page into the document, in the place of what `index.html` shows until then.
pub fn start() {
    console_error_panic_hook::set_once();
    // In one task with the mounting, so that nothing empty is drawn in between.
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let settings = PageSettings::new();
    let builder = BuilderState::new();
    provide_context(builder);
    let library = QuestionLibrary::new();
    let lab = EngineState::new(builder, library.maker);
    let records = AnswerRecords::new();
    provide_context(lab);
    provide_context(library);
    provide_context(records);
    provide_context(RecordingState::new());
    let results = ResultsState::new(lab);
    provide_context(results);
    provide_context(QuestionTrials::new(lab, library, records));
    let server = ServerState::new(lab);
    provide_context(server);
    // What is shown of results begins with the run that comes with the page.
    let recorded = move || results.recorded();
    let theme = move || settings.theme.get().as_str();
    view! {
        <Router>
            <a class="skip" href="#main">"Skip to the content"</a>
            <header class="top">
                <A href="/" attr:class="brand"><span class="brand-mark" aria-hidden="true"></span>"Fathom"</A>
                <p class="tagline">"How deep can your model really read?"</p>
                <nav aria-label="Pages">
                    <A href="/playground">"Playground"</A>
                    <A href="/builder">"Builder"</A>
                    <A href="/longbench">"LongBench"</A>
                    <A href="/runs">"Runs"</A>
                    <A href="/results">"Results"</A>
                    <A href="/advisor">"Advisor"</A>
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
                <Routes fallback=|| view! { <p class="note">"There is no such page."</p> }>
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
                    "Tasks after RULER (Hsieh et al., 2024), made byte for byte. "
                    <span data-testid="where">{move || server.where_things_run()}</span>
                </p>
            </footer>
        </Router>
    }
}
