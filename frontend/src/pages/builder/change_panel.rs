//! What the last change did to the prompt.

use std::sync::Arc;

use leptos::prelude::*;

use super::compare::{FieldChange, TextDifference, compare, turned};
use crate::protocol::BuiltSample;
use crate::state::builder::BuilderState;

/// How the latest change, or a pinned sample, differs from the prompt that is shown.
#[component]
pub(super) fn ChangePanel() -> impl IntoView {
    let builder: BuilderState = expect_context();
    let pair = move || {
        let (earlier, built) = (builder.earlier.get()?, builder.built.get()?);
        Some(change(&earlier, &built))
    };
    let hold = move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
        let hold = event.target().checked();
        builder.hold.set(hold);
        if hold {
            builder.earlier.set(builder.built.get_untracked());
        }
    };
    view! {
        <section class="panel" aria-labelledby="change-title">
            <h2 id="change-title">"What a change does to the prompt"</h2>
            <label class="check">
                <input type="checkbox" data-testid="hold" prop:checked=builder.hold on:change:target=hold />
                "Pin this sample and compare others with it"
            </label>
            <div aria-live="polite" data-testid="change">
                {move || pair().unwrap_or_else(|| view! {
                    <p class="hint">"Change a field to see what it changes in the prompt, byte for byte."</p>
                }.into_any())}
            </div>
        </section>
    }
}

fn change(earlier: &Arc<BuiltSample>, built: &Arc<BuiltSample>) -> AnyView {
    let difference = compare(&earlier.prompt.text, &built.prompt.text);
    let fields = turned(&earlier.request, &built.request);
    let tokens = i64::from(built.prompt_tokens.0) - i64::from(earlier.prompt_tokens.0);
    let counted = (earlier.tokenizer != built.tokenizer).then(|| {
        format!(
            "Counted with {}, previously with {}.",
            built.tokenizer, earlier.tokenizer
        )
    });
    view! {
        <ul class="turned">{fields.into_iter().map(field).collect_view()}</ul>
        {counted.map(|says| view! { <p class="hint">{says}</p> })}
        {match difference {
            None => view! { <p data-testid="change-equal">"The prompts are equal, byte for byte."</p> }.into_any(),
            Some(difference) => bytes(difference, tokens).into_any(),
        }}
    }
    .into_any()
}

fn field(turned: FieldChange) -> impl IntoView {
    view! {
        <li><code>{turned.name}</code> ": " <code>{turned.before}</code> " → " <code>{turned.after}</code></li>
    }
}

fn bytes(difference: TextDifference, tokens: i64) -> impl IntoView {
    let change = difference.after_bytes as i64 - difference.before_bytes as i64;
    let [start, middle, end] = difference
        .shares()
        .map(|share| format!("flex-grow:{share:.4}"));
    let says = format!(
        "{} bytes are unchanged: {} at the beginning and {} at the end. The first difference is at byte {}.",
        difference.equal(),
        difference.start,
        difference.end,
        difference.start
    );
    view! {
        <div class="shares" aria-hidden="true">
            <span style=start></span><span class="differs" style=middle></span><span style=end></span>
        </div>
        <p data-testid="change-equal">{says}</p>
        <p data-testid="change-length">
            {format!("{} → {} bytes ({change:+}), {tokens:+} tokens.", difference.before_bytes, difference.after_bytes)}
        </p>
        <dl class="versions">
            <div><dt>"Before"</dt><dd><pre class="excerpt"><span class="hint">{difference.context.clone()}</span><del>{difference.before}</del></pre></dd></div>
            <div><dt>"Now"</dt><dd><pre class="excerpt"><span class="hint">{difference.context}</span><ins>{difference.after}</ins></pre></dd></div>
        </dl>
    }
}
