//! In and out: a command line, files, a link.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::super::sample_query::{SampleQuery, SetSampleQuery};
use super::import_export;
use crate::protocol::BuilderAsset;
use crate::state::builder::BuilderState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded_message;
use crate::ui::files::{DropPanel, FileButton, first};
use crate::ui::save;

/// The command line, link and files for the task on the page, and a button to load one.
#[component]
pub(super) fn ImportExportPanel(ask: Memo<SampleQuery>, set_ask: SetSampleQuery) -> impl IntoView {
    let builder: BuilderState = expect_context();
    let server: ServerState = expect_context();
    let said = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let request = Memo::new(move |_| ask.with(|ask| ask.request().ok()));
    let command = Memo::new(move |_| {
        let models = server.models.get().into_iter().map(|model| model.id);
        let models: Vec<String> = models.collect();
        let request = request.get()?;
        let line = |worn: &Vec<BuilderAsset>| import_export::command_line(&request, worn, &models);
        Some(builder.worn.with(line))
    });
    let copy = move |what: &'static str, text: String| {
        spawn_local(async move {
            let says = match save::copy(&text).await {
                true => format!("{what} copied."),
                false => {
                    format!("The browser blocked copying. Select and copy this yourself: {text}")
                }
            };
            said.try_set(says);
        });
    };
    let save = move |name: String, kind: &str, text: String| {
        said.set(match save::save(&name, kind, &text) {
            true => format!("{name} saved."),
            false => format!("The browser could not save {name}."),
        });
    };
    let link = move |_| {
        if let Ok(address) = window().location().href() {
            copy("Link", address);
        }
    };
    let row = move |_| {
        if let Some(built) = builder.built.get_untracked() {
            let name = format!(
                "{}-{}.jsonl",
                import_export::stem(&built.request),
                built.request.sample
            );
            save(name, "application/jsonl", import_export::row(&built.sample));
        }
    };
    let spec = move |_| {
        if let Some(request) = request.get_untracked() {
            let name = format!("{}.spec.json", import_export::stem(&request));
            save(name, "application/json", import_export::spec(&request.spec));
        }
    };
    let task = move |_| {
        let file =
            request.with_untracked(|request| import_export::task_file(&request.as_ref()?.spec));
        if let Some((ending, text)) = file {
            save(format!("task.{ending}"), "text/plain", text);
        }
    };
    let import = first(move |file| {
        spawn_local(async move {
            let SampleQuery {
                mode, tokenizer, ..
            } = ask.get_untracked();
            let form = request.get_untracked().map(|request| request.spec);
            let refuse = move |message| {
                said.try_set(String::new());
                fault.try_set(Some(message));
            };
            let (name, text) = match text_of(&file).await {
                Ok(text) => (file.name(), text),
                Err(message) => return refuse(message),
            };
            builder.read_task((name.clone(), text), form, move |read| match read {
                Ok(spec) => {
                    fault.try_set(None);
                    said.try_set(format!("{name} was loaded into the form."));
                    set_ask.run(SampleQuery {
                        mode,
                        tokenizer,
                        ..SampleQuery::of_spec(&spec)
                    });
                }
                Err(message) => refuse(message),
            });
        });
    });
    view! {
        <DropPanel class="carry" titled="carry-title" take=import>
            <h2 id="carry-title">"Export and import"</h2>
            {move || command.get().map(|text| view! {
                <pre class="excerpt" data-testid="command" tabindex="0" aria-label="Command line">{text}</pre>
            })}
            <p class="hint">"The sample shown is the last row this command writes."</p>
            <div class="inline">
                <button data-testid="copy-command" disabled=move || command.with(Option::is_none)
                    on:click=move |_| copy("Command line", command.get_untracked().unwrap_or_default())>
                    "Copy the command"
                </button>
                <button data-testid="copy-link" on:click=link>"Copy link"</button>
                <button data-testid="save-row" disabled=move || builder.built.with(Option::is_none) on:click=row>
                    "Save the sample (RULER JSONL)"
                </button>
                <button data-testid="save-spec" disabled=move || request.with(Option::is_none) on:click=spec>
                    "Save the task spec (JSON)"
                </button>
                <button data-testid="save-task" disabled=move || request.with(Option::is_none) on:click=task>
                    "Save as a task file (--task-file)"
                </button>
            </div>
            <div class="inline">
                <FileButton label="Open a task spec or a task file…" id="import" accept=".json,.rhai,.toml" take=import />
                <span class="hint">"Or drop a spec (.json) or a task file (.rhai, .toml) here."</span>
            </div>
            <p class="fault" role="alert" data-testid="import-fault">{coded_message(fault.into())}</p>
            <p class="hint" role="status" data-testid="carried">{said}</p>
        </DropPanel>
    }
}

async fn text_of(file: &web_sys::File) -> Result<String, String> {
    let name = file.name();
    if file.size() > import_export::MOST_BYTES {
        return Err(format!(
            "`{name}` is {} bytes, too large for a task spec (a few hundred bytes).",
            file.size()
        ));
    }
    let text = JsFuture::from(file.text()).await;
    let text = text.ok().and_then(|text| text.as_string());
    text.ok_or_else(|| format!("`{name}` could not be read."))
}
