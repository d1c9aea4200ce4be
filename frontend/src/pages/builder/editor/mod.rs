//! A text area over its own coloured copy, with numbered lines, error marks and a console.

mod completion; // completes names at the caret
mod names; // the list of what a script can use
mod syntax; // syntax highlighting for Rhai

use fathom_shared::task::custom::ScriptName;
use leptos::html::Textarea;
use leptos::prelude::*;

use crate::pages::display;
use crate::ui::coded_text::coded;
use completion::{NameCompletion, insert};
use names::ScriptNames;
use syntax::{SyntaxKind, lines};

/// Something said about a script, with its place where that is known; both count from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ScriptMessage {
    /// The line.
    pub(super) line: Option<u32>,
    /// The character in it.
    pub(super) column: Option<u32>,
    /// What is said.
    pub(super) text: String,
}

/// The editor. `fault` is why the script made nothing; `console` is what it printed.
#[component]
pub(super) fn Editor(
    #[prop(into)] text: Signal<String>,
    change: Callback<String>,
    #[prop(into)] fault: Signal<Option<ScriptMessage>>,
    #[prop(into)] console: Signal<Vec<ScriptMessage>>,
) -> impl IntoView {
    let bad = Memo::new(move |_| fault.with(|fault| fault.as_ref().and_then(|fault| fault.line)));
    let painted = move || {
        let text = text.get();
        let line = |(number, pieces): (u32, Vec<(SyntaxKind, &str)>)| {
            let wrong = move || (bad.get() == Some(number)).then_some("true");
            let pieces = pieces.into_iter().map(|(kind, piece)| match kind {
                SyntaxKind::Plain => piece.to_owned().into_any(),
                kind => {
                    view! { <span data-syntax=kind.name()>{piece.to_owned()}</span> }.into_any()
                }
            });
            view! { <div class="code-line" data-wrong=wrong>{pieces.collect_view()}"\n"</div> }
        };
        (1..).zip(lines(&text)).map(line).collect_view()
    };
    let node = NodeRef::<Textarea>::new();
    let completion = RwSignal::new(None::<NameCompletion>);
    // The name that the arrow keys have chosen; the first until then.
    let picked = RwSignal::new(None::<usize>);
    let look = move || {
        picked.set(None);
        completion.set(node.get_untracked().and_then(|area| {
            let caret = area.selection_start().ok().flatten()?;
            NameCompletion::at(&area.value(), caret)
        }));
    };
    let write = move |(text, caret): (String, u32)| {
        completion.set(None);
        if let Some(area) = node.get_untracked() {
            area.set_value(&text);
            // A field that is gone needs neither focus nor caret.
            let _focused = area.focus();
            let _set = area.set_selection_range(caret, caret);
        }
        change.run(text);
    };
    let accept = move |at: usize| {
        let found = completion.get_untracked();
        if let Some((found, area)) = found.zip(node.get_untracked())
            && let Some(name) = found.names.get(at)
        {
            write(found.put(&area.value(), name));
        }
    };
    let put = Callback::new(move |name: &'static ScriptName| {
        if let Some(area) = node.get_untracked() {
            let caret = area.selection_start().ok().flatten().unwrap_or_default();
            write(insert(&area.value(), caret, name));
        }
    });
    let keys = move |event: web_sys::KeyboardEvent| {
        let key = event.key();
        if key == " " && event.ctrl_key() {
            event.prevent_default();
            return look();
        }
        let Some(count) = completion.with_untracked(|found| Some(found.as_ref()?.names.len()))
        else {
            return;
        };
        let at = picked.get_untracked();
        match key.as_str() {
            "ArrowDown" => picked.set(Some(at.map_or(0, |at| (at + 1) % count))),
            "ArrowUp" => picked.set(Some((at.unwrap_or(0) + count - 1) % count)),
            "Tab" if !event.shift_key() => accept(at.unwrap_or(0)),
            "Enter" if at.is_some() => accept(at.unwrap_or(0)),
            "Escape" => completion.set(None),
            "ArrowLeft" | "ArrowRight" | "Home" | "End" | "Enter" => return completion.set(None),
            _ => return,
        }
        event.prevent_default();
    };
    let list = move || {
        let found = completion.get()?;
        let place = format!("--line:{};--column:{}", found.line, found.column);
        let option = |(at, name): (usize, &'static ScriptName)| {
            let selected = move || (picked.get().unwrap_or(0) == at).to_string();
            view! {
                <li role="option" id=format!("script-option-{at}") aria-selected=selected on:click=move |_| accept(at)>
                    <code>{name.code}</code> " " <span class="hint">{coded(name.about)}</span>
                </li>
            }
        };
        let options = found.names.into_iter().enumerate().map(option);
        Some(view! {
            <ul role="listbox" id="script-options" aria-label="Names" data-testid="completion" style=place
                on:mousedown=|event| event.prevent_default()>{options.collect_view()}</ul>
        })
    };
    let active = move || {
        completion
            .with(Option::is_some)
            .then(|| format!("script-option-{}", picked.get().unwrap_or(0)))
    };
    let says = move || {
        fault.get().map(|fault| match (fault.line, fault.column) {
            (Some(line), Some(column)) => {
                format!("Line {line}, character {column}: {}", fault.text)
            }
            (Some(line), None) => format!("Line {line}: {}", fault.text),
            _ => fault.text,
        })
    };
    let printed = move || {
        let line = |message: ScriptMessage| {
            let place = message.line.map(|line| format!("{line}: "));
            view! { <div><span class="hint">{place}</span>{message.text}</div> }
        };
        console.get().into_iter().map(line).collect_view()
    };
    view! {
        <div class="editor">
          <div class="both">
            <div class="code">
                <pre class="paint" aria-hidden="true">{painted}</pre>
                <textarea
                    node_ref=node
                    data-testid="script"
                    aria-autocomplete="list"
                    aria-controls=move || completion.with(Option::is_some).then_some("script-options")
                    aria-activedescendant=active
                    aria-label="Script"
                    aria-describedby="script-fault"
                    aria-invalid=move || fault.with(Option::is_some).to_string()
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    wrap="off"
                    prop:value=text
                    on:input:target=move |event| { change.run(event.target().value()); look(); }
                    on:keydown=keys
                    on:blur=move |_| completion.set(None)
                ></textarea>
                {list}
            </div>
            <ScriptNames put />
          </div>
            <p class="hint">"Names are completed as you type: Tab takes one, Escape closes the list. Ctrl+Space opens it."</p>
            <p class="fault" id="script-fault" role="alert" data-testid="script-fault">{move || says().map(|says| coded(&display::sentence(&says)))}</p>
            <h3>"Console"</h3>
            <pre class="excerpt console" data-testid="console" aria-live="polite">{printed}</pre>
        </div>
    }
}
