//! What to run, on the server or in this browser, and what that will take.

mod advanced; // rarely changed options
mod choices; // runs to begin with, with their time
mod draft; // the form's values, as typed
mod engine; // chooses engine and model
mod estimate; // estimates a run before it is started
mod fields; // the form's fields
mod in_page; // this browser as an engine
mod tasks; // chooses tasks, by skill

use fathom_shared::api::{EngineView, NewRun};
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::TaskSpec;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use super::query::RUN_DIALOG;
use crate::client;
use crate::protocol::{LoadedModel, RunKey};
use crate::state::engine::EngineState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded_message;
use draft::{FieldErrors, RunDraft, RunField, is_ours};
use estimate::EstimatePanel;
use fields::RunFields;

/// What is wrong with each field, and the new run where nothing is.
type CheckedForm = Memo<Result<NewRun, FieldErrors>>;

/// Changes what the form says, and with it the address.
type EditForm = Callback<Box<dyn FnOnce(&mut RunDraft)>>;

/// What the form says, and how that is changed.
#[derive(Clone, Copy)]
struct RunForm {
    plan: Memo<RunDraft>,
    checked: CheckedForm,
    edit: EditForm,
    /// Who can answer, at the place that is chosen.
    engines: Memo<Option<Vec<EngineView>>>,
    /// Whether this browser is to answer.
    in_page: Memo<bool>,
    /// Milliseconds for a token, where this model has answered here before.
    pace: RwSignal<Option<f64>>,
}

impl RunForm {
    fn edit(self, change: impl FnOnce(&mut RunDraft) + 'static) {
        self.edit.run(Box::new(change));
    }

    /// What is wrong with a field.
    fn fault(self, part: RunField) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.checked.with(|checked| {
                let mut faults = checked.as_ref().err()?.iter();
                let mine = faults.find(|(known, _)| *known == part);
                mine.map(|(_, message)| message.clone())
            })
        })
    }
}

/// The part of a page's address that is the dialog's, begun with an ampersand: what the page puts
/// behind its own, so that the form is kept.
pub(super) fn kept(query: &ParamsMap) -> String {
    let ours = query.into_iter().filter(|(name, _)| is_ours(name));
    let pairs: Vec<(&str, &str)> = ours.map(|(name, value)| (name.as_ref(), value)).collect();
    match serde_urlencoded::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("&{query}"),
        _ => String::new(),
    }
}

/// Has a run answered, in this browser or on the server; `then` gets it, or the sentence why there
/// is none.
pub(super) fn start_run(
    lab: EngineState,
    new: NewRun,
    in_page: bool,
    then: impl FnOnce(Result<RunKey, String>) + 'static,
) {
    if in_page {
        return in_page::start(lab, new, then);
    }
    spawn_local(async move {
        let started = client::create(&new).await;
        let started = started.map(|run| RunKey::Server(run.id));
        then(started.map_err(|error| error.message().to_owned()));
    });
}

/// The run of some samples of one task, by the first engine there is: the loaded model's in this
/// browser, else the server's.
///
/// # Errors
/// What is wrong with it, in sentences.
pub(super) fn trial(
    (spec, mode): (TaskSpec, PromptMode),
    samples: u32,
    here: Option<LoadedModel>,
    server: ServerState,
) -> Result<NewRun, String> {
    let engines = match here {
        Some(model) => vec![in_page::engine(&model)],
        None => server.engines.get_untracked().unwrap_or_default(),
    };
    let plan = RunDraft {
        count: samples.to_string(),
        ..RunDraft::default()
    };
    let plan = plan.with_own(spec, mode);
    let started = server
        .models
        .with_untracked(|models| plan.new_run(&engines, models));
    started.map_err(|faults| {
        let told: Vec<String> = faults.into_iter().map(|(_, message)| message).collect();
        told.join(" ")
    })
}

