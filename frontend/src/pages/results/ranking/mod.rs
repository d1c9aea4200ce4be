//! Which model reads deepest: every model with its figure and who measured it, two beside one
//! another, and the curves of those chosen.

mod comparison_panel; // shows two ranking entries side by side
mod curves; // charts of the chosen models
mod own_reports; // own result sets as ranking entries
mod report_comparison; // compares two ranking entries
mod table; // the ranking table

use std::sync::Arc;

use fathom_shared::chart::length_name;
use fathom_shared::published::ranking::{
    self, ModelReport, RankedBenchmark, RankedModel, conclusion, ranked,
};
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;

use super::SetResultsQuery;
use super::figures::Digests;
use super::model::{ResultsQuery, ResultsView};
use super::ranking_query::{BENCHMARKS, RankingQuery};
use crate::state::results::ResultsState;
use crate::ui::chart::{Chart, ChartSize, OpenHref};
use crate::ui::stage::{Stage, StageTools};
use table::RankingTable;

/// The ranking's name in the address, where it is shown alone.
const RANKING: &str = "ranking";

/// Changes what the ranking shows, and with it the address.
type SetRanking = Callback<RankingQuery>;

/// The published reports that the ranking's charts show, by their ids.
pub(super) fn published(held: &Digests, asked: &RankingQuery) -> Vec<String> {
    let mut all: Vec<ModelReport> = held
        .iter()
        .filter_map(|digest| own_reports::own(digest))
        .collect();
    all.extend(ranking::reports());
    curves::published(&all, asked)
}

/// The ranking of models with its controls, its curves and its comparisons.
#[component]
pub(super) fn RankingPanel(
    look: Memo<ResultsQuery>,
    set_look: SetResultsQuery,
    open: OpenHref,
) -> impl IntoView {
    let results: ResultsState = expect_context();
    let asked = Memo::new(move |_| look.with(|look| look.ranking.clone()));
    let set = SetRanking::new(move |ranking: RankingQuery| {
        set_look.run(ResultsQuery {
            ranking,
            ..look.get_untracked()
        });
    });
    let published = StoredValue::new(ranking::reports());
    let reports = Memo::new(move |_| {
        let mut all: Vec<ModelReport> = results.held.with(|held| {
            held.iter()
                .filter_map(|digest| own_reports::own(digest))
                .collect()
        });
        published.with_value(|published| all.extend(published.iter().cloned()));
        all
    });
    // What is typed or chosen leaves the places as they are.
    let wanted = Memo::new(move |_| asked.with(|asked| (asked.by, asked.at)));
    let rows = Memo::new(move |_| {
        let (by, at) = wanted.get();
        reports.with(|reports| ranked(reports, by, at))
    });
    let told = move || {
        let (by, at) = wanted.get();
        rows.with(|rows| conclusion(rows, by, at))
    };
    let figure = move |make: fn(&[ModelReport], &RankingQuery) -> fathom_shared::chart::Figure| {
        Signal::derive(move || {
            Arc::new(reports.with(|reports| asked.with(|asked| make(reports, asked))))
        })
    };
    let by = Memo::new(move |_| asked.with(|asked| asked.by));
    let has = move |benchmark| move || [benchmark, RankedBenchmark::Both].contains(&by.get());
    let stage: Stage = expect_context();
    view! {
        <section class="panel ranking" aria-labelledby="ranking-title" data-stage=RANKING data-on-stage=move || stage.mark(RANKING)>
            <div class="head">
                <h2 id="ranking-title">"Which model reads deepest?"</h2>
                <StageTools name=RANKING.to_owned() title="Which model reads deepest?".to_owned() />
            </div>
            <p class="meaning" data-testid="deepest" aria-live="polite">{told}</p>
            <Controls asked set reports />
            <Beside look asked set reports />
            <RankingTable asked set rows />
        </section>
        <Show when=has(RankedBenchmark::Ruler)>
            <section class="panel"><Chart figure=figure(curves::curves) size=ChartSize::Plain open /></section>
        </Show>
        <Show when=has(RankedBenchmark::Longbench)>
            <section class="panel"><Chart figure=figure(curves::bars) size=ChartSize::Plain open /></section>
        </Show>
    }
}

