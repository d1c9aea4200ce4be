//! The outcome of each question: in this browser, or in a run on the server.

use std::collections::BTreeMap;

use fathom_shared::api::RunView;
use fathom_shared::longbench::QuestionCard;
use fathom_shared::task::{asks_questions, longbench_v2};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SetLongBenchQuery;
use super::choice_field::pick;
use super::model::{LongBenchQuery, OutcomeSource, QuestionOutcome};
use crate::client;
use crate::protocol::RunKey;
use crate::state::engine::EngineState;
use crate::state::library::{QuestionLibrary, QuestionOrigin};
use crate::state::server::ServerState;

/// Of each question by its number.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct QuestionOutcomes {
    by_number: BTreeMap<u32, QuestionOutcome>,
    /// In what the answers were given, for people.
    pub(super) of: String,
}

impl QuestionOutcomes {
    /// What has become of a question.
    pub(super) fn of(&self, card: &QuestionCard) -> QuestionOutcome {
        let known = self.by_number.get(&card.number);
        known.copied().unwrap_or(QuestionOutcome::Open)
    }
}

/// As the address says whose answers count.
pub(super) fn fates(look: Memo<LongBenchQuery>) -> Memo<QuestionOutcomes> {
    let (library, server): (QuestionLibrary, ServerState) = (expect_context(), expect_context());
    let lab: EngineState = expect_context();
    let by = Memo::new(move |_| (look.get().by, look.get().setting));
    // Towards the server: the run follows from the address.
    Effect::new(move |_| {
        server.follow(match by.get().0 {
            OutcomeSource::Run { run, .. } => Some(RunKey::Server(run)),
            OutcomeSource::Here => None,
        });
    });
    Memo::new(move |_| match by.get() {
        (OutcomeSource::Here, setting) => {
            let set = library
                .set
                .with(|set| set.as_ref().map(|(_, set)| set.source.sha256.clone()));
            let by_number = lab.answers.with(|all| {
                let mine = all.iter().filter(|record| {
                    Some(&record.set) == set.as_ref()
                        && record.setting == setting
                        && !record.letters
                });
                // The last answer counts.
                mine.map(|record| (record.number, record.verdict().into()))
                    .collect()
            });
            let of = format!("answers in this browser, {setting}");
            QuestionOutcomes { by_number, of }
        }
        (OutcomeSource::Run { run: id, cell }, _) => server.run.with(|run| {
            let Some((known, run)) = run
                .as_ref()
                .filter(|(known, _)| *known == RunKey::Server(id))
            else {
                return QuestionOutcomes::default();
            };
            let rows = run.cell(cell).into_iter().flat_map(|cell| &cell.rows);
            let by_number = rows.map(|(number, row)| {
                let fate = match row.score {
                    Some(1.0) => QuestionOutcome::Right,
                    Some(_) => QuestionOutcome::Wrong,
                    None if row.failure.is_some() => QuestionOutcome::Failed,
                    None => QuestionOutcome::Open,
                };
                (*number, fate)
            });
            let by_number = by_number.collect();
            let named = run.run.as_ref().map(cells);
            let mut named = named.into_iter().flatten();
            let named = named.find(|(number, _)| *number == cell);
            let of = format!("run {known}, {}", named.map_or_else(String::new, |n| n.1));
            QuestionOutcomes { by_number, of }
        }),
    })
}

/// The cells of a run that ask these questions, with their names.
fn cells(run: &RunView) -> Vec<(u32, String)> {
    let cells = run.run_spec.grid.cells().enumerate();
    let cells = cells.filter_map(|(number, spec)| {
        let setting = longbench_v2::setting(&spec)
            .ok()
            .filter(|_| asks_questions(&spec.task))?;
        let name = format!(
            "{} at {}, {setting}",
            run.run_spec.model, spec.max_seq_length
        );
        Some((u32::try_from(number).ok()?, name))
    });
    cells.collect()
}

/// The choice of whose answers the list shows: this browser's or a run's.
#[component]
pub(super) fn OutcomeSourcePicker(
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let (library, server): (QuestionLibrary, ServerState) = (expect_context(), expect_context());
    let runs = RwSignal::new(Vec::<RunView>::new());
    Effect::new(move |_| {
        if server.is_up() {
            spawn_local(async move {
                if let Ok(page) = client::runs(None, 100).await {
                    runs.try_set(page.items);
                }
            });
        }
    });
    let value = move || match look.get().by {
        OutcomeSource::Here => String::new(),
        OutcomeSource::Run { run, cell } => format!("{run}.{cell}"),
    };
    // Answers to other questions would be another's: only the server's runs ask the server's.
    let comparable = move || {
        let shown = library.set.get();
        shown.is_some_and(|(origin, set)| origin == QuestionOrigin::Server || set.source.bundled)
    };
    let options = move || {
        let runs = runs.get();
        let all = runs.iter().flat_map(|run| {
            let id = run.id;
            cells(run)
                .into_iter()
                .map(move |(cell, name)| (format!("{id}.{cell}"), format!("run {id}: {name}")))
        });
        all.filter(|_| comparable()).collect::<Vec<_>>()
    };
    let change = move |word: String| {
        let by = word.split_once('.').and_then(|(run, cell)| {
            let (run, cell) = (run.parse().ok()?, cell.parse().ok()?);
            Some(OutcomeSource::Run { run, cell })
        });
        let by = by.unwrap_or(OutcomeSource::Here);
        set_look.run(LongBenchQuery {
            by,
            ..look.get_untracked()
        });
    };
    pick("Answers from", "by", "this browser", value, options, change)
}
