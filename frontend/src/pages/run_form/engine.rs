//! The engine, and of its models one.

use fathom_shared::engine::EngineKind;
use leptos::prelude::*;

use super::super::refused_models::RefusedModels;
use super::{RunField, RunForm};
use crate::state::server::ServerState;

#[component]
pub(super) fn EngineField(form: RunForm) -> impl IntoView {
    let server: ServerState = expect_context();
    let (engines, plan) = (server.engines, form.plan);
    let chosen = Memo::new(move |_| {
        engines.with(|engines| {
            plan.with(|plan| {
                let engine = plan.engine(engines.as_deref()?)?;
                Some((engine.clone(), plan.model(engine)))
            })
        })
    });
    let engine_options = move || {
        let option = |name: String| {
            let own = name.clone();
            let is = move || {
                chosen.with(|c| c.as_ref().is_some_and(|(e, _)| e.engine.to_string() == own))
            };
            view! { <option value=name.clone() selected=is>{name.clone()}</option> }
        };
        engines.with(|all| {
            all.iter()
                .flatten()
                .map(|view| option(view.engine.to_string()))
                .collect_view()
        })
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
        chosen.with(|chosen| match &chosen.as_ref()?.0.engine {
            EngineKind::Openai { endpoint } => Some(format!(
                "The prompts go to the endpoint {endpoint} of the server's configuration."
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
                <p class="fault" role="alert">{form.fault(RunField::Model)}</p>
            </div>
            <div class="field">
                <label for="run-engine">"Engine"</label>
                <select id="run-engine" data-testid="run-engine" on:change:target=move |event| {
                    let engine = event.target().value();
                    form.edit(|plan| plan.engine = engine);
                }>{engine_options}</select>
                <p class="fault" role="alert">{form.fault(RunField::Engine)}</p>
            </div>
        </div>
        <RefusedModels />
        <p class="hint" role="status" data-testid="run-where">{where_to}</p>
    }
}
