//! What only a run of this browser offers: its model, files of other programs, and being deleted.

use fathom_shared::api::{RunStatus, RunView};
use fathom_shared::results::exported::ExportProgram;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::super::model_panel::ModelPanel;
use crate::protocol::{LONGBENCH, PageRunCall, PageRunReply, RunKey};
use crate::state::engine::EngineState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;
use crate::ui::save;

/// What only a run in the page has: its model, its exports and its deletion.
#[component]
pub(super) fn PageRunParts(id: Memo<Option<RunKey>>, run: Memo<Option<RunView>>) -> impl IntoView {
    let (lab, server): (EngineState, ServerState) = (expect_context(), expect_context());
    let status = Memo::new(move |_| run.with(|run| run.as_ref().map(|run| run.status)));
    // A run that could go on needs its model.
    let waits = Memo::new(move |_| {
        let model = lab.loaded().map(|model| model.engine.model_sha256);
        run.with(|run| {
            let run = run.as_ref();
            run.is_some_and(|run| {
                run.counts.open() > 0 && model.as_ref() != Some(&run.engine.model_sha256)
            })
        })
    });
    let at_work = move || status.get() == Some(RunStatus::Running);
    let sure = RwSignal::new(false);
    let navigate = use_navigate();
    let delete = move |_| {
        let Some(RunKey::Page(id)) = id.get_untracked() else {
            return;
        };
        if !sure.get_untracked() {
            return sure.set(true);
        }
        let navigate = navigate.clone();
        server.call(PageRunCall::Delete { id }, move |_| {
            navigate("/runs", Default::default());
        });
    };
    let left_out = RwSignal::new(Vec::<String>::new());
    let export = move |program: String| {
        let Some(RunKey::Page(id)) = id.get_untracked() else {
            return;
        };
        left_out.set(Vec::new());
        let name = format!("fathom-run-page-{id}-{program}.zip");
        lab.call_beside(
            PageRunCall::Export { id, program },
            move |got, bytes| match got {
                Ok(PageRunReply::Exported(losses)) => {
                    left_out.try_set(losses);
                    if !save::save_bytes(&name, "application/zip", &bytes) {
                        server
                            .fault
                            .set(Some("The browser could not save the file.".to_owned()));
                    }
                }
                Ok(_) => {}
                Err(message) => server.fault.set(Some(message)),
            },
        );
    };
    let losses = move || {
        let losses = left_out.get();
        (!losses.is_empty()).then(|| {
            let lines = losses
                .into_iter()
                .map(|loss| view! { <li>{coded(&loss)}</li> });
            view! {
                <p class="hint">"What the files do not hold, or hold under another name:"</p>
                <ul class="hint" data-testid="export-losses">{lines.collect_view()}</ul>
            }
        })
    };
    let exports = ExportProgram::ALL.map(|program| {
        let (name, title) = match program {
            ExportProgram::Ruler => (program.name(), "RULER's predictions"),
            ExportProgram::LmEval => (program.name(), "lm-evaluation-harness"),
            ExportProgram::Inspect => (program.name(), "Inspect logs"),
        };
        view! { <option value=name>{title}</option> }
    });
    view! {
        <p class="hint">"This run is stored in this browser and answered by the model loaded here. Closing the page stops it; it continues from the first unanswered sample once the same model is loaded again."</p>
        <Show when=move || waits.get()><ModelPanel /></Show>
        <div class="inline">
            <select class="short" data-testid="export-run" aria-label="Export the run" on:change:target=move |event| {
                let program = event.target().value();
                event.target().set_value("");
                if !program.is_empty() {
                    export(program);
                }
            }>
                <option value="">"Export…"</option>
                {exports}
                <option value=LONGBENCH>"LongBench v2's predictions"</option>
            </select>
            <button class="quiet" data-testid="delete-run" disabled=at_work on:click=delete>
                {move || if sure.get() { "Delete permanently" } else { "Delete" }}
            </button>
        </div>
        {losses}
    }
}
