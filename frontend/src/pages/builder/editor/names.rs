//! What a script can use, next to the editor; a click inserts a name at the caret.

use crate::ui::coded_text::coded;
use fathom_shared::task::custom::{NameGroup, SCRIPT_NAMES, ScriptName};
use leptos::prelude::*;

/// The functions a script can call, in groups; a click inserts one.
#[component]
pub(super) fn ScriptNames(put: Callback<&'static ScriptName>) -> impl IntoView {
    let name = move |name: &'static ScriptName| {
        view! {
            <dt><button type="button" class="quiet mono" data-testid="script-name" on:click=move |_| put.run(name)>{name.code}</button></dt>
            <dd>{coded(name.about)}</dd>
        }
    };
    let group = move |group: NameGroup| {
        let names = SCRIPT_NAMES.iter().filter(move |name| name.group == group);
        let open = group == NameGroup::Context;
        view! {
            <details open=open>
                <summary>{group.title()}</summary>
                <dl>{names.map(name).collect_view()}</dl>
            </details>
        }
    };
    view! {
        <div class="names" role="group" aria-label="What a script can use">{NameGroup::ALL.map(group).collect_view()}</div>
    }
}
