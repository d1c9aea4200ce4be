//! The script of a task of one's own: shown where the task is one.

use leptos::prelude::*;

use super::super::sample_query::{SampleQuery, SetSampleQuery};
use super::editor::{Editor, ScriptMessage};
use super::script;
use crate::protocol::FormField;
use crate::state::builder::BuilderState;

#[component]
pub(super) fn ScriptPanel(ask: Memo<SampleQuery>, set_ask: SetSampleQuery) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let shown = Memo::new(move |_| ask.with(|ask| script::is_script(&ask.task)));
    let text = Memo::new(move |_| ask.with(|ask| ask.script.clone()?.ok()).unwrap_or_default());
    let change = Callback::new(move |text: String| {
        set_ask.run(SampleQuery {
            script: Some(Ok(text)),
            run: None,
            ..ask.get_untracked()
        });
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
    let begin = move |number: String| {
        let example = number
            .parse()
            .ok()
            .and_then(|at: usize| script::examples().get(at).copied());
        if let Some(example) = example {
            change.run(example.text.to_owned());
        }
    };
    view! {
        <Show when=move || shown.get()>
            <section class="panel" aria-labelledby="script-title">
                <h2 id="script-title">"The script"</h2>
                <div class="field">
                    <label for="example">"Start from an example; it replaces the script"</label>
                    <select id="example" data-testid="example"
                        on:change:target=move |event| begin(event.target().value())>
                        <option value="">"An example…"</option>
                        {examples}
                    </select>
                </div>
                <Editor text change fault console />
            </section>
        </Show>
    }
}
