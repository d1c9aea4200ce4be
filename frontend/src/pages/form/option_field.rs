//! One option of a task.

use fathom_shared::task::{OptionKind, TaskOption};
use leptos::prelude::*;

use super::super::display;
use super::super::sample_query::{SampleQuery, SetSampleQuery};
use super::model::{bounds, default};
use crate::protocol::FormField;
use crate::state::builder::BuilderState;
use crate::ui::coded_text::{coded, coded_message};

/// One option of a task, with its bounds and its default.
#[component]
pub(super) fn TaskOptionField(
    task_option: &'static TaskOption,
    ask: Memo<SampleQuery>,
    set_ask: SetSampleQuery,
) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let name = task_option.name;
    let id = format!("knob-{name}");
    let about_id = format!("about-{name}");
    // What has its default is not set: the address stays short, and the spec the same.
    let set = move |text: String| {
        let mut next = SampleQuery {
            run: None,
            ..ask.get_untracked()
        };
        if text == default(task_option) {
            next.set.remove(name);
        } else {
            next.set.insert(name.to_owned(), text);
        }
        set_ask.run(next);
    };
    let value = Memo::new(move |_| {
        let set = ask.with(|ask| ask.set.get(name).cloned());
        set.unwrap_or_else(|| default(task_option))
    });
    let fault = Memo::new(move |_| {
        builder.fault.with(|fault| {
            let mine = fault.as_ref().filter(|fault| match &fault.field {
                FormField::Option(option) => option == name,
                _ => false,
            });
            mine.map(|fault| display::sentence(&fault.message))
        })
    });
    let invalid = move || fault.with(Option::is_some).to_string();
    let input = match task_option.kind {
        OptionKind::Switch { .. } => view! {
            <input
                type="checkbox" id=id.clone() data-testid=id.clone() aria-describedby=about_id.clone()
                prop:checked=move || value.with(|value| value == "true")
                on:change:target=move |event| set(event.target().checked().to_string())
            />
        }
        .into_any(),
        OptionKind::Choice { of, .. } => view! {
            <select
                id=id.clone() data-testid=id.clone() aria-describedby=about_id.clone() aria-invalid=invalid
                on:change:target=move |event| set(event.target().value())
            >
                {of.iter().map(|word| view! {
                    <option value=*word selected=move || value.with(|value| value == word)>{*word}</option>
                }).collect_view()}
            </select>
        }
        .into_any(),
        OptionKind::Number { .. } | OptionKind::Real { .. } => {
            let mode = match task_option.kind {
                OptionKind::Real { .. } => "decimal",
                _ => "numeric",
            };
            view! {
                <input
                    type="text" inputmode=mode autocomplete="off"
                    id=id.clone() data-testid=id.clone() aria-describedby=about_id.clone() aria-invalid=invalid
                    prop:value=value
                    on:input:target=move |event| set(event.target().value())
                />
            }
            .into_any()
        }
    };
    let changed = move || ask.with(|ask| ask.set.contains_key(name)).to_string();
    view! {
        <div class="knob" data-changed=changed>
            <label for=id>{task_option.label} " " <code class="hint">{name}</code></label>
            {input}
            <p class="hint" id=about_id>{coded(task_option.about)} " " <span class="bounds">{bounds(task_option)} "."</span></p>
            <p class="fault" role="alert">{coded_message(fault.into())}</p>
        </div>
    }
}
