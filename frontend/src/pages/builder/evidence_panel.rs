//! The expected answer, and where its evidence is.

use std::sync::Arc;

use fathom_shared::task::Metric;
use leptos::prelude::*;

use super::SetBuilderQuery;
use super::evidence::{EvidenceGroup, MOST_GROUPS, groups};
use super::model::BuilderQuery;
use crate::state::builder::BuilderState;

/// The expected answer, and the evidence in the text as a list.
#[component]
pub(super) fn EvidencePanel(
    builder_query: Memo<BuilderQuery>,
    set_builder_query: SetBuilderQuery,
) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let built = builder.built;
    let expected = move || {
        built.with(|built| {
            let built = built.as_ref()?;
            let sample = &built.sample;
            let references = sample.references.iter().map(|reference| {
                view! { <li><code>{reference.clone()}</code></li> }
            });
            let scored = scored(built.metric);
            Some(view! {
                <ul class="chips" data-testid="references">{references.collect_view()}</ul>
                <p class="hint">
                    {scored} " The answer may be up to " {sample.tokens_to_generate.to_string()} " tokens long and begins with:"
                </p>
                <pre class="excerpt">{sample.answer_prefix.trim().to_owned()}</pre>
            })
        })
    };
    let list = Memo::new(move |_| {
        let found = built.with(|built| built.as_ref().map(|built| groups(&built.sample.evidence)));
        Arc::new(found.unwrap_or_default())
    });
    let piece = Memo::new(move |_| builder_query.with(|builder_query| builder_query.piece));
    let pick = move |group: &EvidenceGroup| {
        set_builder_query.run(BuilderQuery {
            piece: group.after(piece.get_untracked()),
            ..builder_query.get_untracked()
        });
    };
    let rows = move || {
        let list = list.get();
        let row = |group: &EvidenceGroup| {
            let (kind, label) = (group.kind, group.label.clone());
            let (group, of) = (group.clone(), group.pieces.clone());
            let times = match group.pieces.len() {
                1 => String::new(),
                count => format!("{count} ×"),
            };
            let current = move || {
                let piece = piece.get()?;
                of.binary_search(&piece).is_ok().then_some("true")
            };
            view! {
                <li>
                    <button class="quiet" data-testid="group" aria-current=current on:click=move |_| pick(&group)>
                        <mark data-kind=kind>{label}</mark> " " <span class="hint">{times}</span>
                    </button>
                </li>
            }
        };
        list.iter().take(MOST_GROUPS).map(row).collect_view()
    };
    let nothing = move || built.with(Option::is_none) && builder.fault.with(Option::is_some);
    let more = move || {
        let rest = list.with(|list| list.len().saturating_sub(MOST_GROUPS));
        (rest > 0).then(|| view! { <p class="hint">{format!("{rest} more: press n and p to step through them all.")}</p> })
    };
    view! {
        <section class="panel" aria-labelledby="expected-title" hidden=nothing>
            <h2 id="expected-title">"The expected answer"</h2>
            {expected}
            <h3>"Evidence in the text"</h3>
            <ul class="groups">{rows}</ul>
            {more}
        </section>
    }
}

fn scored(metric: Metric) -> &'static str {
    match metric {
        Metric::StringMatchAll => "The score is the share of these that the answer contains.",
        Metric::StringMatchPart => {
            "The answer gets the full score if it contains any one of these."
        }
        Metric::Letter => "The answer is correct if it names the right option.",
    }
}
