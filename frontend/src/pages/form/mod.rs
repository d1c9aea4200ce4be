//! What to build: the fields of a sample.

mod model; // labels of the form
mod option_field; // the input for one task option

use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{self, Profile};
use leptos::prelude::*;

use super::display;
use super::sample_query::{SampleQuery, SetSampleQuery};
use crate::protocol::FormField;
use crate::state::builder::BuilderState;
use crate::state::script_drafts;
use crate::ui::coded_text::coded_message;
use crate::ui::field::TextField;
pub(super) use model::{groups, profile as profile_says};
use option_field::TaskOptionField;

/// The form that describes a sample. With `open`, the task's options are shown at once.
#[component]
pub(super) fn Form(
    ask: Memo<SampleQuery>,
    set_ask: SetSampleQuery,
    #[prop(optional)] open: bool,
) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let fault = move |field: FormField| {
        Signal::derive(move || {
            builder.fault.with(|fault| {
                let mine = fault.as_ref().filter(|fault| fault.field == field);
                mine.map(|fault| display::sentence(&fault.message))
            })
        })
    };
    // Another sample is another question: the run that was shown does not answer it.
    let change = move |edit: fn(&mut SampleQuery, String)| {
        move |text: String| {
            let mut next = SampleQuery {
                run: None,
                ..ask.get_untracked()
            };
            edit(&mut next, text);
            set_ask.run(next);
        }
    };
    let set_mode = change(|ask, chat| {
        ask.mode = match chat.as_str() {
            "true" => PromptMode::Chat,
            _ => PromptMode::Completion,
        };
    });
    let set_profile = change(|ask, profile| ask.profile = profile);
    let reset = change(|ask, _| ask.set.clear());
    let use_length = Memo::new(move |_| builder.fault.with(|fault| fault.as_ref()?.use_length));
    let task_options = Memo::new(move |_| ask.with(|ask| ask.task.clone()));
    view! {
        <form class="form" on:submit=|event| event.prevent_default()>
            <TaskField ask set_ask />
            <p class="fault wide" role="alert" data-testid="task-fault">{coded_message(fault(FormField::Task))}</p>
            <TextField label="Length (tokens)" id="length" numeric=true
                value=Signal::derive(move || ask.with(|ask| ask.length.clone())) fault=fault(FormField::Length)
                on_input=change(|ask, text| ask.length = text) />
            <TextField label="Seed" id="seed" numeric=true
                value=Signal::derive(move || ask.with(|ask| ask.seed.clone())) fault=fault(FormField::Seed)
                on_input=change(|ask, text| ask.seed = text) />
            <TextField label="Sample" id="sample" numeric=true
                value=Signal::derive(move || ask.with(|ask| ask.sample.clone())) fault=fault(FormField::Sample)
                on_input=change(|ask, text| ask.sample = text) />
            <UseLength fitting=use_length choose=change(|ask, text| ask.length = text) />
            <div class="field wide">
                <label for="profile">"Profile"</label>
                <select id="profile" data-testid="profile"
                    on:change:target=move |event| set_profile(event.target().value())>
                    {Profile::ALL.map(|profile| view! {
                        <option value=profile.name() selected=move || ask.with(|ask| ask.profile == profile.name())>
                            {profile_says(profile)}
                        </option>
                    }).collect_view()}
                </select>
                <p class="fault" role="alert">{coded_message(fault(FormField::Profile))}</p>
            </div>
            <details class="wide" open=open>
                <summary>"Task options"</summary>
                <div class="knobs">
                    <label class="check">
                        <input
                            type="checkbox"
                            data-testid="chat"
                            prop:checked=move || ask.with(|ask| ask.mode == PromptMode::Chat)
                            on:change:target=move |event| set_mode(event.target().checked().to_string())
                        />
                        "Use the model's chat template"
                    </label>
                    <p class="fault" role="alert">{coded_message(fault(FormField::Mode))}</p>
                    {move || {
                        let task = task::find(&task_options.get());
                        let all = task.map_or(&[][..], |task| task.task_options());
                        all.iter().map(|task_option| view! { <TaskOptionField task_option ask set_ask /> }).collect_view()
                    }}
                    <Show when=move || ask.with(|ask| !ask.set.is_empty())>
                        <button type="button" class="quiet" data-testid="reset" on:click=move |_| reset(String::new())>
                            "Reset to defaults"
                        </button>
                    </Show>
                </div>
            </details>
        </form>
    }
}

/// Offers a length that fits, where the one that was typed is too short.
#[component]
pub(super) fn UseLength(
    fitting: Memo<Option<u32>>,
    choose: impl Fn(String) + Clone + Send + 'static,
) -> impl IntoView {
    move || {
        let tokens = fitting.get()?;
        let choose = choose.clone();
        Some(view! {
            <button type="button" class="wide" data-testid="use-length" on:click=move |_| choose(tokens.to_string())>
                {format!("Use {} tokens", display::count(tokens.into()))}
            </button>
        })
    }
}

/// The choice of a task, grouped by the skill it tests.
#[component]
fn TaskField(ask: Memo<SampleQuery>, set_ask: SetSampleQuery) -> impl IntoView {
    let groups = groups().into_iter().map(|(title, tasks)| {
        let options = tasks.into_iter().map(|task| {
            let id = task.id();
            view! {
                <option value=id selected=move || ask.with(|ask| ask.task == id)>
                    {task.title()} " (" {id} ")"
                </option>
            }
        });
        view! { <optgroup label=title>{options.collect_view()}</optgroup> }
    });
    let unknown = move || ask.with(|ask| task::find(&ask.task).is_err());
    let about = move || ask.with(|ask| task::find(&ask.task).map_or("", |task| task.about()));
    view! {
        <div class="field wide">
            <label for="task">"Task"</label>
            <select
                id="task"
                data-testid="task"
                aria-describedby="task-about"
                on:change:target=move |event| {
                    let before = ask.get_untracked();
                    let began = before.script.is_none();
                    let mut next = before.with_task(&event.target().value());
                    // One's own script goes before the example.
                    if began && next.script.is_some()
                        && let Some(draft) = script_drafts::all().into_iter().next()
                    {
                        next.script = Some(Ok(draft));
                    }
                    set_ask.run(SampleQuery { run: None, ..next });
                }
            >
                <Show when=unknown><option value="" selected=true disabled=true>"Choose a task…"</option></Show>
                {groups.collect_view()}
            </select>
            <p class="hint" id="task-about">{about}</p>
        </div>
    }
}
