//! The fields: tasks, lengths, seeds, samples, who answers, how it is asked.

use leptos::prelude::*;

use super::more::More;
use super::tasks::Tasks;
use super::who::Who;
use super::{Form, Part, Plan};
use crate::ui::field::TextField;

/// RULER's lengths.
const LENGTHS: [u32; 6] = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

#[component]
pub(super) fn Fields(form: Form) -> impl IntoView {
    let plan = form.plan;
    let text = move |of: fn(&Plan) -> &String| Signal::derive(move || plan.with(|p| of(p).clone()));
    let change = move |put: fn(&mut Plan, String)| {
        move |text: String| form.edit(move |plan| put(plan, text))
    };
    let chip = move |length: u32| {
        view! {
            <button type="button" class="chip" aria-pressed=move || plan.with(|plan| plan.has(length)).to_string()
                on:click=move |_| form.edit(move |plan| plan.toggle(length))>
                {length / 1024} "K"
            </button>
        }
    };
    view! {
        <div class="choices">
            <Tasks form />
            <p class="fault" role="alert" data-testid="tasks-fault">{form.fault(Part::Tasks)}</p>
            <TextField label="Lengths, tokens (prompt and answer)" id="run-lengths" value=text(|plan| &plan.lengths)
                fault=form.fault(Part::Lengths) on_input=change(|plan, text| plan.lengths = text) />
            <div class="inline" role="group" aria-label="RULER's lengths">{LENGTHS.map(chip).collect_view()}</div>
            <div class="row">
                <TextField label="Samples each" id="run-count" numeric=true value=text(|plan| &plan.count)
                    fault=form.fault(Part::Count) on_input=change(|plan, text| plan.count = text) />
                <TextField label="Seeds" id="run-seeds" value=text(|plan| &plan.seeds)
                    fault=form.fault(Part::Seeds) on_input=change(|plan, text| plan.seeds = text) />
                <TextField label="Priority" id="run-priority" value=text(|plan| &plan.priority)
                    fault=form.fault(Part::Priority) on_input=change(|plan, text| plan.priority = text) />
            </div>
            <Who form />
            <label class="check">
                <input type="checkbox" data-testid="run-chat" prop:checked=move || plan.with(|plan| plan.chat)
                    on:change:target=move |event| {
                        let chat = event.target().checked();
                        form.edit(move |plan| plan.chat = chat);
                    } />
                "Use the model's chat template"
            </label>
            <More form />
        </div>
    }
}
