//! The model in this browser: its source, and its loading progress.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::display;
use super::model_card::{OfferedModel, model_card};
use super::refused_models::RefusedModels;
use crate::protocol::{EngineChoice, LoadStep, ModelLocation};
use crate::state::engine::{EngineState, ModelState};
use crate::state::now_ms;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;
use crate::ui::files::{FileButton, first as first_file};

/// The model in this browser: its state, and the ways to load another.
#[component]
pub(super) fn ModelPanel() -> impl IntoView {
    let lab: EngineState = expect_context();
    let server: ServerState = expect_context();
    let url = RwSignal::new(String::new());
    let loading = move || {
        lab.model
            .with(|model| matches!(model, ModelState::Loading { .. }))
    };

    // What one press of the button loads: what is stored, else what the server has.
    let first = move || {
        let stored = lab.stored.with(|stored| stored.first().cloned());
        if let Some(model) = stored {
            let label = format!("Load {} from this browser", model.name);
            return Some((
                label,
                ModelLocation::Stored {
                    sha256: model.sha256,
                },
            ));
        }
        let model = server.models.with(|models| models.first().cloned())?;
        let label = format!(
            "Load {} ({:.0} MB) from the server",
            model.id,
            model.size_bytes as f64 / 1e6
        );
        let path = fathom_shared::api::paths::MODEL_FILE;
        let url = fathom_shared::api::paths::with_id(path, &model.id);
        Some((
            label,
            ModelLocation::Url {
                url,
                name: model.id,
                sha256: Some(model.sha256),
            },
        ))
    };
    // What is known of it before it is loaded.
    let offered = move || {
        let known = |sha256: &str| {
            server
                .models
                .with(|models| models.iter().find(|model| model.sha256 == sha256).cloned())
        };
        let stored = lab.stored.with(|stored| stored.first().cloned());
        if let Some(model) = stored {
            return Some(OfferedModel {
                info: known(&model.sha256),
                name: model.name,
                sha256: model.sha256,
                size_bytes: model.size_bytes,
            });
        }
        let model = server.models.with(|models| models.first().cloned())?;
        Some(OfferedModel {
            name: model.id.clone(),
            sha256: model.sha256.clone(),
            size_bytes: model.size_bytes,
            info: Some(model),
        })
    };
    // Since when it is loaded, and a beat by which the seconds are counted.
    let since = Memo::new(move |before: Option<&Option<f64>>| {
        let before = before.copied().flatten();
        loading().then(|| before.unwrap_or_else(now_ms))
    });
    let beat = RwSignal::new(0_u32);
    let counted = move || {
        if since.with_untracked(Option::is_some) {
            beat.update(|beat| *beat = beat.wrapping_add(1));
        }
    };
    if let Ok(handle) = set_interval_with_handle(counted, Duration::from_millis(500)) {
        on_cleanup(move || handle.clear());
    }
    let state = move || match lab.model.get() {
        ModelState::None => "No model is loaded in this browser.".to_owned(),
        ModelState::Loading { step, done, of } => {
            beat.track();
            progress(
                step,
                done,
                of,
                now_ms() - since.get().unwrap_or_else(now_ms),
            )
        }
        ModelState::Ready(model) => format!(
            "{} is ready: reads {} tokens, loaded in {:.1} s.",
            model.engine.model,
            model.context,
            model.load_ms / 1000.0
        ),
        ModelState::Failed(message) => message,
    };
    let engine = move || match lab.model.get() {
        ModelState::Ready(model) => Some((model.engine.device, model.why)),
        _ => None,
    };
    let share = move || match lab.model.get() {
        ModelState::Loading {
            done, of: Some(of), ..
        } if of > 0 => Some(done as f64 / of as f64),
        _ => None,
    };
    let pick = first_file(move |file: web_sys::File| {
        let name = file.name().trim_end_matches(".gguf").to_owned();
        lab.load(ModelLocation::File { name }, &file);
    });
    view! {
        <div class="model">
            <p data-testid="model-state" data-state=move || lab.model.with(ModelState::state) role="status">{move || coded(&state())}</p>
            <Show when=loading>
                <progress prop:value=share max="1" aria-label="Loading the model"></progress>
                <button class="quiet" data-testid="cancel-load" on:click=move |_| lab.cancel()>"Cancel"</button>
            </Show>
            {move || engine().map(|(device, why)| view! {
                <p class="hint">"Device: " <span data-testid="device">{device}</span></p>
                <p class="hint" data-testid="why-engine">{why}</p>
            })}
            {move || lab.no_storage.get().map(|message| view! { <p class="fault">{coded(&message)}</p> })}
            <Show when=move || !loading()>
                {move || offered().filter(|_| !lab.model.with(|model| matches!(model, ModelState::Ready(_)))).map(|model| model_card(&model))}
                {move || first().map(|(label, source)| view! {
                    <button
                        data-testid="load-model"
                        class:primary=move || lab.model.with(|model| !matches!(model, ModelState::Ready(_)))
                        on:click=move |_| lab.load(source.clone(), &JsValue::UNDEFINED)
                    >
                        {label}
                    </button>
                })}
                <div class="inline">
                    <label for="engine-choice">"Run on"</label>
                    <select id="engine-choice" data-testid="engine-choice" on:change:target=move |event| {
                        lab.choose(EngineChoice::of(&event.target().value()));
                    }>
                        {EngineChoice::ALL.map(|one| view! {
                            <option value=one.as_str() selected=move || lab.choice.get() == one>{says(one)}</option>
                        }).collect_view()}
                    </select>
                </div>
                <RefusedModels />
                <details>
                    <summary>"Load another model"</summary>
                    <p class="hint">"A GGUF file of a llama, qwen2 or qwen3 model, stored as F32, F16, BF16, Q4_0 to Q8_0 or Q2_K to Q6_K."</p>
                    <div class="inline">
                        <label class="sr-only" for="model-url">"Address of a GGUF file"</label>
                        <input
                            id="model-url"
                            data-testid="model-url"
                            type="url"
                            placeholder="https://…/model.gguf"
                            prop:value=url
                            on:input:target=move |event| url.set(event.target().value())
                        />
                        <button
                            data-testid="load-url"
                            disabled=move || url.with(|url| url.trim().is_empty())
                            on:click=move |_| {
                                let url = url.get_untracked().trim().to_owned();
                                let name = url.rsplit('/').next().unwrap_or(&url).trim_end_matches(".gguf").to_owned();
                                lab.load(ModelLocation::Url { url, name, sha256: None }, &JsValue::UNDEFINED);
                            }
                        >
                            "Load"
                        </button>
                    </div>
                    <FileButton label="A file from disk…" id="model-file" accept=".gguf" take=pick />
                    <ul class="stored">
                        {move || lab.stored.get().into_iter().map(|model| {
                            let (load, forget) = (model.sha256.clone(), model.sha256.clone());
                            let says = format!("{}, {:.0} MB", model.name, model.size_bytes as f64 / 1e6);
                            view! {
                                <li>
                                    <span title=model.sha256>{says}</span>
                                    <button class="quiet" on:click=move |_| {
                                        lab.load(ModelLocation::Stored { sha256: load.clone() }, &JsValue::UNDEFINED);
                                    }>"Load"</button>
                                    <button class="quiet" on:click=move |_| lab.forget(forget.clone())>"Remove"</button>
                                </li>
                            }
                        }).collect_view()}
                    </ul>
                </details>
            </Show>
        </div>
    }
}

fn says(choice: EngineChoice) -> &'static str {
    match choice {
        EngineChoice::Automatic => "whichever is faster, measured",
        EngineChoice::Webgpu => "WebGPU",
        EngineChoice::Processor => "the processor",
    }
}

fn progress(step: LoadStep, done: u64, of: Option<u64>, ms: f64) -> String {
    let verb = match step {
        LoadStep::Wait => {
            let seconds = display::time(ms);
            return format!(
                "Waiting for another tab of this browser to finish fetching its model, {seconds}"
            );
        }
        LoadStep::Fetch => "Fetching",
        LoadStep::Read => "Reading into memory",
        LoadStep::Upload => "Uploading to the GPU",
    };
    let (done, seconds) = (done as f64 / 1e6, display::time(ms));
    match of {
        Some(of) => format!("{verb}: {done:.0} of {:.0} MB, {seconds}", of as f64 / 1e6),
        None => format!("{verb}: {done:.0} MB, {seconds}"),
    }
}
