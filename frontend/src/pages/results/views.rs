//! The views: each a section with its charts.

use std::sync::Arc;

use fathom_shared::chart::Figure;
use fathom_shared::results::figures::{Whose, basis, verdict};
use leptos::prelude::*;

use super::SetLook;
use super::comparison::Comparison;
use super::figures::{self, Held};
use super::model::{Look, Shown};
use crate::state::results::Results;
use crate::ui::chart::{Chart, Open, Size};
use crate::worker::protocol::results::Digest;

/// What the address asks for.
pub(super) fn views(look: Memo<Look>, set_look: SetLook, open: Open) -> impl IntoView {
    let results: Results = expect_context();
    let held = results.held;
    let shown = Memo::new(move |_| look.with(|look| look.shown));
    let with = move |make: fn(&Held, &Look) -> Figure| {
        Signal::derive(move || {
            let figure = held.with(|held| look.with(|look| make(held, look)));
            Arc::new(figure)
        })
    };
    let chart = move |make: fn(&Held, &Look) -> Figure, size: Size| {
        view! { <section class="panel"><Chart figure=with(make) size open /></section> }.into_any()
    };
    let none = Memo::new(move |_| held.with(Vec::is_empty));
    let gapless = Memo::new(move |_| held.with(|held| held.iter().all(|d| d.gaps.is_empty())));
    move || {
        match shown.get() {
        Shown::Overview => view! {
            {chart(figures::lengths, Size::Plain)}
            <Show when=move || !gapless.get()><GapPanel held look open /></Show>
            <div class="pair">
                {chart(figures::bars, Size::Plain)}
                {chart(|held, _| figures::both(held), Size::Plain)}
            </div>
        }
        .into_any(),
        Shown::Lengths => chart(figures::lengths, Size::Large),
        Shown::Gap => view! {
            {needs(gapless, "The gap needs answers to single tasks, which no published table has. Add a run, or predictions of RULER, with at least one task of one needle and one of vt, cwe and fwe at the same length.")}
            <Show when=move || !gapless.get()><GapPanel held look open /></Show>
            {many(held, look, open, Size::Plain, None, figures::sides)}
        }
        .into_any(),
        Shown::Categories => many(held, look, open, Size::Small, Some("Categories need answers to single tasks, which no published table has. Add a run, or predictions of RULER."), figures::categories).into_any(),
        Shown::Depth => view! {
            <p class="hint">"Without cwe and fwe: the words that they count stand all over the text, so that no answer of theirs has a depth."</p>
            {many(held, look, open, Size::Small, Some("Depths need answers with their prompts, of tasks with needles, hops or passages. Add a run, or predictions of RULER with their input."), figures::depth)}
        }
        .into_any(),
        Shown::Longbench => chart(figures::bars, Size::Plain),
        Shown::Thinking => chart(figures::thinking, Size::Plain),
        Shown::Both => chart(|held, _| figures::both(held), Size::Large),
        Shown::Checkpoints => view! {
            {needs(none, "Add the baseline first, then the checkpoints in their order.")}
            <Show when=move || !none.get()>{chart(figures::checkpoints, Size::Plain)} <Losses /></Show>
        }
        .into_any(),
        Shown::Comparison => view! { <Comparison look set_look open /> }.into_any(),
    }
    }
}

/// What to do where nothing is held.
fn needs(none: Memo<bool>, what: &'static str) -> impl IntoView {
    view! { <Show when=move || none.get()><p class="note" data-testid="needs">{what}</p></Show> }
}

/// The chart for the wall, with its sentence.
#[component]
fn GapPanel(held: RwSignal<Vec<Arc<Digest>>>, look: Memo<Look>, open: Open) -> impl IntoView {
    let figure = Signal::derive(move || {
        Arc::new(held.with(|held| look.with(|look| figures::gap(held, look))))
    });
    let meaning = move || held.with(|held| look.with(|look| figures::meaning(held, look)));
    view! {
        <section class="panel wall">
            {move || meaning().map(|told| view! { <p class="meaning" data-testid="meaning">{told}</p> })}
            <Chart figure size=Size::Large open />
        </section>
    }
}

