//! One sample: what was asked, with its evidence, and what was answered.

use std::sync::Arc;

use fathom_shared::api::{RowDetail, RunView};
use fathom_shared::run::SampleKey;
use leptos::html::Section;
use leptos::prelude::*;
use leptos_router::components::A;

use super::super::answer::{shown, stored};
use super::super::reading::{DepthPanel, PromptLayout, SampleSources};
use super::super::sample_query::SampleQuery;
use super::answer_parts::AnswerDetail;
use super::model::RunQuery;
use super::{SetRunQuery, bring_into_view};
use crate::state::answer::AnswerState;
use crate::state::server::{SampleDetail, ServerState};
use crate::ui::coded_text::coded;

/// The sample that is open, if one is.
#[component]
pub(super) fn SamplePanel(
    run: Memo<Option<RunView>>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let place = Memo::new(move |_| look.get().place());
    view! {
        {move || place.get().map(|place| view! { <OpenedSample place run look set_look /> })}
    }
}

/// One sample of a run: its answer, its score and its prompt.
#[component]
fn OpenedSample(
    place: SampleKey,
    run: Memo<Option<RunView>>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let server: ServerState = expect_context();
    let row = Memo::new(move |_| server.run.with(|run| run.as_ref()?.1.row(place)));
    // Towards the server: the texts of what is open, and again once it is answered.
    Effect::new(move |_| {
        if row.with(Option::is_some) {
            server.want(place);
        }
    });
    // While the newer texts are on the way, the older ones stay.
    let detail = Memo::new(move |before: Option<&Option<Arc<RowDetail>>>| {
        server.detail.with(|detail| {
            let here = |detail: &&SampleDetail| {
                detail.row.place == place && server.followed() == Some(detail.run)
            };
            let mine = detail.as_ref().filter(here);
            let got = mine.and_then(|detail| detail.got.clone());
            match got {
                Some(got) => got.ok(),
                None => before.cloned().flatten(),
            }
        })
    });
    let fault = move || {
        server.detail.with(|detail| match &detail.as_ref()?.got {
            Some(Err(message)) => Some(message.clone()),
            _ => None,
        })
    };
    let answer = Memo::new(move |_| {
        let detail = server.detail.get();
        server.run.with(|run| match run {
            Some((id, run)) => match run.answer(place) {
                AnswerState::Stored => stored(*id, run, place, detail),
                answer => answer,
            },
            None => AnswerState::Idle,
        })
    });
    let laid = Memo::new(move |_| {
        let lay = |detail: &Arc<RowDetail>| {
            let (sample, prompt) = detail.made.as_ref()?;
            Some(PromptLayout::new(sample, prompt))
        };
        detail.with(|detail| detail.as_ref().and_then(lay).unwrap_or_default())
    });
    let is_made = move || detail.with(|detail| detail.as_ref().is_some_and(|d| d.made.is_some()));
    let unmade = move || detail.with(|detail| detail.as_ref()?.unmade.clone());
    let made_of = move || {
        let detail = detail.get()?;
        let (sample, _) = detail.made.as_ref()?;
        Some(view! { <SampleSources sources=sample.sources.clone() cut=sample.cut /> })
    };
    let waits = move || detail.with(Option::is_none) && fault().is_none();
    let piece = Memo::new(move |_| look.get().piece);
    let set_piece = Callback::new(move |piece| {
        let next = look.get_untracked();
        set_look.run(RunQuery { piece, ..next });
    });
    let title = move || {
        run.with(|run| {
            let spec = run.as_ref()?.run_spec.grid.cell(place.cell)?;
            let (task, length, seed) = (spec.task, spec.max_seq_length, spec.random_seed);
            Some(format!("{task} at {length} tokens, seed {seed}"))
        })
    };
    let links = move || {
        run.with(|run| {
            let run = run.as_ref()?;
            let spec = run.run_spec.grid.cell(place.cell)?;
            let id = server.followed()?;
            let query = SampleQuery::of_sample(id, &run.run_spec, &spec, place.sample).to_query();
            Some(view! {
                <A href=format!("/builder{query}")>"Open in the builder"</A>
                <A href=format!("/playground{query}")>"Open in the playground"</A>
            })
        })
    };
    let node = NodeRef::<Section>::new();
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            bring_into_view(node.into());
        }
    });
    view! {
        <section class="panel sample" aria-labelledby="sample-title" data-testid="opened" node_ref=node>
            <div class="head">
                <h2 id="sample-title">"Sample " {place.sample}</h2>
                <p class="hint">{title}</p>
                <button class="quiet" data-testid="close-sample"
                    on:click=move |_| set_look.run(look.get_untracked().at_cell(Some(place.cell)))>
                    "Close"
                </button>
            </div>
            <p class="inline links">{links}</p>
            <h3>"Answer"</h3>
            {shown(answer, "sample")}
            {move || detail.get().map(|detail| view! { <AnswerDetail detail /> })}
            <h3>"Prompt"</h3>
            {move || fault().map(|fault| view! { <p class="fault" role="alert">{coded(&fault)}</p> })}
            {move || unmade().map(|why| view! { <p class="fault" role="alert" data-testid="unmade">{coded(&why)}</p> })}
            <Show when=waits><p class="hint" role="status">"Rebuilding the sample…"</p></Show>
            {made_of}
            <Show when=is_made><DepthPanel laid piece set_piece /></Show>
        </section>
    }
}
