//! Build a sample, run it here and on the server, compare.

mod answers; // both answers, side by side

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::form::Form;
use super::model_panel::ModelPanel;
use super::reading::{PromptReader, SampleFacts};
use super::sample_query::{SampleQuery, SetSampleQuery};
use crate::protocol::RunKey;
use crate::state::builder::{BuilderState, TokenizerChoice};
use crate::state::server::ServerState;
use answers::AnswersPanel;

/// The page.
#[component]
pub(crate) fn PlaygroundPage() -> impl IntoView {
    let builder: BuilderState = expect_context();
    let server: ServerState = expect_context();
    let query = use_query_map();
    let ask = Memo::new(move |_| {
        let ask = query.with(|query| SampleQuery::from_query(|key| query.get(key)));
        ask.for_a_model()
    });
    let navigate = use_navigate();
    let set_ask = SetSampleQuery::new(move |ask: SampleQuery| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&format!("/{}", ask.to_query()), options);
    });
    // What a model is asked is counted by its own tokenizer and made of the texts that runs read.
    builder.count_by(TokenizerChoice::Model);
    builder.read_own_texts(false);
    // Towards the workers: the order follows from the address, the run from its number.
    let order = Memo::new(move |_| ask.with(SampleQuery::order));
    Effect::new(move |_| match order.get() {
        Ok(order) => builder.want(order),
        Err(fault) => builder.refuse(fault),
    });
    let run = Memo::new(move |_| ask.with(|ask| ask.run.map(RunKey::Server)));
    Effect::new(move |_| server.follow(run.get()));

    let piece = RwSignal::new(None);
    let in_builder = move || ask.with(|ask| format!("/builder{}", ask.to_query()));
    view! {
        <h1 class="sr-only">"Playground"</h1>
        <div class="playground">
            <section class="panel build" aria-labelledby="build-title">
                <h2 id="build-title">"Build a sample"</h2>
                <Form ask set_ask />
            </section>
            <section class="panel context" aria-labelledby="prompt-title">
                <h2 id="prompt-title">"What the model reads"</h2>
                <SampleFacts />
                <PromptReader piece set_piece=Callback::new(move |at| piece.set(at)) />
                <p class="hint">
                    <A href=in_builder>"Look closer in the builder"</A>
                    ": tokens, neighbours, what each option changes."
                </p>
            </section>
            <section class="panel run" aria-labelledby="run-title">
                <h2 id="run-title">"Ask the model"</h2>
                <ModelPanel />
                <AnswersPanel ask set_ask />
            </section>
        </div>
    }
}
