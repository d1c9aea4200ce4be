//! Runs to begin with, each with the time that it takes here.

use leptos::prelude::*;

use super::super::display;
use super::RunForm;
use super::draft::{RECORDED_MS_PER_TOKEN, choices};

/// Ready-made runs to start with, each with the time it takes.
#[component]
pub(super) fn ChoicesField(form: RunForm) -> impl IntoView {
    let plan = form.plan;
    let measured = move || form.pace.get();
    let buttons = move || {
        let pace = measured().unwrap_or(RECORDED_MS_PER_TOKEN);
        let button = |choice: super::draft::RunChoice| {
            let (title, known) = (choice.title, choice.clone());
            let takes = format!(
                "{}, about {}",
                display::some(choice.samples().into(), "sample"),
                display::time(choice.ms(pace))
            );
            let chosen = move || plan.with(|plan| known.is(plan)).to_string();
            view! {
                <button type="button" data-testid="run-choice" aria-pressed=chosen
                    on:click=move |_| { let choice = choice.clone(); form.edit(move |plan| choice.put(plan)); }>
                    <b>{title}</b> <span class="hint">{takes}</span>
                </button>
            }
        };
        choices(pace).map(button).collect_view()
    };
    let by = move || match measured() {
        Some(_) => "Times are estimates from this model’s earlier answers here.",
        None => {
            "Times are estimates from SmolLM2-135M on two processor cores, until this model has answered here."
        }
    };
    view! {
        <div class="run-choices" role="group" aria-label="Runs to start with">{buttons}</div>
        <p class="hint" data-testid="run-choices-by">{by}</p>
    }
}
