//! The script of a task of one's own: shown where the task is one.

use leptos::prelude::*;

use super::super::sample_query::{SampleQuery, SetSampleQuery};
use super::super::script;
use super::editor::{Editor, ScriptMessage};
use crate::protocol::FormField;
use crate::state::builder::BuilderState;
use crate::state::script_drafts;

/// The script of a custom task, with examples and drafts to start from.
#[component]
pub(super) fn ScriptPanel(ask: Memo<SampleQuery>, set_ask: SetSampleQuery) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let shown = Memo::new(move |_| ask.with(|ask| script::is_script(&ask.task)));
    let text = Memo::new(move |_| ask.with(|ask| ask.script.clone()?.ok()).unwrap_or_default());
    let put = move |text: String| {
        set_ask.run(SampleQuery {
            script: Some(Ok(text)),
            run: None,
            ..ask.get_untracked()
        });
    };
    let drafts = RwSignal::new(script_drafts::all());
    // What an example or a draft replaced, until the script is edited.
    let replaced = RwSignal::new(None::<String>);
    let chosen = RwSignal::new(String::new());
    let change = Callback::new(move |now: String| {
        script_drafts::keep(&text.get_untracked(), &now);
        drafts.set(script_drafts::all());
        replaced.set(None);
        chosen.set(String::new());
        put(now);
    });
    let fault = Memo::new(move |_| {
        builder.fault.with(|fault| {
            let mine = fault
                .as_ref()
                .filter(|fault| fault.field == FormField::Script)?;
            Some(ScriptMessage {
                line: mine.place.map(|place| place.line),
                column: mine.place.and_then(|place| place.column),
                text: mine.message.clone(),
            })
        })
    });
    let console = Memo::new(move |_| {
        builder.console.with(|lines| {
            let line = |printed: &crate::protocol::PrintedLine| ScriptMessage {
                line: printed.line,
                column: None,
                text: printed.text.clone(),
            };
            lines.iter().map(line).collect::<Vec<_>>()
        })
    });
    let examples = move || {
        script::examples()
            .into_iter()
            .enumerate()
            .map(|(number, example)| {
                let title = example.name.replace('_', " ");
                view! { <option value=number.to_string()>{title}</option> }
            })
            .collect_view()
    };
    let kept = move || {
        let options = drafts.get().into_iter().enumerate().map(|(number, draft)| {
            let title = script_drafts::title(&draft);
            view! { <option value=format!("draft-{number}")>{title}</option> }
        });
        let options = options.collect_view();
        drafts
            .with(|drafts| !drafts.is_empty())
            .then(|| view! { <optgroup label="Your drafts">{options}</optgroup> })
    };
    let begin = move |choice: String| {
        let number = |text: &str| text.parse::<usize>().ok();
        let next = match choice.strip_prefix("draft-") {
            Some(at) => number(at).and_then(|at| drafts.with_untracked(|all| all.get(at).cloned())),
            None => number(&choice).and_then(|at| {
                script::examples()
                    .get(at)
                    .map(|example| example.text.to_owned())
            }),
        };
        chosen.set(choice);
        if let Some(next) = next {
            replaced.set(Some(text.get_untracked()).filter(|before| !before.is_empty()));
            put(next);
        }
    };
    let undo = move |_| {
        if let Some(before) = replaced.get_untracked() {
            replaced.set(None);
            chosen.set(String::new());
            put(before);
        }
    };
    view! {
        <Show when=move || shown.get()>
            <section class="panel" aria-labelledby="script-title">
                <h2 id="script-title">"The script"</h2>
                <div class="field">
                    <label for="example">"Start from an example or a draft"</label>
                    <select id="example" data-testid="example" prop:value=chosen
                        on:change:target=move |event| begin(event.target().value())>
                        <option value="">"Choose…"</option>
                        <optgroup label="Examples">{examples}</optgroup>
                        {kept}
                    </select>
                    <p class="hint">"This browser keeps the last five scripts that you type as drafts."</p>
                    <Show when=move || replaced.with(Option::is_some)>
                        <p role="status">"Your script was replaced. "
                            <button type="button" data-testid="undo-script" on:click=undo>"Undo"</button>
                        </p>
                    </Show>
                </div>
                <Editor text change fault console />
            </section>
        </Show>
    }
}
