//! Build a sample, run it here and on the server, compare.

mod answers; // the panels with both answers
mod answers_panel; // the answers of this browser and of the server
mod second; // a second task beside the first

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::form::Form;
use super::model_card::ModelPace;
use super::model_panel::ModelPanel;
use super::reading::{PromptReader, SampleFacts};
use super::sample_query::{MOST_SAMPLES, SampleQuery, SetSampleQuery};
use crate::protocol::RunKey;
use crate::state::builder::{BuilderState, TokenizerChoice};
use crate::state::server::ServerState;
use crate::ui::stage::{Stage, StageTools};
use answers::AnswersPanel;
use answers_panel::BothAnswers;
use second::{SecondSample, SecondTask, looked_at, title};

/// The name of the sample in the address, where it is shown alone.
const SAMPLE: &str = "sample";

/// The Playground page.
#[component]
pub(crate) fn PlaygroundPage() -> impl IntoView {
    let builder: BuilderState = expect_context();
    let server: ServerState = expect_context();
    let query = use_query_map();
    let ask = Memo::new(move |_| {
        let ask = query.with(|query| SampleQuery::from_query(|key| query.get(key)));
        ask.for_a_model()
    });
    let (navigate, stage) = (use_navigate(), expect_context::<Stage>());
    let set_ask = SetSampleQuery::new(move |ask: SampleQuery| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(
            &stage.keep(format!("/playground{}", ask.to_query())),
            options,
        );
    });
    // What a model is asked is counted by its own tokenizer and made of the texts that runs read.
    builder.count_by(TokenizerChoice::Model);
    builder.read_own_texts(false);
    // Towards the workers: the request follows from the address, the run from its number.
    let request = Memo::new(move |_| ask.with(SampleQuery::request));
    Effect::new(move |_| match request.get() {
        Ok(request) => builder.want(request),
        Err(fault) => builder.refuse(fault),
    });
    let run = Memo::new(move |_| ask.with(|ask| ask.run.map(RunKey::Server)));
    Effect::new(move |_| server.follow(run.get()));

    let built = builder.built;
    let (piece, set_piece) = looked_at(built.into());
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
            (true, _) => "Building the sample… The previous one is shown below.",
            (false, true) if !first => {
                "Not built; see the errors in the form. The previous sample is shown below."
            }
            _ => "",
        }
    };
    let in_builder = move || {
        let alone = SampleQuery {
            beside: None,
            ..ask.get()
        };
        format!("/builder{}", alone.to_query())
    };
    // The sample before or after; of none where the number is none.
    let other = move |by: i64| {
        let number = ask.with(|ask| ask.sample.trim().parse::<i64>()).ok()? + by;
        (0..i64::from(MOST_SAMPLES))
            .contains(&number)
            .then_some(number)
    };
    let turn = move |by: i64, label: &'static str, key: &'static str| {
        let go = move |_| {
            if let Some(number) = other(by) {
                set_ask.run(SampleQuery {
                    sample: number.to_string(),
                    run: None,
                    ..ask.get_untracked()
                });
            }
        };
        view! { <button class="quiet" data-key=key disabled=move || other(by).is_none() on:click=go>{label}</button> }
    };
    let paired = Memo::new(move |_| ask.with(|ask| ask.beside.is_some()));
    let apart = move || paired.get() || stage.mode_of(SAMPLE).is_some();
    let task =
        Memo::new(move |_| built.with(|built| Some(built.as_ref()?.request.spec.task.clone())));
    view! {
        <h1 class="sr-only">"Playground"</h1>
        <div class="playground">
            <section class="panel build" aria-labelledby="build-title">
                <h2 id="build-title">"Build a sample"</h2>
                <Form ask set_ask />
            </section>
            <section class="panel context" aria-labelledby="prompt-title" data-stage=SAMPLE data-on-stage=move || stage.mark(SAMPLE)>
                <div class="head">
                    <h2 id="prompt-title">"What the model reads"</h2>
                    <p class="hint" role="status" data-testid="building">{state}</p>
                    <span class="off-stage">
                        {turn(-1, "Previous sample", "ArrowLeft")}
                        {turn(1, "Next sample", "ArrowRight")}
                    </span>
                    <StageTools name=SAMPLE.to_owned() title="A sample with its evidence".to_owned() />
                </div>
                <div class="off-stage"><SecondTask ask set_ask /></div>
                <div class="columns" data-pair=move || paired.get().to_string()>
                    <article class="column">
                        <Show when=apart><h3>{move || task.get().map(|task| title(&task))}</h3></Show>
                        <SampleFacts built />
                        <PromptReader piece set_piece answered=both.marked() lead />
                        <Show when=apart>{both.told(go)}</Show>
                    </article>
                    <Show when=move || paired.get()><SecondSample ask /></Show>
                </div>
                <p class="hint off-stage">
                    <A href=in_builder>"Look closer in the builder"</A>
                    " to see its tokens, its neighbours and what each option changes."
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
