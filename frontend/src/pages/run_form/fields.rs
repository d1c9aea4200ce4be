//! The fields: tasks, lengths, seeds, samples, who answers, how it is asked.

use leptos::prelude::*;

use super::super::form::UseLength;
use super::advanced::AdvancedFields;
use super::choices::ChoicesField;
use super::engine::EngineField;
use super::tasks::TasksField;
use super::{RunDraft, RunField, RunForm};
use crate::ui::coded_text::coded_message;
use crate::ui::field::TextField;

/// RULER's lengths, and two that small models answer at once.
const LENGTHS: [u32; 8] = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072];

/// All fields of the form.
#[component]
pub(super) fn RunFields(form: RunForm) -> impl IntoView {
    let plan = form.plan;
    let text =
        move |of: fn(&RunDraft) -> &String| Signal::derive(move || plan.with(|p| of(p).clone()));
    let change = move |put: fn(&mut RunDraft, String)| {
        move |text: String| form.edit(move |plan| put(plan, text))
    };
    let fitting = Memo::new(move |_| plan.with(RunDraft::too_short).map(|(_, fitting)| fitting));
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
            <Show when=move || plan.with(|plan| plan.own.is_none())><ChoicesField form /></Show>
            <TasksField form />
            <p class="fault" role="alert" data-testid="tasks-fault">{coded_message(form.fault(RunField::Tasks))}</p>
            <TextField label="Lengths in tokens (prompt and answer)" id="run-lengths" value=text(|plan| &plan.lengths)
                fault=form.fault(RunField::Lengths) on_input=change(|plan, text| plan.lengths = text) />
            <UseLength fitting choose=change(|plan, text| plan.lengthen(&text)) />
            <div class="inline" role="group" aria-label="Common lengths">{LENGTHS.map(chip).collect_view()}</div>
            <div class="row">
                <TextField label="Samples per task and length" id="run-count" numeric=true value=text(|plan| &plan.count)
                    fault=form.fault(RunField::Count) on_input=change(|plan, text| plan.count = text) />
                <TextField label="Seeds" id="run-seeds" value=text(|plan| &plan.seeds)
                    fault=form.fault(RunField::Seeds) on_input=change(|plan, text| plan.seeds = text) />
                <TextField label="Priority" id="run-priority" value=text(|plan| &plan.priority)
                    fault=form.fault(RunField::Priority) on_input=change(|plan, text| plan.priority = text) />
            </div>
            <EngineField form />
            <label class="check">
                <input type="checkbox" data-testid="run-chat" prop:checked=move || plan.with(|plan| plan.chat)
                    on:change:target=move |event| {
                        let chat = event.target().checked();
                        form.edit(move |plan| plan.chat = chat);
                    } />
                "Use the model's chat template"
            </label>
            <p class="fault" role="alert" data-testid="run-chat-fault">{form.fault(RunField::Mode)}</p>
            <AdvancedFields form />
        </div>
    }
}
