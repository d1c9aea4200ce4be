//! For those who write generators: every option, what it does to the text, sample by sample.

mod beside_panel;
mod carry;
mod carry_panel;
mod change_panel;
mod compare;
mod editor;
mod evidence;
mod evidence_panel;
mod made_with_panel;
mod model;
mod preview;
pub(super) mod script;
mod script_panel;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::ask::SetAsk;
use super::form::Form;
use super::hand_off::{self, HandOff};
use crate::state::builder::Builder;
use beside_panel::BesidePanel;
use carry_panel::CarryPanel;
use change_panel::ChangePanel;
use evidence_panel::EvidencePanel;
use made_with_panel::MadeWithPanel;
use model::Desk;
use preview::Preview;
use script_panel::ScriptPanel;

/// Changes what the page shows, and with it its address.
type SetDesk = Callback<Desk>;

/// The page.
#[component]
pub(crate) fn BuilderPage() -> impl IntoView {
    let builder: Builder = expect_context();
    let query = use_query_map();
    let desk = Memo::new(move |_| query.with(|query| Desk::from_query(|key| query.get(key))));
    let navigate = use_navigate();
    let set_desk = SetDesk::new(move |desk: Desk| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        let kept = query.with_untracked(hand_off::kept);
        navigate(&format!("/builder{}{kept}", desk.to_query()), options);
    });
    let ask = Memo::new(move |_| desk.with(|desk| desk.ask.clone()));
    let set_ask = SetAsk::new(move |ask| set_desk.run(desk.get_untracked().with_ask(ask)));
    // Towards the workers: who counts and the order follow from the address.
    builder.read_own_texts(true);
    let counts = Memo::new(move |_| ask.with(super::ask::Ask::counts));
    Effect::new(move |_| {
        if let Ok(choice) = counts.get() {
            builder.count_by(choice);
        }
    });
    let order = Memo::new(move |_| ask.with(super::ask::Ask::order));
    Effect::new(move |_| match order.get() {
        Ok(order) => builder.want(order),
        Err(fault) => builder.refuse(fault),
    });
    let own = Signal::derive(move || {
        let order = order.get().ok()?;
        Some((order.spec, order.mode))
    });
    let in_playground = move || ask.with(|ask| format!("/{}", ask.for_a_model().to_query()));
    view! {
        <h1 class="sr-only">"Builder"</h1>
        <div class="builder">
            <div class="stack">
                <section class="panel" aria-labelledby="build-title">
                    <h2 id="build-title">"Build a sample"</h2>
                    <Form ask set_ask open=true />
                    <p class="inline">
                        <A href=in_playground>"Ask a model in the playground"</A>
                        <HandOff own />
                    </p>
                </section>
                <MadeWithPanel ask set_ask />
                <CarryPanel ask set_ask />
            </div>
            <div class="stack preview">
                <ScriptPanel ask set_ask />
                <section class="panel" aria-labelledby="preview-title">
                    <h2 id="preview-title">"What the model reads"</h2>
                    <Preview desk set_desk />
                </section>
            </div>
            <div class="stack look">
                <EvidencePanel desk set_desk />
                <BesidePanel desk set_desk />
                <ChangePanel />
            </div>
        </div>
    }
}
