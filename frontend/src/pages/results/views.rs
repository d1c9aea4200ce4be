//! The views: each a section with its charts.

use std::sync::Arc;

use fathom_shared::chart::Figure;
use leptos::prelude::*;

use super::SetLook;
use super::comparison::Comparison;
use super::figures::{self, Held};
use super::losses::Losses;
use super::model::{Look, Shown};
use crate::protocol::results::Digest;
use crate::state::results::Results;
use crate::ui::chart::{Chart, Open, Size};

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
            <Show when=move || !none.get()>{chart(figures::checkpoints, Size::Plain)} <Losses look /></Show>
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
