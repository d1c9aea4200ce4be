//! From the page to the server: what to run there, and what that will take.

mod estimate;
mod fields;
mod plan;

use fathom_shared::api::NewRun;
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::TaskSpec;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

use crate::client;
use crate::state::server::Server;
use estimate::EstimatePanel;
use fields::Fields;
pub(crate) use plan::Plan;
use plan::{Faults, Part};

/// What is wrong with each field, and the order where nothing is.
type Checked = Memo<Result<NewRun, Faults>>;

/// The button and its dialog. With `own`, the dialog begins with the builder's task.
#[component]
pub(crate) fn HandOff(
    #[prop(optional, into)] own: Signal<Option<(TaskSpec, PromptMode)>>,
) -> impl IntoView {
    let server: Server = expect_context();
    let plan: RwSignal<Plan> = expect_context();
    let open = RwSignal::new(false);
    let node = NodeRef::<Dialog>::new();
    let show = move |_| {
        if let Some((spec, mode)) = own.get_untracked() {
            plan.update(|plan| *plan = std::mem::take(plan).with_own(spec, mode));
        }
        // Models may have come since the page was opened.
        server.look();
        open.set(true);
        if let Some(node) = node.get_untracked() {
            // It fails only for a dialog that is open already.
            let _shown = node.show_modal();
        }
    };
    let close = move || {
        if let Some(node) = node.get_untracked() {
            node.close();
        }
    };
    view! {
        <Show when=move || server.is_up()>
            <button data-testid="hand-off" aria-haspopup="dialog" on:click=show>"Run on the server…"</button>
        </Show>
        <dialog class="hand-off" aria-labelledby="hand-off-title" data-testid="hand-off-dialog" node_ref=node on:close=move |_| open.set(false)>
            <Show when=move || open.get()><Inside close=Callback::new(move |()| close()) /></Show>
        </dialog>
    }
}

#[component]
fn Inside(close: Callback<()>) -> impl IntoView {
    let server: Server = expect_context();
    let plan: RwSignal<Plan> = expect_context();
    let checked = Memo::new(move |_| {
        let (engines, models) = (server.engines.get(), server.models.get());
        plan.with(|plan| plan.order(&engines, &models))
    });
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let navigate = use_navigate();
    let start = move |_| {
        let Ok(new) = checked.get_untracked() else {
            return;
        };
        let navigate = navigate.clone();
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            match client::create(&new).await {
                Ok(run) => {
                    close.run(());
                    navigate(&format!("/runs/{}", run.id), Default::default());
                }
                Err(error) => {
                    refused.try_set(Some(error.message().to_owned()));
                    busy.try_set(false);
                }
            }
        });
    };
    view! {
        <form on:submit=|event| event.prevent_default()>
            <header class="head">
                <h2 id="hand-off-title">"Run on the server"</h2>
                <button type="button" class="quiet" on:click=move |_| close.run(())>"Close"</button>
            </header>
            <div class="columns">
                <Fields plan checked />
                <EstimatePanel checked />
            </div>
            <footer class="inline">
                <button type="button" class="primary" data-testid="start-run"
                    disabled=move || busy.get() || checked.with(Result::is_err) on:click=start>
                    "Start the run"
                </button>
                <button type="button" on:click=move |_| close.run(())>"Not now"</button>
                <p class="fault" role="alert" data-testid="start-fault">{refused}</p>
            </footer>
        </form>
    }
}
