//! The fields: tasks, lengths, seeds, samples, who answers, how it is asked.

use fathom_shared::task;
use leptos::prelude::*;

use super::super::form::groups;
use super::plan::suite;
use super::{Checked, Part, Plan};
use crate::state::server::Server;
use crate::ui::field::TextField;

/// RULER's lengths.
const LENGTHS: [u32; 6] = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

#[component]
pub(super) fn Fields(plan: RwSignal<Plan>, checked: Checked) -> impl IntoView {
    let fault = move |part: Part| {
        Signal::derive(move || {
            checked.with(|checked| {
                let mut faults = checked.as_ref().err()?.iter();
                let mine = faults.find(|(known, _)| *known == part);
                mine.map(|(_, message)| message.clone())
            })
        })
    };
    let text = move |of: fn(&Plan) -> &String| Signal::derive(move || plan.with(|p| of(p).clone()));
    let change =
        move |edit: fn(&mut Plan, String)| move |text: String| plan.update(|plan| edit(plan, text));
    let chip = move |length: u32| {
        view! {
            <button type="button" class="chip" aria-pressed=move || plan.with(|plan| plan.has(length)).to_string()
                on:click=move |_| plan.update(|plan| plan.toggle(length))>
                {length / 1024} "K"
            </button>
        }
    };
    view! {
        <div class="choices">
            <Tasks plan />
            <p class="fault" role="alert" data-testid="tasks-fault">{fault(Part::Tasks)}</p>
            <TextField label="Lengths, tokens (prompt and answer)" id="run-lengths" value=text(|plan| &plan.lengths)
                fault=fault(Part::Lengths) on_input=change(|plan, text| plan.lengths = text) />
            <div class="inline" role="group" aria-label="RULER's lengths">{LENGTHS.map(chip).collect_view()}</div>
            <div class="row">
                <TextField label="Samples of each" id="run-count" numeric=true value=text(|plan| &plan.count)
                    fault=fault(Part::Count) on_input=change(|plan, text| plan.count = text) />
                <TextField label="Seeds" id="run-seeds" value=text(|plan| &plan.seeds)
                    fault=fault(Part::Seeds) on_input=change(|plan, text| plan.seeds = text) />
                <TextField label="Priority" id="run-priority" value=text(|plan| &plan.priority)
                    fault=fault(Part::Priority) on_input=change(|plan, text| plan.priority = text) />
            </div>
            <Who plan model_fault=fault(Part::Model) engine_fault=fault(Part::Engine) />
            <label class="check">
                <input type="checkbox" data-testid="run-chat" prop:checked=move || plan.with(|plan| plan.chat)
                    on:change:target=move |event| {
                        let chat = event.target().checked();
                        plan.update(|plan| plan.chat = chat);
                    } />
                "Use the model's chat template"
            </label>
        </div>
    }
}

/// The tasks by their skill, and the builder's own.
#[component]
fn Tasks(plan: RwSignal<Plan>) -> impl IntoView {
    let put = move |id: &'static str, wanted: bool| {
        plan.update(|plan| match wanted {
            true => drop(plan.tasks.insert(id.to_owned())),
            false => drop(plan.tasks.remove(id)),
        });
    };
    let all = move |wanted: bool| suite().for_each(|id| put(id, wanted));
    let one = move |task: &'static dyn task::Task| {
        let id = task.id();
        view! {
            <label class="check" title=task.about()>
                <input type="checkbox" data-testid=format!("run-task-{id}")
                    prop:checked=move || plan.with(|plan| plan.tasks.contains(id))
                    on:change:target=move |event| put(id, event.target().checked()) />
                <span class="mono">{id}</span>
            </label>
        }
    };
    let group = move |(title, tasks): (&'static str, Vec<&'static dyn task::Task>)| {
        let of_suite = tasks
            .into_iter()
            .filter(|task| suite().any(|id| id == task.id()));
        let tasks: Vec<_> = of_suite.map(one).collect();
        (!tasks.is_empty()).then(|| view! { <fieldset><legend>{title}</legend>{tasks}</fieldset> })
    };
    let own = move || {
        let (task, _) = plan.with(|plan| plan.own.clone())?;
        let options = task
            .set
            .iter()
            .map(|(name, value)| format!(" {name}={value}"));
        let options = options.collect::<String>();
        Some(view! {
            <label class="check own">
                <input type="checkbox" data-testid="run-own" prop:checked=move || plan.with(|plan| plan.own.as_ref().is_some_and(|own| own.1))
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        plan.update(|plan| if let Some(own) = &mut plan.own { own.1 = wanted });
                    } />
                <span>"The builder's task: " <span class="mono">{task.task.clone()}{options}</span></span>
            </label>
        })
    };
    view! {
        <div class="head">
            <h3>"Tasks"</h3>
            <button type="button" class="quiet" data-testid="all-tasks" on:click=move |_| all(true)>"All 13 of RULER"</button>
            <button type="button" class="quiet" data-testid="no-tasks" on:click=move |_| all(false)>"None"</button>
        </div>
        {own}
        <div class="task-groups">{groups().into_iter().map(group).collect_view()}</div>
    }
}

/// The engine, and of its models one.
#[component]
fn Who(
    plan: RwSignal<Plan>,
    model_fault: Signal<Option<String>>,
    engine_fault: Signal<Option<String>>,
) -> impl IntoView {
    let server: Server = expect_context();
    let engines = server.engines;
    let chosen = Memo::new(move |_| {
        engines.with(|engines| {
            plan.with(|plan| {
                let engine = plan.engine(engines)?;
                Some((engine.clone(), plan.model(engine)))
            })
        })
    });
    let engine_options = move || {
        let option = |name: String| {
            let own = name.clone();
            let is = move || {
                chosen.with(|c| c.as_ref().is_some_and(|(e, _)| e.engine.to_string() == own))
            };
            view! { <option value=name.clone() selected=is>{name.clone()}</option> }
        };
        engines.with(|all| {
            all.iter()
                .map(|view| option(view.engine.to_string()))
                .collect_view()
        })
    };
    let model_options = move || {
        let option = |model: String| {
            let own = model.clone();
            let is =
                move || chosen.with(|c| c.as_ref().is_some_and(|(_, m)| m.as_ref() == Some(&own)));
            view! { <option value=model.clone() selected=is>{model.clone()}</option> }
        };
        let models = chosen.with(|chosen| chosen.as_ref().map(|(engine, _)| engine.models.clone()));
        models
            .unwrap_or_default()
            .into_iter()
            .map(option)
            .collect_view()
    };
    view! {
        <div class="row">
            <div class="field">
                <label for="run-model">"Model"</label>
                <select id="run-model" data-testid="run-model" on:change:target=move |event| {
                    let model = event.target().value();
                    plan.update(|plan| plan.model = model);
                }>{model_options}</select>
                <p class="fault" role="alert">{model_fault}</p>
            </div>
            <div class="field">
                <label for="run-engine">"Engine"</label>
                <select id="run-engine" data-testid="run-engine" on:change:target=move |event| {
                    let engine = event.target().value();
                    plan.update(|plan| plan.engine = engine);
                }>{engine_options}</select>
                <p class="fault" role="alert">{engine_fault}</p>
            </div>
        </div>
    }
}
