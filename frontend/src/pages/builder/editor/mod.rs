//! A text area over its own coloured copy, with numbered lines, error marks and a console.

mod syntax; // colours for Rhai

use leptos::prelude::*;

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
            <div class="code">
                <pre class="paint" aria-hidden="true">{painted}</pre>
                <textarea
                    data-testid="script"
                    aria-label="Script"
                    aria-describedby="script-fault"
                    aria-invalid=move || fault.with(Option::is_some).to_string()
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    wrap="off"
                    prop:value=text
                    on:input:target=move |event| change.run(event.target().value())
                ></textarea>
            </div>
            <p class="fault" id="script-fault" role="alert" data-testid="script-fault">{says}</p>
            <h3>"Console"</h3>
            <pre class="excerpt console" data-testid="console" aria-live="polite">{printed}</pre>
        </div>
    }
}
