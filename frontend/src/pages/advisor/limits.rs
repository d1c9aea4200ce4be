//! The thresholds at which rules turn, each with its usual value.

use leptos::prelude::*;

use super::AdvisorFields;
use super::model::usual;
use crate::ui::coded_text::coded_message;

/// A field for each threshold of the rules.
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
                <p class="fault" role="alert">{coded_message(fault)}</p>
            </div>
        }
    };
    view! {
        <p class="hint">"In percent or percentage points, unless the label says otherwise. If a field is empty, the usual value applies, shown in grey: the number given in the article that the rules come from, if it gives one."</p>
        <div class="limits">{usual().into_iter().map(field).collect_view()}</div>
    }
}

/// The name of a threshold, in words.
fn label(name: &str) -> String {
    let words = match name {
        "acceptable" => "RULER score that is good enough",
        "assumed_n" => "Samples assumed where the number is not given",
        "best_direct" => "LongBench v2, best direct answers",
        "blur" => "Uncertainty of these thresholds",
        "chance" => "Chance with four choices",
        "cliff" => "Drop that marks the end of a window",
        "comprehension" => "LongBench v2, comprehension expected",
        "continue_hours" => "Continued pretraining (GPU-hours)",
        "decided" => "Share of draws that a verdict needs",
        "decided_against" => "Share of draws needed to go against the figures",
        "draws" => "Number of draws of the evidence",
        "drop" => "Loss that matters",
        "extend_hours" => "Extending the window (GPU-hours)",
        "flat" => "Change too small to count",
        "good_answers" => "Question answering that is good enough",
        "human" => "People with 15 minutes per question",
        "human_n" => "Number of questions that people answered",
        "materially" => "Materially below (points)",
        "moderate_length" => "Moderate length (tokens)",
        "near_chance" => "Near chance (points)",
        "near_human" => "Near people (points)",
        "needle_strong" => "Needles nearly always found",
        "pi_factor" => "Largest factor for interpolation",
        "reasoning_gap" => "Gain from a chain of thought",
        "regression" => "Loss on short texts",
        "retrain_hours" => "Retraining (GPU-hours)",
        "short_margin" => "Shortfall at the shortest length (points)",
        "well_below" => "Well below the best (points)",
        "yarn_factor" => "Largest factor for YaRN",
        _ => return name.replace('_', " "),
    };
    words.to_owned()
}
