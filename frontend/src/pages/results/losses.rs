//! Checkpoints against the first set, at short lengths and on single needles.

use fathom_shared::results::conclude;
use fathom_shared::results::figures::{FigureOwner, basis, verdict};
use fathom_shared::results::series::CellChange;
use fathom_shared::stats::p_value;
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;

use super::estimates::{percent, points};
use super::model::ResultsQuery;
use crate::state::results::ResultsState;

/// What checkpoints lost at short lengths and on single needles, by statistical tests.
#[component]
pub(super) fn LossesPanel(look: Memo<ResultsQuery>) -> impl IntoView {
    let results: ResultsState = expect_context();
    let keys = Memo::new(move |_| {
        let held = results.held;
        held.with(|held| {
            held.iter()
                .map(|digest| digest.key.clone())
                .collect::<Vec<_>>()
        })
    });
    let short = Memo::new(move |_| look.with(|look| look.short));
    Effect::new(move |_| {
        let (keys, short) = (keys.get(), short.get());
        if keys.len() > 1 {
            results.in_order(keys, short.map(Tokens));
        }
    });
    let series = move || results.series.get().unwrap_or_default();
    // The sentence first: on a phone the table goes beyond the screen.
    let told = move || {
        let series = series();
        let baseline = results
            .held
            .with(|held| held.first().map(|digest| digest.about.clone()));
        let told = baseline.map(|baseline| conclude::series(&baseline, &series));
        let each = series.iter().zip(told.unwrap_or_default());
        let each = each.map(|(checkpoint, told)| {
            view! { <li data-degraded=checkpoint.degraded().to_string()>{told}</li> }
        });
        each.collect_view()
    };
    let over = move || conclude::corrected_series(&series());
    let rows = move || {
        let rows = series().into_iter().flat_map(|checkpoint| {
            let name = FigureOwner::of(&checkpoint.about).name;
            let rows = checkpoint.rows.into_iter().chain(checkpoint.changes);
            let all = rows.chain(checkpoint.elsewhere);
            all.map(move |change| (name.clone(), change))
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by_key(|(_, change)| (!change.degraded, !change.suspect));
        let rows = rows.into_iter();
        let row = |(name, change): (String, CellChange)| {
            let sign = if change.degraded { "✕ " } else { "" };
            let (verdict, basis) = (verdict(&change), basis(&change));
            view! {
                <tr data-degraded=change.degraded.to_string()>
                    <th scope="row">{change.cell}</th><td>{sign}{verdict}</td>
                    <td>{percent(change.before)}</td><td>{percent(change.after)}</td><td>{points(change.difference)}</td>
                    <td>{basis}</td>
                    <td>{p_value(change.p)}</td><td>{p_value(change.holm)}</td>
                    <td>{name}</td>
                </tr>
            }
        };
        rows.map(row).collect_view()
    };
    view! {
        <Show when=move || results.series.with(Option::is_some)>
            <section class="panel">
                <h3>"Losses at short lengths and on single needles"</h3>
                <p class="hint">"Each checkpoint compared with the first set at short lengths and on single-needle tasks, which are rarely checked: a paired test where samples pair, otherwise Welch’s test. Rows that combine several tasks or lengths come first. A loss counts if its corrected p is 0.05 or less; other tasks and lengths are listed only if they were lost or may be. " {over}</p>
                <ul class="lost" data-testid="lost">{told}</ul>
                <div class="scroll">
                    <table class="losses" data-testid="losses">
                        <thead><tr>{["Task and length", "Verdict", "Before, % (95%)", "After, % (95%)", "Difference (95%)", "n", "p", "Corrected p", "Checkpoint"].map(|name| view! { <th scope="col">{name}</th> }).collect_view()}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        </Show>
    }
}
