//! The prompt with its needles and hops.

use std::sync::Arc;

use leptos::prelude::*;

use crate::state::builder::Builder;
use crate::ui::strip::{Strip, kind};
use crate::ui::text_viewer::{Mark, TextViewer};
use crate::worker::protocol::Built;

#[component]
pub(super) fn PromptPanel() -> impl IntoView {
    let builder: Builder = expect_context();
    let built = builder.built;
    let text = Memo::new(move |_| {
        built.with(|built| {
            Arc::from(
                built
                    .as_ref()
                    .map_or("", |built| built.prompt.text.as_str()),
            )
        })
    });
    let marks =
        Memo::new(move |_| built.with(|built| built.as_deref().map(marks).unwrap_or_default()));
    let sample =
        Memo::new(move |_| built.with(|built| built.as_ref().map(|built| built.sample.clone())));
    let (seen, jump) = (RwSignal::new(0_usize..0), RwSignal::new(None));
    // The line shows depths in the sample's input, the text is the whole prompt.
    let start =
        move || built.with(|built| built.as_ref().map_or(0, |built| built.prompt.input.start));
    let seen_input = Signal::derive(move || {
        let (seen, start) = (seen.get(), start());
        seen.start.saturating_sub(start)..seen.end.saturating_sub(start)
    });
    let go = move |at: usize| {
        let start =
            built.with_untracked(|built| built.as_ref().map_or(0, |b| b.prompt.input.start));
        jump.set(Some(start + at));
    };
    let facts = move || {
        built.with(|built| {
            built.as_ref().map(|built| {
                let needles = built.sample.evidence.iter().filter(|piece| piece.gold).count();
                view! {
                    <dl class="facts">
                        <div><dt>"Prompt"</dt><dd><b>{built.prompt_tokens.to_string()}</b>" tokens"</dd></div>
                        <div>
                            <dt>"Sample alone"</dt>
                            <dd><b data-testid="input-tokens">{built.sample.input_tokens.to_string()}</b>" tokens"</dd>
                        </div>
                        <div><dt>"With the answer's room"</dt><dd><b>{built.sample.length.to_string()}</b>" tokens"</dd></div>
                        <div><dt>"To be found"</dt><dd><b>{needles}</b>{if needles == 1 { " place" } else { " places" }}</dd></div>
                        <div><dt>"Counted by"</dt><dd>{built.tokenizer.clone()}</dd></div>
                        <div><dt>"Expected"</dt><dd class="mono">{built.sample.references.join(", ")}</dd></div>
                    </dl>
                }
            })
        })
    };
    view! {
        <div aria-busy=move || builder.busy.get().to_string()>
            {facts}
            <ul class="legend" aria-label="Colours">
                <li><mark data-kind="needle">"needle"</mark></li>
                <li><mark data-kind="hop">"hop"</mark></li>
                <li><mark data-kind="other">"distractor or example"</mark></li>
                <li><mark data-kind="template">"chat template"</mark></li>
                <li><mark data-kind="prefix">"answer prefix"</mark></li>
            </ul>
            <div class="reading">
                <Strip sample seen=seen_input jump=go />
                <TextViewer text marks seen jump />
            </div>
        </div>
    }
}

/// The parts of a prompt that are shown in their own way, in order and apart.
fn marks(built: &Built) -> Vec<Mark> {
    let (prompt, sample) = (&built.prompt, &built.sample);
    let mark = |bytes, kind, says: &str| Mark {
        bytes,
        kind,
        says: says.to_owned(),
    };
    let mut marks = vec![mark(
        0..prompt.input.start,
        "template",
        "The model's chat template",
    )];
    let mut end = prompt.input.start;
    for piece in &sample.evidence {
        let bytes = prompt.input.start + piece.bytes.start..prompt.input.start + piece.bytes.end;
        if bytes.start >= end {
            end = bytes.end;
            marks.push(mark(bytes, kind(piece), &piece.label));
        }
    }
    let (after, prefix) = (prompt.input.end..prompt.prefix.start, prompt.prefix.clone());
    marks.push(mark(after, "template", "The model's chat template"));
    marks.push(mark(
        prefix,
        "prefix",
        "The answer prefix: the model goes on from here",
    ));
    marks.retain(|mark| !mark.bytes.is_empty());
    marks
}