/// Several charts side by side. They are kept while only their figures change.
fn many(
    held: RwSignal<Vec<Arc<Digest>>>,
    look: Memo<Look>,
    open: Open,
    size: Size,
    missing: Option<&'static str>,
    make: fn(&Held, &Look) -> Vec<Figure>,
) -> impl IntoView {
    let all = Memo::new(move |_| {
        let figures = held.with(|held| look.with(|look| make(held, look)));
        figures.into_iter().map(Arc::new).collect::<Vec<_>>()
    });
    let ids = move || {
        all.with(|all| {
            all.iter()
                .map(|figure| figure.id.clone())
                .collect::<Vec<_>>()
        })
    };
    let one = move |id: String| {
        let last = StoredValue::new(None::<Arc<Figure>>);
        let figure = Signal::derive(move || {
            let found = all.with(|all| all.iter().find(|figure| figure.id == id).cloned());
            // On its way out a chart shows what it showed.
            if found.is_some() {
                last.set_value(found);
            }
            last.get_value().unwrap_or_else(|| Arc::new(empty()))
        });
        view! { <section class="panel"><Chart figure size open /></section> }
    };
    let none = Memo::new(move |_| all.with(Vec::is_empty));
    view! {
        {missing.map(|missing| needs(none, missing))}
        <div class="multiples" data-size=format!("{size:?}").to_lowercase()>
            <For each=ids key=Clone::clone children=one />
        </div>
    }
}

fn empty() -> Figure {
    figures::lengths(&[], &Look::default())
}

/// Losses at checkpoints where nobody looks, by tests and not by eye.
#[component]
fn Losses() -> impl IntoView {
    let results: Results = expect_context();
    let keys = Memo::new(move |_| {
        let held = results.held;
        held.with(|held| {
            held.iter()
                .map(|digest| digest.key.clone())
                .collect::<Vec<_>>()
        })
    });
    Effect::new(move |_| {
        let keys = keys.get();
        if keys.len() > 1 {
            results.in_order(keys);
        }
    });
    let series = move || results.series.get().unwrap_or_default();
    // The sentence first: on a phone the table goes beyond the screen.
    let told = move || {
        let each = series().into_iter().map(|checkpoint| {
            let name = Whose::of(&checkpoint.about).name;
            let lost = checkpoint.changes.iter().filter(|change| change.degraded);
            let (lost, of) = (lost.count(), checkpoint.changes.len());
            view! { <li data-degraded=(lost > 0).to_string()>{format!("{name}: {lost} of {of} watched cells lost")}</li> }
        });
        each.collect_view()
    };
    let rows = move || {
        let rows = series().into_iter().flat_map(|checkpoint| {
            let name = Whose::of(&checkpoint.about).name;
            let changes = checkpoint.changes.into_iter();
            changes.map(move |change| (name.clone(), change))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(_, change)| !change.degraded);
        let rows = rows.into_iter();
        let row = |(name, change): (String, fathom_shared::results::series::Change)| {
            let sign = if change.degraded { "✕ " } else { "" };
            let (verdict, basis) = (verdict(&change), basis(&change));
            view! {
                <tr data-degraded=change.degraded.to_string()>
                    <th scope="row">{change.cell}</th><td>{sign}{verdict}</td>
                    <td>{format!("{:.1} → {:.1}", change.before * 100.0, change.after * 100.0)}</td>
                    <td>{basis}</td>
                    <td>{super::comparison::p(change.p)}</td><td>{super::comparison::p(change.holm)}</td>
                    <td>{name}</td>
                </tr>
            }
        };
        rows.map(row).collect_view()
    };
    view! {
        <Show when=move || results.series.with(Option::is_some)>
            <section class="panel">
                <h3>"Lost where nobody looks"</h3>
                <p class="hint">"Short lengths and tasks with one needle, each checkpoint against the first set: by pairs where samples pair, else by Welch’s test; Holm over all of them. Only a loss with Holm’s p of at most 0.05 is flagged."</p>
                <ul class="lost" data-testid="lost">{told}</ul>
                <div class="scroll">
                    <table class="losses" data-testid="losses">
                        <thead><tr>{["Cell", "Verdict", "Mean, %", "n", "p", "Holm", "Checkpoint"].map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        </Show>
    }
}
