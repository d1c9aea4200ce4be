//! A labelled field with its fault.

use leptos::prelude::*;

use super::coded_text::coded_message;

/// A labelled text field; `fault` is the error message under it.
#[component]
pub(crate) fn TextField(
    label: &'static str,
    id: &'static str,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] fault: Signal<Option<String>>,
    #[prop(optional)] numeric: bool,
    on_input: impl Fn(String) + 'static,
) -> impl IntoView {
    let fault_id = format!("{id}-fault");
    let described = {
        let fault_id = fault_id.clone();
        move || fault.get().map(|_| fault_id.clone())
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                data-testid=id
                type="text"
                inputmode=if numeric { "numeric" } else { "text" }
                autocomplete="off"
                prop:value=value
                aria-invalid=move || fault.get().is_some().to_string()
                aria-describedby=described
                on:input:target=move |event| on_input(event.target().value())
            />
            <p class="fault" id=fault_id data-testid=format!("{id}-fault") role="alert">{coded_message(fault)}</p>
        </div>
    }
}
