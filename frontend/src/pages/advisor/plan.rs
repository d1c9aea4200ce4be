//! What to do, as a checklist, and the advice as files.

use leptos::prelude::window;
use leptos::prelude::*;

use super::AdviceShown;
use crate::protocol::results::AdviceFiles;
use crate::ui::save;

/// The plan as a checklist, with the buttons that save or print the advice.
#[component]
pub(super) fn PlanPanel(advised: AdviceShown) -> impl IntoView {
    let lines = Memo::new(move |_| {
        advised.with(|one| {
            one.as_ref()
                .map(|one| one.advice.plan.clone())
                .unwrap_or_default()
        })
    });
    let items = move || {
        let lines = lines.get().into_iter();
        lines.map(|line| {
            let kind = if line.starts_with("Validate") { "validate" } else { "do" };
            view! { <li data-kind=kind><label><input type="checkbox" /> <span>{line}</span></label></li> }
        }).collect_view()
    };
    let burden = move || {
        let path = advised.with(|one| one.as_ref()?.advice.path.clone())?;
        Some(
            view! { <p class="hint">"Evaluate: " {path.evaluation} ". Risk: " {path.risk} "."</p> },
        )
    };
    let fault = RwSignal::new(None::<String>);
    let save = move |name: &'static str, kind: &'static str, text: fn(&AdviceFiles) -> String| {
        let text = advised.with_untracked(|one| one.as_ref().map(|one| text(&one.files)));
        let saved = text.is_some_and(|text| save::save(name, kind, &text));
        fault.set((!saved).then(|| format!("The browser could not save {name}.")));
    };
    let none = move || advised.with(Option::is_none);
    view! {
        <section class="panel" aria-labelledby="plan-title">
            <h2 id="plan-title">"Plan"</h2>
            <ul class="checklist" data-testid="plan">{items}</ul>
            {burden}
            <div class="inline saves" role="group" aria-label="Save the advice">
                <button data-testid="save-markdown" disabled=none on:click=move |_| save("advice.md", "text/markdown", |files| files.markdown.clone())>"Markdown"</button>
                <button data-testid="save-json" disabled=none on:click=move |_| save("advice.json", "application/json", |files| files.json.clone())>"JSON"</button>
                <button data-testid="print-advice" disabled=none on:click=move |_| {
                    if window().print().is_err() {
                        fault.set(Some("The browser could not print.".to_owned()));
                    }
                }>"Print"</button>
                <span class="fault" role="alert">{fault}</span>
            </div>
        </section>
    }
}
