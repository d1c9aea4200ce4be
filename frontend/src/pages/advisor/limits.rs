//! Where the rules turn: every threshold with its usual value.

use leptos::prelude::*;

use super::AdvisorFields;
use super::model::usual;

#[component]
pub(super) fn ThresholdFields(typed: AdvisorFields) -> impl IntoView {
    let field = |(name, usual): (String, String)| {
        let id = format!("limit-{name}");
        let value = {
            let name = name.clone();
            move || {
                typed
                    .form
                    .with(|form| form.limits().remove(&name).unwrap_or_default())
            }
        };
        let fault = typed.fault(id.clone());
        let label = name.replace('_', " ");
        let set = move |text: String| {
            typed
                .set
                .run(typed.form.get_untracked().with_limit(&name, &text));
        };
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id.clone() data-testid=id placeholder=usual inputmode="decimal" autocomplete="off" prop:value=value
                    aria-invalid=move || fault.get().is_some().to_string()
                    on:input:target=move |event| set(event.target().value()) />
                <p class="fault" role="alert">{fault}</p>
            </div>
        }
    };
    view! {
        <p class="hint">"Percent or points of it, tokens, GPU-hours. An empty field is the usual value, in grey: the article's number where it has one."</p>
        <div class="limits">{usual().into_iter().map(field).collect_view()}</div>
    }
}
