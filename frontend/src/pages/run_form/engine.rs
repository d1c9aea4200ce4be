//! The engine, and of its models one.

use fathom_shared::engine::EngineKind;
use leptos::prelude::*;

use super::super::refused_models::RefusedModels;
use super::in_page::NAME;
use super::{RunField, RunForm};
use crate::state::engine::EngineState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded_message;

/// The engine and the model.
#[component]
pub(super) fn EngineField(form: RunForm) -> impl IntoView {
    let (server, lab): (ServerState, EngineState) = (expect_context(), expect_context());
    let (engines, plan) = (form.engines, form.plan);
    let chosen = Memo::new(move |_| {
        engines.with(|engines| {
            plan.with(|plan| {
                let engine = plan.engine(engines.as_deref()?)?;
                Some((engine.clone(), plan.model(engine)))
            })
        })
    });
    let engine_options = move || {
        let option = |name: String, label: String| {
            let own = name.clone();
            let is = move || match form.in_page.get() {
                true => own == NAME,
                false => {
                    chosen.with(|c| c.as_ref().is_some_and(|(e, _)| e.engine.to_string() == own))
                }
            };
            view! { <option value=name selected=is>{label}</option> }
        };
        let there = server.engines.get().into_iter().flatten();
        let there = there.map(|view| view.engine.to_string());
        let there = there.map(|name| (name.clone(), name));
        let here = (NAME.to_owned(), "in this browser".to_owned());
        let here = lab.loaded().map(|_| here);
        let all = there.chain(here);
        all.map(|(name, label)| option(name, label)).collect_view()
    };
    let models = Memo::new(move |_| {
        chosen.with(|chosen| {
            let models = chosen.as_ref().map(|(engine, _)| engine.models.clone());
            models.unwrap_or_default()
        })
    });
    let model_options = move || {
        let option = |model: String| {
            let own = model.clone();
            let is =
                move || chosen.with(|c| c.as_ref().is_some_and(|(_, m)| m.as_ref() == Some(&own)));
            view! { <option value=model.clone() selected=is>{model.clone()}</option> }
        };
        models.get().into_iter().map(option).collect_view()
    };
    let where_to = move || {
        if form.in_page.get() {
            let told = "The model loaded in this browser answers, and the browser stores the run.";
            return Some(told.to_owned());
        }
        chosen.with(|chosen| match &chosen.as_ref()?.0.engine {
            EngineKind::Openai { endpoint } => Some(format!(
                "Prompts are sent to the endpoint {endpoint} from the server's configuration."
            )),
            _ => None,
        })
    };
    view! {
        <div class="row who">
            <div class="field">
                <label for="run-model">"Model"</label>
                <select id="run-model" data-testid="run-model" on:change:target=move |event| {
                    let model = event.target().value();
                    form.edit(|plan| plan.model = model);
                }>{model_options}</select>
                <p class="fault" role="alert">{coded_message(form.fault(RunField::Model))}</p>
            </div>
            <div class="field">
                <label for="run-engine">"Engine"</label>
                <select id="run-engine" data-testid="run-engine" on:change:target=move |event| {
                    let engine = event.target().value();
                    form.edit(|plan| plan.engine = engine);
                }>{engine_options}</select>
                <p class="fault" role="alert">{coded_message(form.fault(RunField::Engine))}</p>
            </div>
        </div>
        <RefusedModels />
        <p class="hint" role="status" data-testid="run-where">{where_to}</p>
    }
}
