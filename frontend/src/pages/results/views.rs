//! The views: each a section with its charts.

use std::sync::Arc;

use fathom_shared::chart::Figure;
use fathom_shared::published::{longbench, reported, ruler};
use leptos::prelude::*;

use super::SetResultsQuery;
use super::comparison::ComparisonPanel;
use super::figures::{self, Digests};
use super::losses::LossesPanel;
use super::model::{ResultsQuery, ResultsView};
use super::ranking::RankingPanel;
use crate::protocol::results::ResultDigest;
use crate::state::results::ResultsState;
use crate::ui::chart::{Chart, ChartSize, OpenHref};

/// What the address asks for.
pub(super) fn views(
    look: Memo<ResultsQuery>,
    set_look: SetResultsQuery,
    open: OpenHref,
) -> impl IntoView {
    let results: ResultsState = expect_context();
    let held = results.held;
    let shown = Memo::new(move |_| look.with(|look| look.shown));
    let with = move |make: fn(&Digests, &ResultsQuery) -> Figure| {
        Signal::derive(move || {
            let figure = held.with(|held| look.with(|look| make(held, look)));
            Arc::new(figure)
        })
    };
    let chart = move |make: fn(&Digests, &ResultsQuery) -> Figure, size: ChartSize| {
        view! { <section class="panel"><Chart figure=with(make) size open /></section> }.into_any()
    };
    let none = Memo::new(move |_| held.with(Vec::is_empty));
    let lone = Memo::new(move |_| held.with(|held| held.len() < 2));
    let gapless = Memo::new(move |_| held.with(|held| held.iter().all(|d| d.gaps.is_empty())));
    let view = move || {
        match shown.get() {
        ResultsView::Ranking => view! { <RankingPanel look set_look open /> }.into_any(),
        ResultsView::Overview => view! {
            {chart(figures::lengths, ChartSize::Plain)}
            <Show when=move || !gapless.get()><GapPanel held look open /></Show>
            <div class="pair">
                {chart(figures::bars, ChartSize::Plain)}
                {chart(|held, _| figures::both(held), ChartSize::Plain)}
            </div>
        }
        .into_any(),
        ResultsView::Lengths => chart(figures::lengths, ChartSize::Large),
        ResultsView::Gap => view! {
            {needs(gapless, "The gap is computed from answers to individual tasks, which no published table includes. Add a run or RULER predictions with at least one single-needle task and one of vt, cwe and fwe at the same length.")}
            <Show when=move || !gapless.get()><GapPanel held look open /></Show>
            {many(held, look, open, ChartSize::Plain, None, figures::sides)}
            {chart(|_, look| figures::facts(look), ChartSize::Plain)}
        }
        .into_any(),
        ResultsView::Categories => many(held, look, open, ChartSize::Small, Some("Categories are computed from answers to individual tasks, which no published table includes. Add a run or RULER predictions."), figures::categories).into_any(),
        ResultsView::Depth => view! {
            <p class="hint">"cwe and fwe are not shown: the words they count are spread over the whole text, so their answers have no depth."</p>
            {many(held, look, open, ChartSize::Small, Some("Depth is computed from answers and their prompts, for tasks with needles, hops or passages. Add a run, or RULER predictions that include their input."), figures::depth)}
        }
        .into_any(),
        ResultsView::Longbench => chart(figures::bars, ChartSize::Plain),
        ResultsView::Thinking => chart(figures::thinking, ChartSize::Plain),
        ResultsView::Both => chart(|held, _| figures::both(held), ChartSize::Large),
        ResultsView::Checkpoints => view! {
            {needs(lone, "Add the baseline first, then the checkpoints in order.")}
            <Show when=move || !none.get()>{chart(figures::checkpoints, ChartSize::Plain)} <LossesPanel look /></Show>
        }
        .into_any(),
        ResultsView::Comparison => view! { <ComparisonPanel look set_look open /> }.into_any(),
    }
    };
    let newer = move || {
        let ranking = ResultsQuery {
            shown: ResultsView::Ranking,
            ..look.get()
        };
        let href = format!("/results{}", ranking.to_query());
        has_newer(shown.get())
            .then(|| view! { " For newer figures, see "<a href=href>"the ranking"</a>" (as of " {reported::READ} ")." })
    };
    view! {
        {view}
        <p class="hint record" data-testid="record">{move || record(shown.get())}{newer}</p>
    }
}

/// Where the published figures of a view come from, and of which day they are.
fn record(shown: ResultsView) -> String {
    let (ruler, longbench) = (ruler::SOURCE, longbench::SOURCE);
    match shown {
        ResultsView::Ranking => format!(
            "Published: {ruler}; {longbench}; newer figures: {}, each with its citation.",
            reported::SOURCE
        ),
        ResultsView::Overview | ResultsView::Both => format!("Published: {ruler}; {longbench}."),
        ResultsView::Lengths => format!("Published: {ruler}."),
        ResultsView::Longbench | ResultsView::Thinking => format!("Published: {longbench}."),
        // Its chart of what others published names their source itself.
        ResultsView::Gap => String::new(),
        ResultsView::Categories
        | ResultsView::Depth
        | ResultsView::Checkpoints
        | ResultsView::Comparison => {
            "This view shows only your own results, no published figures.".to_owned()
        }
    }
}

/// Whether newer figures than those of a view's tables stand in the ranking.
fn has_newer(shown: ResultsView) -> bool {
    use ResultsView::{Both, Lengths, Longbench, Overview, Thinking};
    [Overview, Lengths, Longbench, Thinking, Both].contains(&shown)
}

/// What to do where nothing is held.
fn needs(none: Memo<bool>, what: &'static str) -> impl IntoView {
    view! { <Show when=move || none.get()><p class="note" data-testid="needs">{what}</p></Show> }
}

/// The gap chart, shown large, with its sentence.
#[component]
fn GapPanel(
    held: RwSignal<Vec<Arc<ResultDigest>>>,
    look: Memo<ResultsQuery>,
    open: OpenHref,
) -> impl IntoView {
    let figure = Signal::derive(move || {
        Arc::new(held.with(|held| look.with(|look| figures::gap(held, look))))
    });
    let meaning = move || held.with(|held| look.with(|look| figures::meaning(held, look)));
    view! {
        <section class="panel wall">
            {move || meaning().map(|told| view! { <p class="meaning" data-testid="meaning">{told}</p> })}
            <Chart figure size=ChartSize::Large open />
        </section>
    }
}

/// Several charts side by side. They are kept while only their figures change.
fn many(
    held: RwSignal<Vec<Arc<ResultDigest>>>,
    look: Memo<ResultsQuery>,
    open: OpenHref,
    size: ChartSize,
    missing: Option<&'static str>,
    make: fn(&Digests, &ResultsQuery) -> Vec<Figure>,
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
    figures::lengths(&[], &ResultsQuery::default())
}
