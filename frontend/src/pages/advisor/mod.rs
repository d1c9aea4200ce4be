//! The advisor: from figures to a decision, recomputed with every change, in a worker.
//!
//! ```text
//! URL | example --AdvisorForm::read--> AdvisorQuestion --worker results: advise, map-->
//!     AdvisorAnswer --> the sentence, Monday, costs, what would change it, the map; the rest below
//! ```

mod costs; // the cost of measuring and adapting
mod form; // the form for evidence
mod limits; // the thresholds, editable
mod map; // the decision map
mod model; // the page's state as its URL
mod plan; // the plan as a checklist, and downloads
mod questions; // the first three questions: which model, what for, how long
mod rows; // input rows for figures
mod steps; // the first steps and their cost
mod verdict; // the verdict, its reasons, and what would change it

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::query::keep_address;
use crate::protocol::RunKey;
use crate::protocol::results::{AdvisorAnswer, SetKey};
use crate::state::results::ResultsState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;
use model::{AdvisorForm, ParsedForm};

/// Changes the form, and with it the address.
type SetAdvisorForm = Callback<AdvisorForm>;

/// The form as the page's parts see it.
#[derive(Clone, Copy)]
struct AdvisorFields {
    form: Memo<AdvisorForm>,
    set: SetAdvisorForm,
    read: Memo<ParsedForm>,
    /// The models that figures are published of; the worker knows them.
    published: Memo<Vec<String>>,
}

impl AdvisorFields {
    fn text(self, key: &'static str) -> Signal<String> {
        Signal::derive(move || self.form.with(|form| form.get(key).to_owned()))
    }

    fn fault(self, key: impl Into<String>) -> Signal<Option<String>> {
        let key = key.into();
        Signal::derive(move || self.read.with(|read| read.faults.get(&key).cloned()))
    }

    fn put(self, key: &'static str, text: String) {
        self.set.run(self.form.get_untracked().with(key, text));
    }
}

/// The address of this page that asks about runs, a file beside the page, sets that are held.
pub(super) fn address(runs: &[RunKey], file: Option<&str>, keys: &[SetKey]) -> String {
    let runs: Vec<_> = runs.iter().map(RunKey::to_string).collect();
    // Runs are named already, and a file beside the page is read again from its own address.
    let held = keys.iter().filter(|key| !key.starts_with("run:"));
    let held = held.filter(|key| file.is_none() || !key.starts_with("file:"));
    let held: Vec<_> = held.map(String::as_str).collect();
    let form = AdvisorForm::default()
        .with("run", runs.join(","))
        .with("file", file.unwrap_or_default().to_owned())
        .with("set", held.join("|"));
    format!("/advisor{}", form.to_query())
}

