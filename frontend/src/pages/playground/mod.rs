//! Build a sample, run it here and on the server, compare.

mod answers; // both answers as panels
mod both; //    what this browser and the server answered

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::form::Form;
use super::model_card::ModelPace;
use super::model_panel::ModelPanel;
use super::reading::{PromptReader, SampleFacts};
use super::sample_query::{SampleQuery, SetSampleQuery};
use crate::protocol::RunKey;
use crate::state::builder::{BuilderState, TokenizerChoice};
use crate::state::server::ServerState;
use answers::AnswersPanel;
use both::BothAnswers;

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
        navigate(&format!("/playground{}", ask.to_query()), options);
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

    // What is looked at belongs to its sample; of another one the first needle is.
    let built = builder.built;
    let hash = Memo::new(move |_| {
        built.with(|built| built.as_ref().map(|built| built.prompt_hash.clone()))
    });
    let chosen = RwSignal::new((None, None));
    let piece = Signal::derive(move || match (hash.get(), chosen.get()) {
        (hash, (of, piece)) if hash.is_some() && hash == of => piece,
        _ => built.with(|built| {
            let mut evidence = built.as_ref()?.sample.evidence.iter();
            evidence.position(|piece| piece.gold)
        }),
    });
    let set_piece = Callback::new(move |at| chosen.set((hash.get_untracked(), at)));
    let both = BothAnswers::of(ask);
    // Towards the browser's storage: how fast the model was is told before it is loaded again.
    Effect::new(move |_| {
        both.here.with(|answer| {
            let transcript = &answer.scored()?.transcript;
            ModelPace::of(transcript)?.keep(&transcript.engine.model_sha256);
            Some(())
        });
    });
    let lead = RwSignal::new(None);
    let go = Callback::new(move |at: usize| lead.set(Some(at)));
    let state = move || {
        let first = built.with(Option::is_none);
        match (builder.busy.get(), builder.fault.with(Option::is_some)) {
            (true, _) if first => "Building the sample…",
            (true, _) => "Building the sample… Below is the one before.",
            (false, true) if !first => "Not built: see the form. Below is the one before.",
            _ => "",
        }
    };
    let in_builder = move || ask.with(|ask| format!("/builder{}", ask.to_query()));
    view! {
        <h1 class="sr-only">"Playground"</h1>
        <div class="playground">
            <section class="panel build" aria-labelledby="build-title">
                <h2 id="build-title">"Build a sample"</h2>
                <Form ask set_ask />
            </section>
            <section class="panel context" aria-labelledby="prompt-title">
                <div class="head">
                    <h2 id="prompt-title">"What the model reads"</h2>
                    <p class="hint" role="status" data-testid="building">{state}</p>
                </div>
                <SampleFacts />
                <PromptReader piece set_piece answered=both.marked() lead />
                <p class="hint">
                    <A href=in_builder>"Look closer in the builder"</A>
                    ": tokens, neighbours, what each option changes."
                </p>
            </section>
            <section class="panel run" aria-labelledby="run-title">
                <h2 id="run-title">"Ask the model"</h2>
                <ModelPanel />
                <AnswersPanel ask set_ask both go />
            </section>
        </div>
    }
}
