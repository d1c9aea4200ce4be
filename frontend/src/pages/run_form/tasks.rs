//! The tasks by their skill, and the builder's own.

use fathom_shared::task::Task;
use leptos::prelude::*;

use super::super::form::groups;
use super::RunForm;
use super::draft::{RunDraft, is_offered, offered, suite};

/// The tasks of the run, as checkboxes.
#[component]
pub(super) fn TasksField(form: RunForm) -> impl IntoView {
    let plan = form.plan;
    let put = |plan: &mut RunDraft, id: &'static str, wanted: bool| match wanted {
        true => drop(plan.tasks.insert(id.to_owned())),
        false => drop(plan.tasks.remove(id)),
    };
    let all = move |_| form.edit(move |plan| suite().for_each(|id| put(plan, id, true)));
    let none = move |_| form.edit(move |plan| offered().for_each(|id| put(plan, id, false)));
    let one = move |task: &'static dyn Task| {
        let id = task.id();
        view! {
            <label class="check" title=task.about()>
                <input type="checkbox" data-testid=format!("run-task-{id}")
                    prop:checked=move || plan.with(|plan| plan.tasks.contains(id))
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        form.edit(move |plan| put(plan, id, wanted));
                    } />
                <span>{task.title()} " " <code class="hint">{id}</code></span>
            </label>
        }
    };
    let group = move |(title, tasks): (&'static str, Vec<&'static dyn Task>)| {
        let listed = tasks.into_iter().filter(|task| is_offered(*task));
        let not_ruler = listed.clone().all(|task| task.category().is_none());
        let title = match not_ruler {
            true => "Not part of RULER, not in its means",
            false => title,
        };
        let tasks: Vec<_> = listed.map(one).collect();
        (!tasks.is_empty()).then(|| view! { <fieldset><legend>{title}</legend>{tasks}</fieldset> })
    };
    let choice = Memo::new(move |_| plan.with(|plan| plan.own.clone()));
    let own = move || {
        let task = choice.get()?;
        let options = task
            .set
            .iter()
            .map(|(name, value)| format!(" {name}={value}"));
        let options = options.collect::<String>();
        Some(view! {
            <label class="check own">
                <input type="checkbox" data-testid="run-own" prop:checked=move || plan.with(|plan| plan.wants_own)
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        form.edit(move |plan| plan.wants_own = wanted);
                    } />
                <span>"The builder's task: " <span class="mono">{task.task.clone()}{options}</span></span>
            </label>
        })
    };
    view! {
        <div class="head">
            <h3>"Tasks"</h3>
            <button type="button" class="quiet" data-testid="all-tasks" on:click=all>"All 13 RULER tasks"</button>
            <button type="button" class="quiet" data-testid="no-tasks" on:click=none>"None"</button>
        </div>
        {own}
        <div class="task-groups">{groups().into_iter().map(group).collect_view()}</div>
    }
}
