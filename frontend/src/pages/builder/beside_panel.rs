//! Several samples of one spec, side by side.

use leptos::prelude::*;

use super::SetDesk;
use super::model::{Desk, numbers};
use crate::pages::ask::Ask;
use crate::protocol::Glance;
use crate::state::builder::Builder;
use crate::state::glances::Sight;
use crate::ui::field::TextField;
use crate::ui::strip::{Line, SlimStrip};

#[component]
pub(super) fn BesidePanel(desk: Memo<Desk>, set_desk: SetDesk) -> impl IntoView {
    let builder: Builder = expect_context();
    let glances = builder.glances;
    let typed = Memo::new(move |_| desk.with(|desk| desk.beside.clone()));
    let wanted = Memo::new(move |_| typed.with(|typed| numbers(typed)));
    let spec = Memo::new(move |_| {
        let built = builder.built;
        built.with(|built| built.as_ref().map(|built| built.order.spec.clone()))
    });
    // Towards the worker: neighbours of what is shown, so that they wait until it is.
    Effect::new(move |_| {
        if let (Some(spec), Ok(wanted)) = (spec.get(), wanted.get()) {
            glances.want(spec, wanted);
        }
    });
    let fault = Signal::derive(move || wanted.get().err());
    let show = move |number: u32| {
        let desk = desk.get_untracked();
        let ask = Ask {
            sample: number.to_string(),
            run: None,
            ..desk.ask.clone()
        };
        set_desk.run(desk.with_ask(ask));
    };
    let shown = Memo::new(move |_| desk.with(|desk| desk.ask.sample.trim().parse::<u32>().ok()));
    let samples = move || {
        match glances.sight.get() {
        Sight::None => ().into_any(),
        Sight::Waiting => view! { <p class="hint">"Building the samples…"</p> }.into_any(),
        Sight::Failed(message) => view! { <p class="fault">{message}</p> }.into_any(),
        Sight::Here(glances) => view! {
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
            <TextField label="Numbers, two to four" id="beside" value=typed fault
                on_input=move |beside| set_desk.run(Desk { beside, ..desk.get_untracked() }) />
            <div aria-live="polite">{samples}</div>
        </section>
    }
}

fn summary(glance: Glance) -> impl IntoView {
    const SHOWN: usize = 4;
    let line = Line::new(&glance.evidence, glance.input_bytes, glance.input_tokens.0);
    let more = glance.references.len().saturating_sub(SHOWN);
    let shown = glance.references.iter().take(SHOWN).cloned();
    let references = shown.map(|reference| view! { <li><code>{reference}</code></li> });
    let places = match glance.pieces {
        1 => "1 place".to_owned(),
        count => format!("{count} places"),
    };
    view! {
        <SlimStrip line name=format!("Sample {}", glance.number) />
        <p><b>{glance.length.to_string()}</b> " tokens"</p>
        <p class="hint">{places}</p>
        <ul class="chips">
            {references.collect_view()}
            {(more > 0).then(|| view! { <li class="hint">{format!("and {more} more")}</li> })}
        </ul>
    }
}
