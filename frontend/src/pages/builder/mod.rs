//! For those who write generators: every option, what it does to the text, sample by sample.

mod assets_panel; // who counts the tokens
mod change_panel; // what the last change did to the bytes
mod compare; // what a change of the order did to the bytes
mod editor; // a text area over its own coloured copy
mod evidence; // evidence as a list
mod evidence_panel; // what is expected, and where it stands
mod import_export; // what is carried in and out
mod import_export_panel; // in and out
mod model; // the page's state as its URL. Pure
mod neighbours_panel; // several samples of one spec, side by side
mod preview; // the text
pub(super) mod script; // scripts of one's own, as the page holds them
mod script_panel; // the script of a task of one's own

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::form::Form;
use super::run_form::{self, RunFormDialog};
use super::sample_query::SetSampleQuery;
use crate::state::builder::BuilderState;
use assets_panel::AssetsPanel;
use change_panel::ChangePanel;
use evidence_panel::EvidencePanel;
use import_export_panel::ImportExportPanel;
use model::BuilderQuery;
use neighbours_panel::NeighboursPanel;
use preview::Preview;
use script_panel::ScriptPanel;

/// Changes what the page shows, and with it its address.
type SetBuilderQuery = Callback<BuilderQuery>;

/// The page.
#[component]
pub(crate) fn BuilderPage() -> impl IntoView {
    let builder: BuilderState = expect_context();
    let query = use_query_map();
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
        set_builder_query.run(builder_query.get_untracked().with_ask(ask))
    });
    // Towards the workers: who counts and the order follow from the address.
    builder.read_own_texts(true);
    let counts = Memo::new(move |_| ask.with(super::sample_query::SampleQuery::counts));
    Effect::new(move |_| {
        if let Ok(choice) = counts.get() {
            builder.count_by(choice);
        }
    });
    let order = Memo::new(move |_| ask.with(super::sample_query::SampleQuery::order));
    Effect::new(move |_| match order.get() {
        Ok(order) => builder.want(order),
        Err(fault) => builder.refuse(fault),
    });
    let own = Signal::derive(move || {
        let order = order.get().ok()?;
        Some((order.spec, order.mode))
    });
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
                        <RunFormDialog own />
                    </p>
                </section>
                <AssetsPanel ask set_ask />
                <ImportExportPanel ask set_ask />
            </div>
            <div class="stack preview">
                <ScriptPanel ask set_ask />
                <section class="panel" aria-labelledby="preview-title">
                    <h2 id="preview-title">"What the model reads"</h2>
                    <Preview builder_query set_builder_query />
                </section>
            </div>
            <div class="stack look">
                <EvidencePanel builder_query set_builder_query />
                <NeighboursPanel builder_query set_builder_query />
                <ChangePanel />
            </div>
        </div>
    }
}
