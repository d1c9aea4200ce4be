//! The three questions: which model, what for, how long. Everything else is below.

use std::sync::Arc;

use fathom_shared::advise::evidence::{ErrorTolerance, Workload};
use leptos::prelude::*;

use super::AdvisorFields;
use super::form::{SelectInput, TextInput};
use super::model::{AdvisorForm, of_tokens, word};
use crate::protocol::results::{ResultDigest, SetKey};
use crate::state::results::ResultsState;

/// Lengths that are asked for most.
const LENGTHS: [&str; 6] = ["8K", "32K", "64K", "128K", "256K", "1M"];

/// The three questions: which model, what for, and how long the texts are.
#[component]
pub(super) fn Questions(typed: AdvisorFields, example: Memo<bool>) -> impl IntoView {
    let clear = move |_| typed.set.run(AdvisorForm::default());
    let whose = move || match example.get() {
        true => {
            "An example: Llama 3.1 8B, multi-hop questions, 128K. Change any field to ask your own question."
        }
        false => "Your question. The link in the address bar holds it.",
    };
    let workloads = Workload::ALL.map(|one| (word(one), in_words(one).to_owned()));
    view! {
        <section class="panel questions" aria-labelledby="advisor-title">
            <div class="head">
                <h1 id="advisor-title">"What should you do about your model?"</h1>
                <p class="example" data-testid="example" data-example=move || example.get().to_string()>
                    {whose}" "
                    <button class="quiet" type="button" data-testid="clear-advisor" on:click=clear>"Clear all"</button>
                </p>
            </div>
            <div class="three">
                <ModelInput typed />
                <div class="question">
                    <SelectInput typed key="for" label="What for?" none="choose the kind of work" options=workloads.to_vec() />
                    <SelectInput typed key="errors" label="Acceptable errors" none="not given" options=vec![
                        (word(ErrorTolerance::SomeMisses), "some misses".to_owned()),
                        (word(ErrorTolerance::HumanLevel), "no more than people make".to_owned()),
                        (word(ErrorTolerance::None), "none".to_owned()),
                    ] />
                </div>
                <div class="question">
                    <TextInput typed key="target" label="How long?" />
                    <Lengths typed />
                </div>
            </div>
        </section>
    }
}

/// A workload as people say it.
fn in_words(workload: Workload) -> &'static str {
    match workload {
        Workload::DocumentLookup => "find passages in long texts",
        Workload::MultiDocumentSynthesis => "multi-hop questions over several documents",
        Workload::LegalScientific => "weigh contracts or papers step by step",
        Workload::DomainShifted => "read documents unlike its training",
        Workload::SafetyCritical => "reviews where a miss does harm",
    }
}

/// The model, searched among the published ones and the user's results; any other text names a
/// model of the user's own.
#[component]
fn ModelInput(typed: AdvisorFields) -> impl IntoView {
    let results: ResultsState = expect_context();
    let published = typed.published;
    let sets = Memo::new(move |_| results.held.with(|held| labels(held)));
    let value = Memo::new(move |_| {
        typed
            .form
            .with(|form| sets.with(|sets| form.model_text(sets)))
    });
    let choose = move |text: String| {
        let form = typed.form.get_untracked();
        let next = published.with_untracked(|published| {
            sets.with_untracked(|sets| form.with_model(&text, sets, published))
        });
        typed.set.run(next);
    };
    let own = move || {
        let sets = sets.get().into_iter();
        sets.map(|(_, label)| view! { <option value=label>"your results"</option> })
            .collect_view()
    };
    let others = move || {
        let names = published.get().into_iter();
        names
            .map(|name| view! { <option value=name>"published"</option> })
            .collect_view()
    };
    let known = move || {
        let text = value.get();
        let own = sets.with(|sets| sets.iter().any(|(_, label)| *label == text));
        // Until the names are there, the example's is taken for one.
        let published = published.with(|names| names.is_empty() || names.contains(&text));
        match (text.is_empty(), own, published) {
            (true, ..) => "Search published models and your results, or name your own.",
            (_, true, _) => "Your results.",
            (_, _, true) => "Published figures; sources are below.",
            _ => "Your own model: add its figures below.",
        }
    };
    view! {
        <div class="question field">
            <label for="model">"Which model?"</label>
            <input
                id="model"
                data-testid="model"
                type="search"
                list="models"
                autocomplete="off"
                spellcheck="false"
                placeholder="Llama3.1 8B"
                aria-describedby="model-known"
                prop:value=value
                on:change:target=move |event| choose(event.target().value())
            />
            <datalist id="models">{own}{others}</datalist>
            <p class="hint" id="model-known">{known}</p>
        </div>
    }
}

/// What is held, as it can be found.
fn labels(held: &[Arc<ResultDigest>]) -> Vec<(SetKey, String)> {
    let held = held.iter();
    held.map(|one| {
        let name = match one.about.model.as_str() {
            "" => one.about.name.as_str(),
            model => model,
        };
        (one.key.clone(), format!("{name} ({})", one.key))
    })
    .collect()
}

/// A button for each common length.
#[component]
fn Lengths(typed: AdvisorFields) -> impl IntoView {
    let buttons = LENGTHS.map(|length| {
        let chosen = move || {
            typed
                .form
                .with(|form| of_tokens(form.get("target")) == of_tokens(length))
        };
        view! {
            <button class="quiet" type="button" data-testid=format!("length-{length}")
                aria-pressed=move || chosen().to_string()
                on:click=move |_| typed.put("target", length.to_owned())>{length}</button>
        }
    });
    let tokens = move || {
        let length = typed.form.with(|form| of_tokens(form.get("target")));
        length.map(|length| format!("{length:#} tokens"))
    };
    view! {
        <div class="lengths" role="group" aria-label="Common lengths">{buttons}</div>
        <p class="hint" data-testid="target-tokens">{tokens}</p>
    }
}
