//! The text, with a way from piece to piece and from token to token.

use leptos::prelude::*;

use super::super::reading::{Facts, Reading, step};
use super::SetDesk;
use super::evidence::says;
use super::model::Desk;
use crate::state::builder::Builder;

#[component]
pub(super) fn Preview(desk: Memo<Desk>, set_desk: SetDesk) -> impl IntoView {
    let builder: Builder = expect_context();
    let built = builder.built;
    let piece = Memo::new(move |_| desk.with(|desk| desk.piece));
    let tokens = Memo::new(move |_| desk.with(|desk| desk.tokens));
    let set_piece = Callback::new(move |piece| {
        set_desk.run(Desk {
            piece,
            ..desk.get_untracked()
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
            0 => "This sample has no marked places.".to_owned(),
            1 => "1 marked place.".to_owned(),
            count => format!("{count} marked places."),
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
                "Not built: see the form. Shown is the last good sample.".to_owned()
            }
            (false, true, None) => "Not built: see the form.".to_owned(),
            (false, false, Some(made)) => format!("Made in {made:.0} ms."),
            (false, false, None) => String::new(),
        }
    };
    view! {
        <Facts />
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
                    on:change:target=move |event| set_desk.run(Desk {
                        tokens: event.target().checked(),
                        ..desk.get_untracked()
                    })
                />
                "Tokens"
            </label>
            <p role="status" data-testid="piece">{place}</p>
        </div>
        <Reading piece set_piece tokens />
    }
}
