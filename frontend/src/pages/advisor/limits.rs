//! The thresholds at which rules turn, each with its usual value.

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
        let label = label(&name);
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
        <p class="hint">"In percent or percentage points, unless the name says otherwise. An empty field means the usual value, shown in grey: the number in the article that the rules come from, where it gives one."</p>
        <div class="limits">{usual().into_iter().map(field).collect_view()}</div>
    }
}

/// The name of a threshold, in words.
fn label(name: &str) -> String {
    let words = match name {
        "acceptable" => "RULER score that is good enough",
        "assumed_n" => "Samples, where none are given",
        "best_direct" => "Best direct answers",
        "blur" => "Uncertainty of these thresholds",
        "chance" => "Chance, four choices",
        "cliff" => "Loss where a window ends",
        "comprehension" => "Comprehension expected",
        "continue_hours" => "Continued pretraining, GPU-hours",
        "decided" => "Draws a verdict needs, share",
        "decided_against" => "The same, against the figures",
        "draws" => "Draws of the evidence",
        "drop" => "Loss that matters",
        "extend_hours" => "Extending, GPU-hours",
        "flat" => "Change too small to count",
        "good_answers" => "Question answering, good enough",
        "human" => "People, 15 minutes a question",
        "human_n" => "Questions people answered",
        "materially" => "Materially below, points",
        "moderate_length" => "Moderate length, tokens",
        "near_chance" => "Near chance, points",
        "near_human" => "Near people, points",
        "needle_strong" => "Needles nearly always found",
        "pi_factor" => "Interpolation, largest factor",
        "reasoning_gap" => "Gain from a chain of thought",
        "regression" => "Loss on short texts",
        "retrain_hours" => "Retraining, GPU-hours",
        "short_margin" => "Shortest length, points below",
        "well_below" => "Well below the best, points",
        "yarn_factor" => "YaRN, largest factor",
        _ => return name.replace('_', " "),
    };
    words.to_owned()
}
