//! The script of a task of one's own: shown where the task is one.

use leptos::prelude::*;

use super::super::ask::{Ask, SetAsk};
use super::editor::{Editor, Message};
use super::script;
use crate::protocol::Field;
use crate::state::builder::Builder;

#[component]
pub(super) fn ScriptPanel(ask: Memo<Ask>, set_ask: SetAsk) -> impl IntoView {
    let builder: Builder = expect_context();
    let shown = Memo::new(move |_| ask.with(|ask| script::is_script(&ask.task)));
    let text = Memo::new(move |_| ask.with(|ask| ask.script.clone()?.ok()).unwrap_or_default());
    let change = Callback::new(move |text: String| {
        set_ask.run(Ask {
            script: Some(Ok(text)),
            run: None,
            ..ask.get_untracked()
        });
    });
    let fault = Memo::new(move |_| {
        builder.fault.with(|fault| {
            let mine = fault
                .as_ref()
                .filter(|fault| fault.field == Field::Script)?;
            Some(Message {
                line: mine.place.map(|place| place.line),
                column: mine.place.and_then(|place| place.column),
                text: mine.message.clone(),
            })
        })
    });
    let console = Memo::new(move |_| {
        builder.console.with(|lines| {
            let line = |printed: &crate::protocol::Printed| Message {
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
                    <label for="example">"Begin with an example; it takes the place of the script"</label>
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
