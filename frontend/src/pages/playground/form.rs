//! What to build.

use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{self, Knob, KnobKind, TASKS};
use leptos::prelude::*;

use super::SetAsk;
use super::model::Ask;
use crate::state::builder::Builder;
use crate::ui::field::TextField;
use crate::worker::protocol::Field;

#[component]
pub(super) fn Form(ask: Memo<Ask>, set_ask: SetAsk) -> impl IntoView {
    let builder: Builder = expect_context();
    let fault = move |field: Field| {
        Signal::derive(move || {
            builder.fault.with(|fault| {
                fault
                    .as_ref()
                    .filter(|fault| fault.field == field)
                    .map(|fault| fault.message.clone())
            })
        })
    };
    let change = move |edit: fn(&mut Ask, String)| {
        move |text: String| {
            // Another sample is another question: the run that was shown does not answer it.
            let mut next = Ask {
                run: None,
                ..ask.get_untracked()
            };
            edit(&mut next, text);
            set_ask.run(next);
        }
    };
    let options = TASKS.iter().map(|task| {
        let id = task.id();
        view! {
            <option value=id selected=move || ask.with(|ask| ask.task == id)>
                {id} " · " {task.title()}
            </option>
        }
    });
    let about = move || ask.with(|ask| task::find(&ask.task).map_or("", |task| task.about()));
    let knobs = Memo::new(move |_| ask.with(|ask| ask.task.clone()));
    view! {
        <form class="form" on:submit=|event| event.prevent_default()>
            <div class="field wide">
                <label for="task">"Task"</label>
                <select
                    id="task"
                    data-testid="task"
                    on:change:target=move |event| {
                        let next = ask.get_untracked().with_task(&event.target().value());
                        set_ask.run(Ask { run: None, ..next });
                    }
                >
                    {options.collect_view()}
                </select>
                <p class="hint">{about}</p>
                <p class="fault" role="alert">{fault(Field::Task)}</p>
            </div>
            <TextField label="Length, tokens" id="length" numeric=true
                value=Signal::derive(move || ask.with(|ask| ask.length.clone())) fault=fault(Field::Length)
                on_input=change(|ask, text| ask.length = text) />
            <TextField label="Seed" id="seed" numeric=true
                value=Signal::derive(move || ask.with(|ask| ask.seed.clone())) fault=fault(Field::Seed)
                on_input=change(|ask, text| ask.seed = text) />
            <TextField label="Sample" id="sample" numeric=true
                value=Signal::derive(move || ask.with(|ask| ask.sample.clone())) fault=fault(Field::Sample)
                on_input=change(|ask, text| ask.sample = text) />
            <details class="wide">
                <summary>"Options of the task"</summary>
                <div class="knobs">
                    <label class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || ask.with(|ask| ask.mode == PromptMode::Chat)
                            on:change:target=move |event| {
                                let mode = match event.target().checked() {
                                    true => PromptMode::Chat,
                                    false => PromptMode::Completion,
                                };
                                set_ask.run(Ask { mode, run: None, ..ask.get_untracked() });
                            }
                        />
                        "Use the model's chat template"
                    </label>
                    <p class="fault" role="alert">{fault(Field::Mode)}</p>
                    {move || {
                        let task = task::find(&knobs.get());
                        let all = task.map_or(&[][..], |task| task.knobs());
                        all.iter().map(|knob| knob_field(knob, ask, set_ask, builder)).collect_view()
                    }}
                </div>
            </details>
        </form>
    }
}

fn knob_field(
    knob: &'static Knob,
    ask: Memo<Ask>,
    set_ask: SetAsk,
    builder: Builder,
) -> impl IntoView {
    let name = knob.name;
    let set = move |text: String, default: String| {
        let mut next = Ask {
            run: None,
            ..ask.get_untracked()
        };
        if text == default {
            next.set.remove(name);
        } else {
            next.set.insert(name.to_owned(), text);
        }
        set_ask.run(next);
    };
    let value = move |default: &str| {
        ask.with(|ask| ask.set.get(name).cloned())
            .unwrap_or(default.to_owned())
    };
    let fault = move || {
        builder.fault.with(|fault| {
            let mine = fault
                .as_ref()
                .filter(|fault| fault.field == Field::Option(name.to_owned()));
            mine.map(|fault| fault.message.clone())
        })
    };
    let input = match knob.kind {
        KnobKind::Switch { default } => {
            let default = default.to_string();
            let shown = default.clone();
            view! {
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=move || value(&shown) == "true"
                        on:change:target=move |event| set(event.target().checked().to_string(), default.clone())
                    />
                    <code>{name}</code>
                </label>
            }
            .into_any()
        }
        KnobKind::Number { default, .. } => {
            let default = default.to_string();
            let shown = default.clone();
            view! {
                <label class="count">
                    <code>{name}</code>
                    <input
                        type="text"
                        inputmode="numeric"
                        prop:value=move || value(&shown)
                        on:input:target=move |event| set(event.target().value(), default.clone())
                    />
                </label>
            }
            .into_any()
        }
    };
    view! {
        <div class="knob">
            {input}
            <p class="hint">{knob.about}</p>
            <p class="fault" role="alert">{fault}</p>
        </div>
    }
}
