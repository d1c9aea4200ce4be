//! Where sets come from, and which are held.

use std::sync::Arc;

use fathom_shared::api::RunView;
use fathom_shared::published::longbench::LeaderboardLine;
use fathom_shared::published::ruler::RulerTableLine;
use fathom_shared::results::ResultOrigin;
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::FileList;

use super::super::display;
use super::SetResultsQuery;
use super::figures::{Digests, name, source};
use super::model::{ResultsQuery, ResultsView};
use super::ranking;
use crate::client;
use crate::protocol::RunKey;
use crate::protocol::results::{PublishedNames, ResultDigest};
use crate::state::engine::EngineState;
use crate::state::results::ResultsState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;
use crate::ui::files::{DropPanel, FileButton};
use crate::ui::save;

/// The published models that the page shows: those of the ranking, or those chosen for the charts.
fn on_page(held: &Digests, look: &ResultsQuery) -> PublishedNames {
    if look.shown == ResultsView::Ranking {
        return PublishedNames {
            ranked: ranking::published(held, &look.ranking),
            ..PublishedNames::default()
        };
    }
    let (ruler, longbench) = (look.ruler_lines(), look.board_lines());
    PublishedNames {
        ruler: ruler.iter().map(RulerTableLine::name).collect(),
        longbench: longbench.iter().map(LeaderboardLine::name).collect(),
        ranked: Vec::new(),
    }
}

/// So many runs are offered.
const OFFERED: u32 = 30;

/// The result sets on the page, and the ways to add runs and files.
#[component]
pub(super) fn SourcesPanel(look: Memo<ResultsQuery>, set_look: SetResultsQuery) -> impl IntoView {
    let (results, server): (ResultsState, ServerState) = (expect_context(), expect_context());
    let lab: EngineState = expect_context();
    let length = RwSignal::new(String::new());
    let take = Callback::new(move |files: FileList| {
        let length = length.get_untracked().trim().parse().ok().map(Tokens);
        results.files(paths(&files), length);
    });
    let keys = move || {
        let held = results.held;
        held.with(|held| {
            held.iter()
                .map(|digest| digest.key.clone())
                .collect::<Vec<_>>()
        })
    };
    let remove = Callback::new(move |key: String| {
        results.remove(&key);
        let look = look.get_untracked();
        let runs = look.runs.iter().copied();
        let runs = runs.filter(|run| run.set() != key);
        // A file beside the page is named by what is in it: its address goes with any file.
        let file = look.file.clone().filter(|_| !key.starts_with("file:"));
        let next = ResultsQuery {
            runs: runs.collect(),
            file,
            first: look.first.clone().filter(|first| *first != key),
            ..look.clone()
        };
        if next != look {
            set_look.run(next);
        }
    });
    let row = move |key: String| {
        let digest = {
            let key = key.clone();
            Memo::new(move |_| {
                let held = results.held;
                held.with(|held| held.iter().find(|digest| digest.key == key).cloned())
            })
        };
        view! { {move || digest.get().map(|digest| set(&digest, remove))} }
    };
    let report = move |_| {
        let beside = results
            .held
            .with_untracked(|held| look.with_untracked(|look| on_page(held, look)));
        results.report(beside, move |page| {
            if !save::save("fathom-report.html", "text/html", &page) {
                results.fault("The browser could not save the report.".to_owned());
            }
        });
    };
    // The ranking needs nothing; everywhere else sets are what is looked at.
    let opened = Memo::new(move |_| {
        let ranking = look.with(|look| look.shown == ResultsView::Ranking);
        !ranking || results.holds_own()
    });
    let unserved = move || look.with(|look| server.unserved(&look.runs));
    let faults = move || {
        let faults = results.faults.get();
        (!faults.is_empty()).then(|| {
            let lines = faults.into_iter().map(|fault| view! { <li>{coded(&fault)}</li> });
            view! { <ul class="fault faults" role="alert" data-testid="results-fault">{lines.collect_view()}</ul> }
        })
    };
    view! {
        <DropPanel class="set-sources" titled="results-title" take>
            <div class="head">
                <h1 id="results-title">"Results"</h1>
                <p class="hint">"Published figures are already here. Add your own next to them: runs on the server, or files, which never leave your computer."</p>
            </div>
            <details class="adding" prop:open=move || opened.get()>
                <summary>"Add your own runs or files"</summary>
                <div class="inline" role="group" aria-label="Add results">
                    <FileButton label="Choose files…" id="results-files" accept=".jsonl,.json,.eval" many=true take />
                    <FileButton label="Choose a folder…" id="results-folder" folder=true take />
                    <label class="length-of">
                        <span>"Length for RULER files without one in their path"</span>
                        <input inputmode="numeric" placeholder="4096" data-testid="results-length" prop:value=length
                            on:input:target=move |event| length.set(event.target().value()) />
                    </label>
                    <Show when=move || server.is_up() || lab.runs.with(|runs| !runs.is_empty())><OfferedRuns look set_look /></Show>
                    <button data-testid="save-report" disabled=move || results.held.with(Vec::is_empty) on:click=report>
                        "Save a report"
                    </button>
                </div>
                <p class="hint">"Files that you add stay in this browser, even after a reload, until you remove them. Or drop files here: RULER predictions (a folder with its lengths, or single files), LongBench v2 predictions, lm-evaluation-harness samples, Inspect logs or Fathom result sets."</p>
            </details>
            <Show when=move || { results.coming.get() > 0 }><p role="status" class="hint">"Reading and computing…"</p></Show>
            {move || unserved().map(|told| view! { <p class="note" role="status" data-testid="no-server">{told}</p> })}
            {faults}
            <ul class="held" data-testid="held" aria-label="Result sets shown">
                <For each=keys key=Clone::clone children=row />
            </ul>
        </DropPanel>
    }
}

