//! For those who write generators: every option, what it does to the text, sample by sample.

mod assets_panel; // tokenizer and texts in use
mod change_panel; // shows what the last change did to the text
mod compare; // compares a sample before and after a change
mod editor; // the script editor: a text area over a highlighted copy
mod evidence; // groups evidence into a list
mod evidence_panel; // lists references and evidence with their places
mod import_export; // import and export formats
mod import_export_panel; // the import and export panel
mod model; // the page's state as its URL
mod neighbours_panel; // several samples of one spec, side by side
mod preview; // the sample's text
mod script_panel; // the panel for a custom task's script
mod trial_panel; // asks a model the first samples

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::display;
use super::form::Form;
use super::query::keep_address;
use super::run_form::{self, RunFormDialog};
use super::sample_query::SetSampleQuery;
use crate::protocol::FormField;
use crate::state::builder::BuilderState;
use assets_panel::AssetsPanel;
use change_panel::ChangePanel;
use evidence_panel::EvidencePanel;
use import_export_panel::ImportExportPanel;
use model::BuilderQuery;
use neighbours_panel::NeighboursPanel;
use preview::Preview;
use script_panel::ScriptPanel;
use trial_panel::TrialPanel;

/// Changes what the page shows, and with it its address.
type SetBuilderQuery = Callback<BuilderQuery>;

/// The Builder page.
#[component]
pub(crate) fn BuilderPage() -> impl IntoView {
    let builder: BuilderState = expect_context();
    let query = use_query_map();
    keep_address("/builder");
    let builder_query =
        Memo::new(move |_| query.with(|query| BuilderQuery::from_query(|key| query.get(key))));
    let navigate = use_navigate();
    let set_builder_query = SetBuilderQuery::new(move |builder_query: BuilderQuery| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        let kept = query.with_untracked(run_form::kept);
        navigate(
            &format!("/builder{}{kept}", builder_query.to_query()),
            options,
        );
    });
    let ask = Memo::new(move |_| builder_query.with(|builder_query| builder_query.ask.clone()));
    let set_ask = SetSampleQuery::new(move |ask| {
        set_builder_query.run(builder_query.get_untracked().with_ask(ask));
    });
    // Towards the workers: the tokenizer and the request follow from the address.
    builder.read_own_texts(true);
    let counts = Memo::new(move |_| ask.with(super::sample_query::SampleQuery::counts));
    Effect::new(move |_| {
        if let Ok(choice) = counts.get() {
            builder.count_by(choice);
        }
    });
    let request = Memo::new(move |_| ask.with(super::sample_query::SampleQuery::request));
    Effect::new(move |_| match request.get() {
        Ok(request) => builder.want(request),
        Err(fault) => builder.refuse(fault),
    });
    let own = Signal::derive(move || {
        let request = request.get().ok()?;
        Some((request.spec, request.mode))
    });
    // Only the builder worker runs scripts, so it knows their errors.
    let own_fault = Signal::derive(move || {
        own.with(|own| own.as_ref()?.0.script.as_ref().map(|_| ()))?;
        if builder.busy.get() {
            return Some("Your script is being checked.".to_owned());
        }
        let fault = builder.fault.get()?;
        (fault.field == FormField::Script)
            .then(|| display::sentence(&format!("Your script: {}", fault.message)))
    });
    // Without a sample and with a fault, there is nothing to read.
    let nothing =
        move || builder.built.with(Option::is_none) && builder.fault.with(Option::is_some);
    // What is shown while the form is at fault is the sample before it.
    let old = move || builder.fault.with(Option::is_some).to_string();
    let in_playground =
        move || ask.with(|ask| format!("/playground{}", ask.for_a_model().to_query()));
    view! {
        <h1 class="sr-only">"Builder"</h1>
        <div class="builder">
            <div class="stack">
                <section class="panel" aria-labelledby="build-title">
                    <h2 id="build-title">"Build a sample"</h2>
                    <Form ask set_ask open=true />
                    <p class="inline">
                        <A href=in_playground>"Ask a model in the playground"</A>
                        <RunFormDialog own own_fault />
                    </p>
                </section>
                <AssetsPanel ask set_ask />
            </div>
            <div class="stack preview">
                <ScriptPanel ask set_ask />
                <section class="panel" aria-labelledby="preview-title" hidden=nothing data-old=old>
                    <h2 id="preview-title">"What the model reads"</h2>
                    <Preview builder_query set_builder_query />
                </section>
            </div>
            <div class="look">
                <TrialPanel own own_fault />
                <div class="stack">
                    <EvidencePanel builder_query set_builder_query />
                    <ChangePanel />
                </div>
                <NeighboursPanel builder_query set_builder_query />
            </div>
            <ImportExportPanel ask set_ask />
        </div>
    }
}
