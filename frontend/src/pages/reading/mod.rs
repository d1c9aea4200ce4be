//! The prompt with its evidence: the line beside the text, and what is known of both.

mod facts;
mod marks;

use std::sync::Arc;

use leptos::prelude::*;

use crate::state::builder::Builder;
use crate::ui::strip::{Line, Strip};
use crate::ui::text_viewer::{Cuts, TextViewer};
pub(super) use facts::Facts;
pub(super) use marks::step;
use marks::{kinds, marks, name};

/// Beyond what is on the screen, so much is cut into tokens at once.
const AROUND: usize = 12_000;

/// The line and the text. `piece` is the number of the evidence that is looked at; with the keys
/// `n` and `p` it becomes the next or the one before. With `tokens`, the tokens are told apart.
#[component]
pub(super) fn Reading(
    #[prop(into)] piece: Signal<Option<usize>>,
    set_piece: Callback<Option<usize>>,
    #[prop(optional, into)] tokens: Signal<bool>,
) -> impl IntoView {
    let builder: Builder = expect_context();
    let built = builder.built;
    let text = Memo::new(move |_| {
        let text = built.with(|built| built.as_ref().map(|b| Arc::from(b.prompt.text.as_str())));
        text.unwrap_or_else(|| Arc::from(""))
    });
    let marks = Memo::new(move |_| {
        let marks = built.with(|built| built.as_deref().map(marks).unwrap_or_default());
        Arc::from(marks)
    });
    let line = Memo::new(move |_| {
        Arc::new(built.with(|built| {
            let sample = built.as_ref().map(|built| &built.sample);
            sample.map_or_else(Line::default, |s| {
                Line::new(&s.evidence, s.input.len(), s.input_tokens.0)
            })
        }))
    });
    let (seen, jump) = (RwSignal::new(0_usize..0), RwSignal::new(None));
    // The line shows depths in the sample's input, the text is the whole prompt.
    let start = Memo::new(move |_| {
        built.with(|built| built.as_ref().map_or(0, |built| built.prompt.input.start))
    });
    let seen_input = Signal::derive(move || {
        let (seen, start) = (seen.get(), start.get());
        seen.start.saturating_sub(start)..seen.end.saturating_sub(start)
    });
    let go = Callback::new(move |at: usize| jump.set(Some(start.get_untracked() + at)));
    let pick = Callback::new(move |number: usize| set_piece.run(Some(number)));

    // Towards the text: what is chosen is scrolled to, also when it comes by the address.
    Effect::new(move |_| {
        let at = piece.get().and_then(|number| {
            built.with(|built| Some(built.as_ref()?.sample.evidence.get(number)?.bytes.start))
        });
        if let Some(at) = at {
            go.run(at);
        }
    });
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let forward = match event.key().as_str() {
            "n" => true,
            "p" => false,
            _ => return,
        };
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        event.prevent_default();
        let count = built.with_untracked(|b| b.as_ref().map_or(0, |b| b.sample.evidence.len()));
        set_piece.run(step(piece.get_untracked(), count, forward));
    };

    // Towards the worker: where tokens begin around what is on the screen.
    let hash = Memo::new(move |_| {
        built.with(|built| built.as_ref().map(|built| built.prompt_hash.clone()))
    });
    let cut = Memo::new(move |_| {
        let cut = builder.cut.get().filter(|_| tokens.get())?;
        (Some(&cut.prompt_hash) == hash.get().as_ref()).then_some(cut)
    });
    let asked = StoredValue::new((None, 0..0));
    Effect::new(move |_| {
        let (seen, hash) = (seen.get(), hash.get());
        if !tokens.get() || seen.is_empty() || hash.is_none() {
            return;
        }
        let known = asked.with_value(|(of, bytes)| {
            *of == hash && bytes.start <= seen.start && seen.end <= bytes.end
        });
        if !known {
            let around = seen.start.saturating_sub(AROUND)..seen.end + AROUND;
            asked.set_value((hash, around.clone()));
            builder.look_at(around);
        }
    });
    let cuts = Signal::derive(move || {
        cut.get().map(|cut| {
            Arc::new(Cuts {
                bytes: cut.bytes.clone(),
                first: cut.first,
                starts: cut.starts.clone(),
            })
        })
    });
    let legend = move || {
        let kinds = line.with(|line| kinds(line));
        let entry =
            |kind: &'static str| view! { <li><mark data-kind=kind>{name(kind)}</mark></li> };
        kinds.into_iter().map(entry).collect_view()
    };
    view! {
        <ul class="legend" aria-label="Colours">{legend}</ul>
        <div class="reading" aria-busy=move || builder.busy.get().to_string() on:keydown=keys>
            <Strip line seen=seen_input chosen=piece jump=go pick />
            <TextViewer text marks cuts chosen=piece seen jump />
        </div>
    }
}