/// A button that opens the form in a dialog. With `own`, the dialog begins with that task; with
/// `sample`, with that sample of it alone.
#[component]
pub(crate) fn RunFormDialog(
    #[prop(optional, into)] own: Signal<Option<(TaskSpec, PromptMode)>>,
    #[prop(optional, into)] sample: Signal<Option<u32>>,
    /// Why that task cannot be run, as when its script has an error.
    #[prop(optional, into)]
    own_fault: Signal<Option<String>>,
) -> impl IntoView {
    let (server, lab): (ServerState, EngineState) = (expect_context(), expect_context());
    let able = move || server.is_up() || lab.loaded().is_some();
    let (query, location) = (use_query_map(), use_location());
    let navigate = use_navigate();
    let node = NodeRef::<Dialog>::new();
    let open = Memo::new(move |_| query.with(|query| query.get_str(RUN_DIALOG).is_some()));
    let plan = Memo::new(move |_| {
        let plan = query.with(|query| {
            let pairs = query.into_iter();
            RunDraft::from_query(pairs.map(|(name, value)| (name.as_ref(), value)))
        });
        let own = own.get().map(|(spec, _)| spec.into());
        RunDraft { own, ..plan }
    });
    // The page's own part of the address stays as it is.
    let put = move |open: bool, plan: &RunDraft, replace: bool| {
        let theirs = query.with_untracked(|query| {
            let theirs = query.into_iter().filter(|(name, _)| !is_ours(name));
            let owned = theirs.map(|(name, value)| (name.to_string(), value.to_owned()));
            owned.collect::<Vec<_>>()
        });
        let open = open.then(|| (RUN_DIALOG.to_owned(), "open".to_owned()));
        let pairs = theirs.into_iter().chain(open).chain(plan.pairs());
        let query = serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default();
        let options = NavigateOptions {
            // The path is whole already.
            resolve: false,
            replace,
            scroll: false,
            ..NavigateOptions::default()
        };
        let path = location.pathname.get_untracked();
        navigate(&format!("{path}?{query}"), options);
    };
    let put = StoredValue::new_local(put);
    let show = move |_| {
        let mut next = plan.get_untracked();
        if let Some((spec, mode)) = own.get_untracked() {
            next = next.with_own(spec, mode);
        }
        if let Some(sample) = sample.get_untracked() {
            (next.first, next.count) = (sample.to_string(), "1".to_owned());
        }
        put.with_value(|put| put(true, &next, false));
    };
    let close = move || {
        if open.get_untracked() {
            put.with_value(|put| put(false, &plan.get_untracked(), true));
        }
    };
    let edit = EditForm::new(move |change: Box<dyn FnOnce(&mut RunDraft)>| {
        let mut next = plan.get_untracked();
        change(&mut next);
        put.with_value(|put| put(true, &next, true));
    });
    Effect::new(move |_| {
        let (wanted, Some(node)) = (open.get() && able(), node.get()) else {
            return;
        };
        if wanted && !node.open() {
            // Models may have come since the page was opened.
            server.look();
            // It fails only for a dialog that is open already.
            let _shown = node.show_modal();
        } else if !wanted && node.open() {
            node.close();
        }
    });
    view! {
        <Show when=able>
            <button data-testid="run-dialog" aria-haspopup="dialog" on:click=show>"Start a run…"</button>
        </Show>
        <dialog class="run-dialog" aria-labelledby="run-dialog-title" data-testid="run-dialog-dialog" node_ref=node on:close=move |_| close()>
            <Show when=move || open.get() && able()>
                <RunFormBody plan edit own_fault close=Callback::new(move |()| close()) />
            </Show>
        </dialog>
    }
}

/// The content of the dialog: the fields, the estimate and the button that starts the run.
#[component]
fn RunFormBody(
    plan: Memo<RunDraft>,
    edit: EditForm,
    own_fault: Signal<Option<String>>,
    close: Callback<()>,
) -> impl IntoView {
    let (server, lab): (ServerState, EngineState) = (expect_context(), expect_context());
    let in_page = Memo::new(move |_| {
        let loaded = lab.loaded().is_some();
        loaded && (!server.is_up() || plan.with(|plan| plan.engine == in_page::NAME))
    });
    let engines = Memo::new(move |_| match in_page.get() {
        true => lab.loaded().map(|model| vec![in_page::engine(&model)]),
        false => server.engines.get(),
    });
    let checked = Memo::new(move |_| {
        let (engines, models) = (engines.get(), server.models.get());
        // Until it is known who can answer, nothing is wrong and nothing can be started.
        let engines = engines.ok_or_else(FieldErrors::new)?;
        let started = plan.with(|plan| plan.new_run(&engines, &models))?;
        let own_fault = own_fault.get().filter(|_| plan.with(|plan| plan.wants_own));
        if let Some(fault) = own_fault {
            return Err(vec![(RunField::Tasks, fault)]);
        }
        match lab.loaded().filter(|_| in_page.get()) {
            Some(model) => in_page::checked(started, &model),
            None => Ok(started),
        }
    });
    let form = RunForm {
        plan,
        checked,
        edit,
        engines,
        in_page,
        pace: RwSignal::new(None),
    };
    let (busy, refused) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let navigate = use_navigate();
    let start = move |_| {
        let Ok(new) = checked.get_untracked() else {
            return;
        };
        let navigate = navigate.clone();
        busy.set(true);
        refused.set(None);
        start_run(
            lab,
            new,
            in_page.get_untracked(),
            move |started| match started {
                Ok(run) => {
                    // A step back leads to the page before the dialog, not to a second run.
                    let options = NavigateOptions {
                        replace: true,
                        ..NavigateOptions::default()
                    };
                    navigate(&format!("/runs/{run}"), options);
                }
                Err(message) => {
                    refused.try_set(Some(message));
                    busy.try_set(false);
                }
            },
        );
    };
    view! {
        <form on:submit=|event| event.prevent_default()>
            <header class="head">
                <h2 id="run-dialog-title" tabindex="-1" autofocus>"Start a run"</h2>
                <button type="button" class="quiet" data-testid="close-run-dialog" on:click=move |_| close.run(())>"Close"</button>
            </header>
            <div class="columns">
                <RunFields form />
                <EstimatePanel form />
            </div>
            <footer class="inline">
                <button type="button" class="primary" data-testid="start-run"
                    disabled=move || busy.get() || checked.with(Result::is_err) on:click=start>
                    "Start the run"
                </button>
                <button type="button" on:click=move |_| close.run(())>"Cancel"</button>
                <p class="fault" role="alert" data-testid="start-fault">{coded_message(refused.into())}</p>
            </footer>
        </form>
    }
}
