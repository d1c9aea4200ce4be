//! The first samples of the task, put to a model: what it got wrong, with its answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use fathom_shared::api::{RowDetail, RowState, RowView};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::SampleKey;
use fathom_shared::task::TaskSpec;
use fathom_shared::transcript::Outcome;
use leptos::prelude::*;
use leptos_router::components::A;

use super::super::display;
use super::super::model_panel::ModelPanel;
use super::super::run_form::{start_run, trial};
use crate::protocol::RunKey;
use crate::state::engine::EngineState;
use crate::state::server::ServerState;
use crate::ui::coded_text::coded;

/// Enough to see what goes wrong, and soon there.
const SAMPLES: u32 = 5;

/// What was asked of each sample and answered, as far as it was read.
type TrialDetails = RwSignal<BTreeMap<u32, Result<Arc<RowDetail>, String>>>;

/// A short run of the task on a model, with the samples that did not get the full score.
#[component]
pub(super) fn TrialPanel(
    own: Signal<Option<(TaskSpec, PromptMode)>>,
    own_fault: Signal<Option<String>>,
) -> impl IntoView {
    let (server, lab): (ServerState, EngineState) = (expect_context(), expect_context());
    let (run, fault, busy) = (
        RwSignal::new(None::<RunKey>),
        RwSignal::new(None::<String>),
        RwSignal::new(false),
    );
    let details: TrialDetails = RwSignal::new(BTreeMap::new());
    let ready = move || own.with(Option::is_some) && own_fault.with(Option::is_none) && !busy.get();
    let start = move |here: bool| {
        let Some(own) = own.get_untracked() else {
            return;
        };
        let model = here.then(|| lab.loaded()).flatten();
        fault.set(None);
        match trial(own, SAMPLES, model, server) {
            Err(message) => fault.set(Some(message)),
            Ok(new) => {
                busy.set(true);
                start_run(lab, new, here, move |started| {
                    busy.try_set(false);
                    match started {
                        Ok(key) => {
                            details.try_set(BTreeMap::new());
                            run.try_set(Some(key));
                            server.follow(Some(key));
                        }
                        Err(message) => drop(fault.try_set(Some(message))),
                    }
                });
            }
        }
    };
    let rows = Memo::new(move |_| {
        let key = run.get()?;
        server.run.with(|followed| {
            let (_, state) = followed.as_ref().filter(|(id, _)| *id == key)?;
            let row = |sample| state.row(SampleKey { cell: 0, sample });
            Some((0..SAMPLES).filter_map(row).collect::<Vec<_>>())
        })
    });
    // Towards who keeps the run: the texts of what was not answered in full.
    Effect::new(move |_| {
        let Some(key) = run.get() else { return };
        rows.with(|rows| {
            let failing = rows.iter().flatten().filter(|row| is_failing(row));
            for place in failing.map(|row| row.place) {
                let known = details.with_untracked(|details| details.contains_key(&place.sample));
                if !known {
                    server.read_row(key, place, move |got| {
                        let got = got.map(Arc::from);
                        details.try_update(|details| details.insert(place.sample, got));
                    });
                }
            }
        });
    });
    let says = move || rows.with(|rows| Some(summary(rows.as_ref()?)));
    let table = move || {
        let rows = rows.get()?;
        let failing: Vec<_> = rows.into_iter().filter(is_failing).collect();
        let lines = details.with(|details| {
            let line = |row: RowView| {
                let detail = details.get(&row.place.sample).cloned();
                line(&row, detail)
            };
            failing.iter().cloned().map(line).collect_view()
        });
        (!failing.is_empty()).then(|| view! {
            <div class="scroll" tabindex="0" role="region" aria-label="Samples that were not answered in full">
                <table data-testid="failing">
                    <caption class="sr-only">"Samples that were not answered in full"</caption>
                    <thead><tr><th scope="col">"Sample"</th><th scope="col" class="number">"Score"</th><th scope="col">"Expected"</th><th scope="col">"Answer"</th></tr></thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        })
    };
    let link = move || {
        run.get().map(|key| {
            view! {
                <p><A href=format!("/runs/{key}")>"Open the run, sample by sample"</A></p>
            }
        })
    };
    let unloaded = move || lab.loaded().is_none();
    view! {
        <section class="panel trial" aria-labelledby="trial-title">
            <h2 id="trial-title">"Try it on a model"</h2>
            <div class="inline">
                <button data-testid="trial-here" disabled=move || unloaded() || !ready() on:click=move |_| start(true)>
                    {format!("Run {SAMPLES} samples in this browser")}
                </button>
                <Show when=move || server.is_up()>
                    <button data-testid="trial-server" disabled=move || !ready() on:click=move |_| start(false)>
                        {format!("Run {SAMPLES} samples on the server")}
                    </button>
                </Show>
            </div>
            <Show when=unloaded>
                <details open=move || !server.is_up()>
                    <summary>"To run in this browser, load a model"</summary>
                    <ModelPanel />
                </details>
            </Show>
            <p class="fault" role="alert" data-testid="trial-fault">{move || fault.get().or_else(|| run.get().and_then(|_| server.fault.get())).map(|fault| coded(&fault))}</p>
            <p role="status" data-testid="trial-state">{says}</p>
            {table}
            {link}
        </section>
    }
}

