//! The rows of the ranking.

use fathom_shared::chart::length_name;
use fathom_shared::published::ranking::{
    RankedBenchmark, RankedModel, RankingColumn, ReportedScore, found, sorted,
};
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;

use super::super::ranking_query::{RankingQuery, column_word, columns};
use super::{SetRanking, counted};

/// The ranking as a table whose rows can be selected.
#[component]
pub(super) fn RankingTable(
    asked: Memo<RankingQuery>,
    set: SetRanking,
    rows: Memo<Vec<RankedModel>>,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let asked = asked.get();
        let rows = rows.get().into_iter();
        let rows = rows.filter(|row| found(row, &asked.find)).collect();
        sorted(rows, asked.order(), asked.by, asked.at)
    });
    let wanted = Memo::new(move |_| asked.with(|asked| (asked.by, asked.at)));
    let head = move || {
        let (by, at) = wanted.get();
        let one = |column| view! { <Head column at asked set /> };
        columns(by).into_iter().map(one).collect_view()
    };
    // A row is drawn anew where what it shows is other; ticks and orders move it as it is.
    let key = move |row: &RankedModel| {
        let (by, at) = wanted.get_untracked();
        let report = &row.report;
        let figures = [report.at(at), report.longbench.as_ref()];
        let figures = figures.map(|score| score.map(ReportedScore::told));
        let shown = (
            column_word(by.first_column()),
            by == RankedBenchmark::Both,
            at,
        );
        (report.id.clone(), row.rank, figures, shown)
    };
    let one = move |row: RankedModel| {
        let (by, at) = wanted.get_untracked();
        view! { <Row row by at asked set /> }
    };
    let counted = move || shown.with(|shown| counted(shown, rows.with(Vec::len)));
    let caption = move || {
        let (by, at) = wanted.get();
        let length = length_name(f64::from(at.0));
        match by {
            RankedBenchmark::Ruler => {
                format!("Models by mean RULER score at {length}, in percent")
            }
            RankedBenchmark::Longbench => {
                "Models by correct answers on LongBench v2, in percent".to_owned()
            }
            RankedBenchmark::Both => {
                format!("Models by RULER at {length} and LongBench v2, in percent")
            }
        }
    };
    view! {
        <p class="hint" role="status" data-testid="rank-count">{counted}</p>
        <div class="scroll ranking-rows" tabindex="0" role="region" aria-label="Ranking">
            <table class="ranked" data-testid="ranking">
                <caption>{caption}". Intervals are 95%; for published figures they are estimated from n alone."</caption>
                <thead><tr>{head}</tr></thead>
                <tbody><For each=move || shown.get() key=key children=one /></tbody>
            </table>
            <Show when=move || shown.with(Vec::is_empty)><p class="note" data-testid="rank-none">"No rows match. Choose another length, or shorten the search."</p></Show>
        </div>
    }
}

/// The head of a column; a click sorts by it.
#[component]
fn Head(
    column: RankingColumn,
    at: Tokens,
    asked: Memo<RankingQuery>,
    set: SetRanking,
) -> impl IntoView {
    let name = match column {
        RankingColumn::Model => "Model".to_owned(),
        RankingColumn::Ruler => format!("RULER at {}", length_name(f64::from(at.0))),
        RankingColumn::Longbench => "LongBench v2".to_owned(),
        RankingColumn::Samples => "n".to_owned(),
        RankingColumn::Reporter => "Measured by".to_owned(),
        RankingColumn::Size => "Parameters".to_owned(),
        RankingColumn::Window => "Window".to_owned(),
    };
    let way = Memo::new(move |_| {
        let order = asked.with(RankingQuery::order);
        (order.column == column).then_some(order.descending)
    });
    let sort = move || {
        let way = way.get()?;
        Some(if way { "descending" } else { "ascending" })
    };
    let sign = move || match way.get() {
        Some(true) => "▼",
        Some(false) => "▲",
        None => "",
    };
    let turn = move |_| set.run(asked.with_untracked(|asked| asked.ordered(column)));
    let is_number = !matches!(column, RankingColumn::Model | RankingColumn::Reporter);
    view! {
        <th scope="col" aria-sort=sort class:number=is_number>
            <button class="quiet" data-testid=format!("sort-{}", column_word(column)) on:click=turn>
                {name} <span aria-hidden="true">{sign}</span>
            </button>
        </th>
    }
}

/// A figure with what is sure of it.
fn figure(score: Option<&ReportedScore>) -> AnyView {
    let Some(score) = score else {
        return view! { <td class="number">"–"</td> }.into_any();
    };
    let sure = match score.interval {
        Some(found) => format!("{:.1}–{:.1}", found.low * 100.0, found.high * 100.0),
        None => "no interval".to_owned(),
    };
    let part = score
        .part
        .map(|part| view! { <small class="partial">{part.to_string()}</small> });
    let share = format!("{:.1}", score.share * 100.0);
    view! { <td class="number"><b>{share}</b><small>{sure}</small>{part}</td> }.into_any()
}

/// One model of the ranking; a click selects it.
#[component]
fn Row(
    row: RankedModel,
    by: RankedBenchmark,
    at: Tokens,
    asked: Memo<RankingQuery>,
    set: SetRanking,
) -> impl IntoView {
    let RankedModel { rank, report } = row;
    let id = report.id.clone();
    let ticked = {
        let id = id.clone();
        Memo::new(move |_| asked.with(|asked| asked.picks.contains(&id)))
    };
    let tick = move |_| set.run(asked.with_untracked(|asked| asked.picked(&id)));
    let cell = |column: RankingColumn| match column {
        // The first column heads the row.
        RankingColumn::Model => ().into_any(),
        RankingColumn::Ruler => figure(report.at(at)),
        RankingColumn::Longbench => figure(report.longbench.as_ref()),
        RankingColumn::Samples => {
            view! { <td class="number">{report.samples(by, at)}</td> }.into_any()
        }
        RankingColumn::Reporter => {
            let who = if report.own {
                "own".to_owned()
            } else {
                report.who()
            };
            view! { <td class="who">{who}<small>{report.setting.clone()}</small><small>{report.source.clone()}</small></td> }.into_any()
        }
        RankingColumn::Size => {
            let size = report
                .size
                .as_ref()
                .map_or_else(|| "–".to_owned(), |size| size.short());
            view! { <td class="number">{size}</td> }.into_any()
        }
        RankingColumn::Window => {
            let window = report
                .window
                .map_or_else(|| "–".to_owned(), |window| length_name(f64::from(window.0)));
            view! { <td class="number">{window}</td> }.into_any()
        }
    };
    let cells = columns(by).into_iter().map(cell).collect_view();
    let place = rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
    view! {
        <tr data-testid="ranked-row" data-own=report.own.to_string() data-ticked=move || ticked.get().to_string() data-id=report.id.clone()>
            <th scope="row">
                <label class="check">
                    <input type="checkbox" data-testid="tick" prop:checked=move || ticked.get() on:change=tick />
                    <span class="place">{place}</span>
                    <span>{report.model.clone()}</span>
                    <span class="sr-only">", select to compare"</span>
                </label>
            </th>
            {cells}
        </tr>
    }
}
