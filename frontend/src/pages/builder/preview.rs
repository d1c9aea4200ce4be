//! The text, with a way from piece to piece and from token to token.

use leptos::prelude::*;

use super::super::reading::{PromptReader, SampleFacts, step};
use super::SetBuilderQuery;
use super::evidence::says;
use super::model::BuilderQuery;
use crate::state::builder::BuilderState;

/// The prompt with its evidence and the buttons that step through it.
#[component]
pub(super) fn Preview(
    builder_query: Memo<BuilderQuery>,
    set_builder_query: SetBuilderQuery,
) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let built = builder.built;
    let piece = Memo::new(move |_| builder_query.with(|builder_query| builder_query.piece));
    let tokens = Memo::new(move |_| builder_query.with(|builder_query| builder_query.tokens));
    let set_piece = Callback::new(move |piece| {
        set_builder_query.run(BuilderQuery {
            piece,
            ..builder_query.get_untracked()
        });
    });
    let count = Memo::new(move |_| {
        built.with(|built| {
            built
                .as_ref()
                .map_or(0, |built| built.sample.evidence.len())
        })
    });
    let go = move |forward| {
        move |_| set_piece.run(step(piece.get_untracked(), count.get_untracked(), forward))
    };
    let place = move || match piece.get().filter(|number| *number < count.get()) {
        Some(number) => built.with(|built| {
            let sample = &built.as_ref()?.sample;
            let piece = &sample.evidence[number];
            let what = says(piece, sample.input_tokens.0);
            Some(format!(
                "{} of {}: {}, {what}.",
                number + 1,
                sample.evidence.len(),
                piece.label
            ))
        }),
        None => Some(match count.get() {
            0 if built.with(Option::is_none) => String::new(),
            0 => "This sample has no evidence to mark.".to_owned(),
            1 => "1 evidence span is marked.".to_owned(),
            count => format!("{count} evidence spans are marked."),
        }),
    };
    let state = move || {
        let made = built.with(|built| built.as_ref().map(|built| built.build_ms));
        match (
            builder.busy.get(),
            builder.fault.with(Option::is_some),
            made,
        ) {
            (true, ..) => "Building…".to_owned(),
            (false, true, Some(_)) => {
                "Not built; see the errors in the form. This is the last valid sample.".to_owned()
            }
            (false, true, None) => "Not built; see the errors in the form.".to_owned(),
            (false, false, Some(made)) => format!("Built in {made:.0} ms."),
            (false, false, None) => String::new(),
        }
    };
    view! {
        <SampleFacts built=builder.built />
        <p class="hint" role="status" data-testid="build-state">{state}</p>
        <div class="tools">
            <button data-testid="previous-piece" aria-keyshortcuts="p" disabled=move || count.get() == 0 on:click=go(false)>
                "Previous " <kbd>"p"</kbd>
            </button>
            <button data-testid="next-piece" aria-keyshortcuts="n" disabled=move || count.get() == 0 on:click=go(true)>
                "Next " <kbd>"n"</kbd>
            </button>
            <label class="check">
                <input
                    type="checkbox"
                    data-testid="tokens"
                    prop:checked=tokens
                    on:change:target=move |event| set_builder_query.run(BuilderQuery {
                        tokens: event.target().checked(),
                        ..builder_query.get_untracked()
                    })
                />
                "Show tokens"
            </label>
            <p role="status" data-testid="piece">{place}</p>
        </div>
        <PromptReader piece set_piece tokens />
    }
}