/// The benchmark, the length and the search that decide which rows are ranked.
#[component]
fn Controls(
    asked: Memo<RankingQuery>,
    set: SetRanking,
    reports: Memo<Vec<ModelReport>>,
) -> impl IntoView {
    let benchmark = move |(by, word, title): (RankedBenchmark, &'static str, &'static str)| {
        let pressed = move || asked.with(|asked| (asked.by == by).to_string());
        view! {
            <button data-testid=format!("rank-{word}") aria-pressed=pressed
                on:click=move |_| set.run(asked.with_untracked(|asked| asked.by(by)))>{title}</button>
        }
    };
    let lengths = Memo::new(move |_| reports.with(|reports| ranking::lengths(reports)));
    let at = Memo::new(move |_| asked.with(|asked| asked.at));
    let options = move || {
        let mut lengths = lengths.get();
        let at = at.get();
        // A length of the address that nothing has is still the one that is shown.
        if !lengths.contains(&at) {
            lengths.push(at);
            lengths.sort_unstable();
        }
        let option = |length: Tokens| {
            view! { <option value=length.0.to_string() selected=length == at>{length_name(f64::from(length.0))}</option> }
        };
        lengths.into_iter().map(option).collect_view()
    };
    let choose = move |text: String| {
        if let Ok(length) = text.parse() {
            set.run(RankingQuery {
                at: Tokens(length),
                ..asked.get_untracked()
            });
        }
    };
    let find = move |text: String| {
        set.run(RankingQuery {
            find: text,
            ..asked.get_untracked()
        });
    };
    let no_length = move || asked.with(|asked| asked.by == RankedBenchmark::Longbench);
    view! {
        <div class="chosen off-stage" role="group" aria-label="Choose what to rank">
            <div class="segments" role="group" aria-label="Benchmark">{BENCHMARKS.map(benchmark).collect_view()}</div>
            <label>
                <span>"Length in tokens"</span>
                <select data-testid="rank-at" disabled=no_length on:change:target=move |event| choose(event.target().value())>{options}</select>
            </label>
            <label class="grow">
                <span>"Search models and reporters"</span>
                <input type="search" data-testid="rank-find" prop:value=move || asked.with(|asked| asked.find.clone())
                    on:input:target=move |event| find(event.target().value()) />
            </label>
        </div>
    }
}

/// The chosen rows, each compared with the first.
#[component]
fn Beside(
    look: Memo<ResultsQuery>,
    asked: Memo<RankingQuery>,
    set: SetRanking,
    reports: Memo<Vec<ModelReport>>,
) -> impl IntoView {
    let pairs = Memo::new(move |_| {
        reports.with(|reports| {
            asked.with(|asked| {
                report_comparison::side_by_side(reports, &asked.picks, asked.by, asked.at)
            })
        })
    });
    let few = move || {
        asked.with(|asked| match asked.picks.len() {
            0 => Some("Select two rows to compare them."),
            1 => Some("Select another row to compare the two."),
            _ => None,
        })
    };
    let comparison = move || {
        let look = look.get_untracked();
        let shown = ResultsView::Comparison;
        format!("/results{}", ResultsQuery { shown, ..look }.to_query())
    };
    let clear = move |_| {
        set.run(RankingQuery {
            picks: Vec::new(),
            ..asked.get_untracked()
        });
    };
    let any = move || asked.with(|asked| !asked.picks.is_empty());
    view! {
        <div class="beside" data-testid="beside" aria-live="polite">
            {move || few().map(|few| view! { <p class="hint off-stage">{few}</p> })}
            {move || pairs.get().into_iter().map(|pair| comparison_panel::pair(pair, comparison())).collect_view()}
            <Show when=any><button class="quiet off-stage" data-testid="unpick" on:click=clear>"Clear selection"</button></Show>
        </div>
    }
}

/// How many rows there are of how many, and of how many models.
fn counted(shown: &[RankedModel], all: usize) -> String {
    let models: std::collections::BTreeSet<&str> =
        shown.iter().map(|row| row.report.model.as_str()).collect();
    let rows = super::super::display::some(all as u64, "row");
    let models = super::super::display::some(models.len() as u64, "model");
    match shown.len() {
        same if same == all => format!("{rows}, {models}"),
        fewer => format!("{fewer} of {rows}, {models}"),
    }
}
