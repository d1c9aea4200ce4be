//! Sets against the first: every cell with difference, interval and tests, and the samples that
//! differ.

use std::sync::Arc;

use fathom_shared::results::figures::FigureOwner;
use fathom_shared::results::{
    ComparisonPlan, ComparisonSubject, MarginOutcome, SubjectComparison, conclude,
};
use fathom_shared::stats::p_value;
use leptos::prelude::*;

use super::SetResultsQuery;
use super::estimates::{percent, points};
use super::figures::{differences, name};
use super::model::ResultsQuery;
use crate::protocol::results::SetComparison;
use crate::state::results::ResultsState;
use crate::ui::chart::{Chart, ChartSize, OpenHref};

/// Result sets compared sample by sample with the first of them.
#[component]
pub(super) fn ComparisonPanel(
    look: Memo<ResultsQuery>,
    set_look: SetResultsQuery,
    open: OpenHref,
) -> impl IntoView {
    let results: ResultsState = expect_context();
    let held = results.held;
    let first = Memo::new(move |_| {
        let wanted = look.with(|look| look.first.clone());
        held.with(|held| {
            let is_held = |key: &String| held.iter().any(|digest| digest.key == *key);
            wanted
                .filter(is_held)
                .or_else(|| Some(held.first()?.key.clone()))
        })
    });
    let asked = Memo::new(move |_| {
        let first = first.get()?;
        let others: Vec<String> = held.with(|held| {
            let keys = held.iter().map(|digest| digest.key.clone());
            keys.filter(|key| *key != first).collect()
        });
        let margin = look.with(ResultsQuery::margin);
        (!others.is_empty()).then_some((first, others, margin))
    });
    Effect::new(move |_| {
        if let Some((first, others, margin)) = asked.get() {
            results.compare(first, others, f64::from(margin));
        }
    });
    let options = move || {
        let option = |(key, name): (String, String)| {
            let chosen = {
                let key = key.clone();
                move || first.with(|first| first.as_ref() == Some(&key))
            };
            view! { <option value=key selected=chosen>{name}</option> }
        };
        let sets = held.with(|held| {
            let sets = held.iter().map(|digest| (digest.key.clone(), name(digest)));
            sets.collect::<Vec<_>>()
        });
        sets.into_iter().map(option).collect_view()
    };
    let choose = move |key: String| {
        set_look.run(ResultsQuery {
            first: Some(key),
            ..look.get_untracked()
        });
    };
    let set_margin = move |text: String| {
        if let Ok(margin) = text.trim().parse::<u32>()
            && (1..=50).contains(&margin)
        {
            set_look.run(ResultsQuery {
                margin: Some(margin),
                ..look.get_untracked()
            });
        }
    };
    let few = move || asked.with(Option::is_none);
    let tables = move || {
        let versus = results.versus.get().unwrap_or_default();
        let margin = look.with(ResultsQuery::margin);
        let over = conclude::corrected(versus.iter().map(|one| &one.comparison));
        let each = versus.into_iter().enumerate();
        each.map(|(number, one)| table(one, (margin, number), over.clone(), open))
            .collect_view()
    };
    view! {
        <section class="panel comparison" aria-labelledby="comparison-title">
            <h2 id="comparison-title">"Sample by sample"</h2>
            <div class="chosen">
                <label><span>"Compare against"</span>
                    <select data-testid="first" on:change:target=move |event| choose(event.target().value())>{options}</select>
                </label>
                <label><span>"Smallest difference that matters (points)"</span>
                    <input type="number" min="1" max="50" data-testid="margin" prop:value=move || look.with(ResultsQuery::margin).to_string()
                        on:change:target=move |event| set_margin(event.target().value()) />
                </label>
            </div>
            <Show when=few><p class="note" data-testid="needs">"A comparison needs two result sets with the same samples, such as two runs with the same tasks, lengths and seeds."</p></Show>
            <Show when=move || !few() && results.versus.with(Option::is_none)><p class="hint" role="status">"Comparing…"</p></Show>
            {tables}
        </section>
    }
}

const COLUMNS: [&str; 10] = [
    "Task and length",
    "Baseline, % (95%)",
    "Candidate, % (95%)",
    "Difference (95%)",
    "n",
    "Better / worse",
    "p",
    "Corrected p",
    "Compared with the margin",
    "Detectable / pairs needed",
];