/// Whether a sample was answered, and not in full.
fn is_failing(row: &RowView) -> bool {
    match row.state {
        RowState::Failed => true,
        _ => row.score.is_some_and(|score| score < 1.0),
    }
}

/// How far it is, and what came of it.
fn summary(rows: &[RowView]) -> String {
    let scores: Vec<f64> = rows.iter().filter_map(|row| row.score).collect();
    let failed = rows
        .iter()
        .filter(|row| row.state == RowState::Failed)
        .count();
    let mut told = format!("{} of {SAMPLES} answered", scores.len());
    if failed > 0 {
        told.push_str(&format!(", {failed} failed"));
    }
    if !scores.is_empty() {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        told.push_str(&format!(
            ". Mean score {} (n = {}, too few for an interval)",
            display::percent(mean),
            scores.len()
        ));
    }
    told + "."
}

fn line(row: &RowView, detail: Option<Result<Arc<RowDetail>, String>>) -> impl IntoView + use<> {
    let score = row.score.map_or_else(
        || "failed".to_owned(),
        |score| format!("{:.1}", score * 100.0),
    );
    let (expected, answer) = match detail {
        None => (String::new(), "Loading…".to_owned()),
        Some(Err(message)) => (String::new(), message),
        Some(Ok(detail)) => {
            let sample = detail.made.as_ref().map(|(sample, _)| sample);
            let expected = sample.map_or_else(String::new, |sample| sample.references.join(", "));
            let outcome = detail
                .scored
                .as_ref()
                .map(|scored| &scored.transcript.outcome);
            let answer = match outcome {
                Some(Outcome::Completed(done)) if done.text.trim().is_empty() => {
                    "(an empty answer)".to_owned()
                }
                Some(Outcome::Completed(done)) => done.text.trim().to_owned(),
                Some(Outcome::Failed(failure)) => failure.message.clone(),
                None => String::new(),
            };
            (expected, answer)
        }
    };
    view! {
        <tr data-testid="failing-row">
            <th scope="row">{row.place.sample}</th>
            <td class="number">{score}</td>
            <td class="wraps">{expected}</td>
            <td class="wraps">{answer}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sample: u32, state: RowState, score: Option<f64>) -> RowView {
        RowView {
            place: SampleKey { cell: 0, sample },
            state,
            score,
            failure: None,
            textless: None,
            end_alone: false,
            source: None,
            attempts: 1,
        }
    }

    #[test]
    fn what_came_of_it_is_told_with_its_number() {
        let rows = [
            row(0, RowState::Answered, Some(1.0)),
            row(1, RowState::Answered, Some(0.5)),
            row(2, RowState::Failed, None),
            row(3, RowState::Open, None),
        ];
        assert_eq!(
            summary(&rows),
            "2 of 5 answered, 1 failed. Mean score 75 (n = 2, too few for an interval)."
        );
        let failing = rows.iter().filter(|row| is_failing(row));
        let failing: Vec<_> = failing.map(|row| row.place.sample).collect();
        assert_eq!(failing, [1, 2]);
        assert_eq!(summary(&rows[3..]), "0 of 5 answered.");
    }
}