/// The Advisor page.
#[component]
pub(crate) fn AdvisorPage() -> impl IntoView {
    let (results, server): (ResultsState, ServerState) = (expect_context(), expect_context());
    let query = use_query_map();
    keep_address("/advisor");
    let asked =
        Memo::new(move |_| query.with(|query| AdvisorForm::from_query(|key| query.get(key))));
    // Nothing is asked on a first visit, and after all was cleared.
    let cleared = RwSignal::new(false);
    let example = Memo::new(move |_| asked.with(AdvisorForm::is_empty) && !cleared.get());
    let form = Memo::new(move |_| match example.get() {
        true => AdvisorForm::example(),
        false => asked.get(),
    });
    let navigate = use_navigate();
    let set = SetAdvisorForm::new(move |next: AdvisorForm| {
        cleared.set(next.is_empty());
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&format!("/advisor{}", next.to_query()), options);
    });
    let held = Memo::new(move |_| {
        let held = results.held;
        held.with(|held| held.iter().map(|one| one.key.clone()).collect::<Vec<_>>())
    });
    let read = Memo::new(move |_| form.with(|form| held.with(|held| form.read(held))));
    // Towards what is held: runs and a file follow from the address.
    let wanted = Memo::new(move |_| form.with(|form| (form.runs(), form.get("file").to_owned())));
    Effect::new(move |_| {
        let (runs, file) = wanted.get();
        let here = runs.into_iter().filter(|run| server.keeps(*run));
        here.for_each(|run| results.run(run));
        if !file.is_empty() {
            results.link(file);
        }
    });
    let question = Memo::new(move |_| read.with(|read| read.question.clone()));
    Effect::new(move |_| results.advise(question.get()));
    let advised = Memo::new(move |_| {
        let advised = results.advised;
        advised.with(|advised| advised.as_ref()?.as_ref().ok().cloned())
    });
    let published = Memo::new(move |before: Option<&Vec<String>>| {
        let known = advised.with(|one| one.as_ref().map(|one| one.evidence.published.clone()));
        known.or_else(|| before.cloned()).unwrap_or_default()
    });
    let typed = AdvisorFields {
        form,
        set,
        read,
        published,
    };
    // What stands below the verdict comes with the first answer: nothing is drawn to be moved.
    let answered = Memo::new(move |before: Option<&bool>| {
        before.is_some_and(|before| *before) || results.advised.with(Option::is_some)
    });
    let lost = move || {
        let lost = form.with(|form| held.with(|held| form.lost(held)));
        (!lost.is_empty() && results.coming.get() == 0).then(|| {
            format!("{} is not in this browser, because links do not include files. Add the files on the Results page.", lost.join(", "))
        })
    };
    let unserved = move || form.with(|form| server.unserved(&form.runs()));
    let faults = move || {
        let fault = results
            .advised
            .with(|advised| advised.as_ref()?.as_ref().err().cloned());
        let faults = results.faults.get().into_iter().chain(fault).chain(lost());
        faults
            .map(|fault| view! { <p>{coded(&fault)}</p> })
            .collect_view()
    };
    view! {
        <div class="advisor-page">
            <questions::Questions typed example />
            <div class="advice">
                <div class="fault" role="alert" data-testid="advisor-fault">{faults}</div>
                {move || unserved().map(|told| view! { <p class="note" role="status" data-testid="no-server">{told}</p> })}
                <Show when=move || { results.coming.get() > 0 }><p role="status" class="hint">"Reading and computing…"</p></Show>
                <Show when=move || answered.get() fallback=|| view! { <p role="status" class="hint">"Working out the advice…"</p> }>
                    <verdict::VerdictPanel advised />
                    <div class="answer">
                        <div class="steps">
                            <steps::MondayPanel advised />
                            <steps::PricePanel advised />
                            <verdict::SensitivityPanel advised />
                        </div>
                        <map::MapPanel advised />
                    </div>
                    <Behind title="Why: the reasons, rule by rule, and what speaks against it">
                        <verdict::WarningsPanel advised />
                        <verdict::ReasonsPanel advised />
                    </Behind>
                    <Behind title="The plan, and the advice as a file">
                        <plan::PlanPanel advised />
                    </Behind>
                    <Behind title="Costs in detail: hardware, prices, evaluations">
                        <costs::CostsPanel typed advised />
                    </Behind>
                    <Behind title="The evidence it rests on">
                        <verdict::Rests advised />
                    </Behind>
                    <Behind title="What else you know: figures, windows, budget, thresholds" open=form.with_untracked(AdvisorForm::asks_more)>
                        <form::EvidenceFields typed />
                    </Behind>
                </Show>
            </div>
        </div>
    }
}

/// A part of the advice that is folded until it is opened.
#[component]
fn Behind(title: &'static str, #[prop(optional)] open: bool, children: Children) -> impl IntoView {
    view! {
        <details class="behind" open=open>
            <summary>{title}</summary>
            <div class="behind-parts">{children()}</div>
        </details>
    }
}

/// What there is to show, if anything.
type AdviceShown = Memo<Option<Arc<AdvisorAnswer>>>;
