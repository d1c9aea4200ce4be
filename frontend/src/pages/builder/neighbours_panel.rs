//! Several samples of one spec, side by side.

use leptos::prelude::*;

use super::super::display;
use super::SetBuilderQuery;
use super::model::{BuilderQuery, numbers};
use crate::pages::sample_query::SampleQuery;
use crate::protocol::SampleSummary;
use crate::state::builder::BuilderState;
use crate::state::sample_summaries::SummariesState;
use crate::ui::coded_text::coded;
use crate::ui::field::TextField;
use crate::ui::strip::{CompactStrip, StripLine};

/// Two to four samples of the same task side by side.
#[component]
pub(super) fn NeighboursPanel(
    builder_query: Memo<BuilderQuery>,
    set_builder_query: SetBuilderQuery,
) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let glances = builder.glances;
    let typed =
        Memo::new(move |_| builder_query.with(|builder_query| builder_query.beside.clone()));
    let wanted = Memo::new(move |_| typed.with(|typed| numbers(typed)));
    let spec = Memo::new(move |_| {
        let built = builder.built;
        built.with(|built| built.as_ref().map(|built| built.request.spec.clone()))
    });
    // Towards the worker: neighbours of what is shown, so that they wait until it is.
    Effect::new(move |_| {
        if let (Some(spec), Ok(wanted)) = (spec.get(), wanted.get()) {
            glances.want(spec, wanted);
        }
    });
    let fault = Signal::derive(move || wanted.get().err().map(|fault| display::sentence(&fault)));
    let show = move |number: u32| {
        let builder_query = builder_query.get_untracked();
        let ask = SampleQuery {
            sample: number.to_string(),
            run: None,
            ..builder_query.ask.clone()
        };
        set_builder_query.run(builder_query.with_ask(ask));
    };
    let shown = Memo::new(move |_| {
        builder_query.with(|builder_query| builder_query.ask.sample.trim().parse::<u32>().ok())
    });
    let samples = move || {
        match glances.sight.get() {
        SummariesState::None => ().into_any(),
        SummariesState::Waiting => view! { <p class="hint">"Building the samples…"</p> }.into_any(),
        SummariesState::Failed(message) => view! { <p class="fault">{coded(&message)}</p> }.into_any(),
        SummariesState::Here(glances) => view! {
            <div class="beside" data-testid="beside-samples">
                {glances.into_iter().map(|glance| {
                    let number = glance.number;
                    let current = move || (shown.get() == Some(number)).then_some("true");
                    view! {
                        <article data-testid="beside-sample" aria-current=current aria-label=format!("Sample {number}")>
                            <button class="quiet" on:click=move |_| show(number)>"Sample " {number}</button>
                            {summary(glance)}
                        </article>
                    }
                }).collect_view()}
            </div>
        }
        .into_any(),
    }
    };
    view! {
        <section class="panel" aria-labelledby="beside-title">
            <h2 id="beside-title">"Samples side by side"</h2>
            <TextField label="Sample numbers (two to four)" id="beside" value=typed fault
                on_input=move |beside| set_builder_query.run(BuilderQuery { beside, ..builder_query.get_untracked() }) />
            <div aria-live="polite">{samples}</div>
        </section>
    }
}

fn summary(glance: SampleSummary) -> impl IntoView {
    const SHOWN: usize = 4;
    let line = StripLine::new(&glance.evidence, glance.input_bytes, glance.input_tokens.0);
    let more = glance.references.len().saturating_sub(SHOWN);
    let shown = glance.references.iter().take(SHOWN).cloned();
    let references = shown.map(|reference| view! { <li><code>{reference}</code></li> });
    let places = match glance.pieces {
        1 => "1 evidence span".to_owned(),
        count => format!("{count} evidence spans"),
    };
    view! {
        <CompactStrip line name=format!("Sample {}", glance.number) />
        <p><b>{format!("{:#}", glance.length)}</b> " tokens"</p>
        <p class="hint">{places}</p>
        <ul class="chips">
            {references.collect_view()}
            {(more > 0).then(|| view! { <li class="hint">{format!("and {more} more")}</li> })}
        </ul>
    }
}