/// A set that is held: whose, of how many samples, from where.
fn set(digest: &Arc<ResultDigest>, remove: Callback<String>) -> impl IntoView + use<> {
    let (key, its) = (digest.key.clone(), digest.key.clone());
    let effective = match digest.effective.measured {
        Some(_) => format!(", effective length {}", digest.effective.words()),
        None => String::new(),
    };
    let told = format!(
        "yours: {}, {}{effective}",
        source(digest),
        display::some(digest.samples as u64, "sample")
    );
    let losses = (!digest.losses.is_empty()).then(|| {
        let lines = digest
            .losses
            .iter()
            .map(|loss| view! { <li>{coded(loss)}</li> });
        view! {
            <details>
                <summary>"What this page could not take from the files"</summary>
                <ul class="hint">{lines.collect_view()}</ul>
            </details>
        }
    });
    let lacks = match &digest.about.origin {
        ResultOrigin::File { format } if format == "RULER predictions" => {
            digest.cells.iter().any(|cell| cell.length.is_none())
        }
        _ => false,
    };
    let ask = lacks.then(|| view! { <LengthQuestion key=digest.key.clone() /> });
    view! {
        <li data-testid="set" data-key=its>
            <b>{name(digest)}</b>
            <span class="hint">{told}</span>
            <button class="quiet" data-testid="remove-set" aria-label=format!("Remove {}", name(digest)) on:click=move |_| remove.run(key.clone())>"Remove"</button>
            {ask}
            {losses}
        </li>
    }
}

/// Asks for the length of the samples, for files that do not state it.
#[component]
fn LengthQuestion(key: String) -> impl IntoView {
    let results: ResultsState = expect_context();
    let typed = RwSignal::new(String::new());
    let length = move || typed.with(|text| text.trim().parse().ok().map(Tokens));
    let answer = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Some(length) = length() {
            results.with_length(&key, length);
        }
    };
    view! {
        <form class="inline length-of" data-testid="length-question" on:submit=answer>
            <label><span>"The files do not say how long the samples are. Length in tokens:"</span>" "
                <input inputmode="numeric" placeholder="4096" data-testid="length-answer" prop:value=typed
                    on:input:target=move |event| typed.set(event.target().value()) />
            </label>
            <button data-testid="use-answer" disabled=move || length().is_none()>"Use this length"</button>
        </form>
    }
}

/// A list of this browser's runs and the server's newest, to add one of them.
#[component]
fn OfferedRuns(look: Memo<ResultsQuery>, set_look: SetResultsQuery) -> impl IntoView {
    let (lab, server): (EngineState, ServerState) = (expect_context(), expect_context());
    let runs = RwSignal::new(Vec::<RunView>::new());
    Effect::new(move |_| {
        if !server.is_up() {
            return;
        }
        spawn_local(async move {
            if let Ok(page) = client::runs(None, OFFERED).await {
                // The reader may have left the page.
                runs.try_set(page.items);
            }
        });
    });
    let add = move |text: String| {
        if let Ok(run) = text.parse::<RunKey>() {
            let mut next = look.get_untracked();
            if !next.runs.contains(&run) {
                next.runs.push(run);
                set_look.run(next);
            }
        }
    };
    let options = move || {
        let shown = look.with(|look| look.runs.clone());
        let here = lab.runs.get().into_iter();
        let here = here.map(|run| (RunKey::Page(run.id), run));
        let there = runs.get().into_iter();
        let runs = here.chain(there.map(|run| (RunKey::Server(run.id), run)));
        let runs = runs.filter(|(key, run)| run.counts.answered > 0 && !shown.contains(key));
        let option = |(key, run): (RunKey, RunView)| {
            let told = format!(
                "Run {key}: {}, {}",
                run.run_spec.model,
                display::some(run.counts.answered.into(), "answer")
            );
            view! { <option value=key.to_string()>{told}</option> }
        };
        runs.map(option).collect_view()
    };
    view! {
        <select class="short" data-testid="add-run" aria-label="Add a run" on:change:target=move |event| {
            add(event.target().value());
            event.target().set_value("");
        }>
            <option value="">"Add a run…"</option>
            {options}
        </select>
    }
}

/// Files with their paths, as far as the browser tells them.
fn paths(files: &FileList) -> Vec<(String, JsValue)> {
    let files = (0..files.length()).filter_map(|at| files.get(at));
    let path = |file: web_sys::File| {
        let inside = js_sys::Reflect::get(&file, &"webkitRelativePath".into());
        let inside = inside.ok().and_then(|path| path.as_string());
        let path = inside.filter(|path| !path.is_empty());
        (path.unwrap_or_else(|| file.name()), file.unchecked_into())
    };
    // A folder holds other things as well; of files that were picked one by one each is meant.
    let read = |path: &str| {
        [".jsonl", ".json", ".eval"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    let files = files.map(path);
    files
        .filter(|(path, _)| !path.contains('/') || read(path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_the_models_of_the_page() {
        let chart = ResultsQuery {
            shown: ResultsView::Lengths,
            ruler: Some(vec!["Llama3.1 8B".to_owned()]),
            ..ResultsQuery::default()
        };
        let names = on_page(&[], &chart);
        assert_eq!(names.ruler, ["Llama3.1 8B"]);
        assert!(names.ranked.is_empty() && !names.longbench.is_empty());
        let ranked = on_page(&[], &ResultsQuery::default());
        assert_eq!(ranked.ranked.len(), 5);
        assert!(ranked.ruler.is_empty() && ranked.longbench.is_empty());
    }
}