/// A comparison: its conclusion, its differences as a picture, and behind it every test.
fn table(
    versus: SetComparison,
    (margin, number): (u32, usize),
    over: String,
    open: OpenHref,
) -> impl IntoView {
    let SetComparison { comparison, pages } = versus;
    let title = format!(
        "{} against {}",
        FigureOwner::of(&comparison.second).name,
        FigureOwner::of(&comparison.first).name
    );
    if comparison.cells.is_empty() && comparison.unpaired.is_empty() {
        return view! {
            <h3>{title}</h3>
            <p class="note">"The two sets share no task at the same length, so there is nothing to compare."</p>
        }
        .into_any();
    }
    let caption = title.clone();
    let within = Some(f64::from(margin) / 100.0);
    let told = conclude::comparison(&comparison, ComparisonPlan::default().alpha, within);
    let figure = Signal::stored(Arc::new(differences(&comparison, margin, number)));
    let whole = comparison.rows();
    let whole: Vec<_> = whole
        .map(|one| row(one, Vec::new(), margin, open).into_any())
        .collect();
    let cells = comparison.cells.into_iter().zip(pages);
    let cells = cells.map(|(one, pages)| row(&one, pages, margin, open).into_any());
    let unpaired = (!comparison.unpaired.is_empty()).then(|| {
        let told = comparison.unpaired.join(", ");
        view! { <p class="hint">"In both sets, but with no samples in common: " {told} "."</p> }
    });
    view! {
        <h3>{title}</h3>
        <p class="meaning" data-testid="conclusion">{told}</p>
        <Chart figure size=ChartSize::Plain open />
        <details data-testid="versus-table">
            <summary>"All tests, and the samples that differ"</summary>
            <p class="hint">{format!("Differences are candidate minus baseline. p comes from McNemar’s exact test for scores of 0 and 1, otherwise from a sign-flip test of the differences, grouped by source where samples share one. Rows that combine several tasks or lengths come first. Detectable: the smallest difference, in points, that this many pairs reveal four times out of five with the corrected p. Pairs needed: how many would reveal {margin} points. ")} {over}</p>
            <div class="scroll" tabindex="0" role="region" aria-label="Every test">
                <table class="versus" data-testid="versus">
                    <caption class="sr-only">{caption}</caption>
                    <thead><tr>{COLUMNS.map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr></thead>
                    <tbody>{whole.collect_view()}{cells.collect_view()}</tbody>
                </table>
            </div>
        </details>
        {unpaired}
    }
    .into_any()
}

/// How a difference is to be read, by Holm's p-value.
fn verdict(one: &SubjectComparison) -> &'static str {
    match (one.holm <= 0.05, one.paired.difference.value > 0.0) {
        (true, true) => "better",
        (true, false) => "worse",
        (false, _) => "open",
    }
}

fn row(
    one: &SubjectComparison,
    pages: Vec<[Option<String>; 2]>,
    margin: u32,
    open: OpenHref,
) -> impl IntoView + use<> {
    let sign = match verdict(one) {
        "better" => "▲ ",
        "worse" => "▼ ",
        _ => "",
    };
    let paired = one.paired;
    let of = match one.sources {
        Some(sources) => format!("{} of {sources} sources", paired.n),
        None => paired.n.to_string(),
    };
    let alone = match one.alone {
        0 => String::new(),
        alone => format!(", {alone} unpaired"),
    };
    let lies = one.against_margin(ComparisonPlan::default().alpha, f64::from(margin) / 100.0);
    let lies = match lies {
        Some(MarginOutcome::Smaller) => "smaller",
        Some(MarginOutcome::Larger) => "larger",
        Some(MarginOutcome::Open) => "inconclusive",
        None => "–",
    };
    let needed = one
        .needed
        .map_or_else(String::new, |needed| format!(" / {needed}"));
    let samples = samples(one, pages, open);
    view! {
        <tr data-verdict=verdict(one) data-whole=(!matches!(one.subject, ComparisonSubject::Cell { .. })).to_string()>
            <th scope="row">{one.subject.to_string()}</th>
            <td>{percent(paired.first)}</td>
            <td>{percent(paired.second)}</td>
            <td>{sign}{points(paired.difference)}</td>
            <td>{of}{alone}</td>
            <td>{format!("{} / {}", paired.gained, paired.lost)}</td>
            <td>{p_value(paired.p)}</td>
            <td>{p_value(one.holm)}</td>
            <td>{lies}</td>
            <td>{one.seen()}{needed}</td>
        </tr>
        {samples}
    }
}

/// The samples that the two did not do equally well, below their cell.
fn samples(
    one: &SubjectComparison,
    pages: Vec<[Option<String>; 2]>,
    open: OpenHref,
) -> Option<impl IntoView + use<>> {
    if one.discordant.is_empty() {
        return None;
    }
    let all = one.paired.gained + one.paired.lost;
    let told = one.discordant.len();
    let title = match all as usize == told {
        true => format!("{all} differ"),
        false => format!("{all} differ; showing the first {told}"),
    };
    let link = move |page: Option<String>, told: String| match page {
        Some(page) => {
            let href = page.clone();
            view! {
                <a href=page on:click=move |event| {
                    event.prevent_default();
                    open.run(href.clone());
                }>{told}</a>
            }
            .into_any()
        }
        None => told.into_any(),
    };
    let lines = one
        .discordant
        .iter()
        .zip(pages)
        .map(|(sample, [first, second])| {
            let score = |score: f64| format!("{:.0}", score * 100.0);
            view! {
                <li>
                    <code>{sample.id.to_string()}</code> " "
                    {link(first, score(sample.first))} " → " {link(second, score(sample.second))}
                </li>
            }
        });
    let lines = lines.collect_view();
    Some(view! {
        <tr class="samples-row"><td colspan="10">
            <details data-testid="discordant"><summary>{title}</summary><ul class="chips">{lines}</ul></details>
        </td></tr>
    })
}
