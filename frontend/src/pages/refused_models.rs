//! The server's unusable models, each with the reason.

use fathom_shared::api::RefusedModel;
use leptos::prelude::*;

use crate::state::server::ServerState;
use crate::ui::coded_text::coded;

/// The server's models that cannot be used, with the reasons; nothing if all can.
#[component]
pub(super) fn RefusedModels() -> impl IntoView {
    let server: ServerState = expect_context();
    let refused = server.refused_models;
    let title = move || match refused.with(Vec::len) {
        1 => "One model on the server cannot be used".to_owned(),
        n => format!("{n} models on the server cannot be used"),
    };
    let each = move || {
        let all = refused.get().into_iter();
        all.map(|RefusedModel { id, reason }| view! { <li><code>{id}</code> ": " {coded(&reason)}</li> })
            .collect_view()
    };
    // With nothing else to choose it is what one looks for.
    let open = move || server.models.with(Vec::is_empty);
    view! {
        <Show when=move || refused.with(|refused| !refused.is_empty())>
            <details data-testid="refused-models" open=open>
                <summary>{title}</summary>
                <ul class="refused">{each}</ul>
            </details>
        </Show>
    }
}
