//! A field that chooses one value, or none.

use leptos::prelude::*;

/// A choice of one, or of `none` of them.
pub(super) fn pick(
    label: &'static str,
    id: &'static str,
    none: &'static str,
    value: impl Fn() -> String + Copy + Send + Sync + 'static,
    options: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static,
    change: impl Fn(String) + 'static,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id data-testid=id prop:value=value on:change:target=move |event| change(event.target().value())>
                <option value="" selected=move || value().is_empty()>{none}</option>
                {move || options().into_iter().map(|(word, says)| {
                    let mine = word.clone();
                    view! { <option value=word selected=move || value() == mine>{says}</option> }
                }).collect_view()}
            </select>
        </div>
    }
}
