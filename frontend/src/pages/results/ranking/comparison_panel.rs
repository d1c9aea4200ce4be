//! Two reports side by side, on the page.

use fathom_shared::numbers::signed;
use fathom_shared::published::ranking::ReportedScore;
use leptos::prelude::*;

use super::report_comparison::{SharedFigure, SideBySide};

/// What two have in common, in a sentence and as a table.
pub(super) fn pair(sides: SideBySide, comparison: String) -> impl IntoView {
    let told = sides.told.into_iter();
    let told = told.map(|told| view! { <p class="meaning" data-testid="difference">{told}</p> });
    let score = |score: ReportedScore| {
        let sure = score.told();
        let sure = sure.split_once(' ').map(|(_, sure)| sure.to_owned());
        view! { <td>{format!("{:.1}", score.share * 100.0)}<small>{sure}</small></td> }
    };
    let row = move |figure: SharedFigure| {
        let sure = figure.difference.interval.map_or_else(
            || "no interval".to_owned(),
            |found| {
                let [low, high] = [found.low, found.high].map(|end| signed(end * 100.0, 1));
                format!("{low} to {high}")
            },
        );
        view! {
            <tr>
                <th scope="row">{figure.what}</th>
                {score(figure.first)} {score(figure.second)}
                <td>{signed(figure.difference.value * 100.0, 1)}<small>{sure}</small></td>
            </tr>
        }
    };
    let own = sides.own.then(|| {
        view! { " Your own result sets with the same samples are tested pair by pair under "<a href=comparison>"Comparison"</a>"." }
    });
    let caption = format!(
        "{} and {}: all figures available for both, in percent",
        sides.first, sides.second
    );
    let label = caption.clone();
    let rows = sides.figures.into_iter().map(row).collect_view();
    view! {
        <div class="pair-told">
            {told.collect_view()}
            <details data-testid="beside-table">
                <summary>"All figures available for both"</summary>
                <div class="scroll" tabindex="0" role="region" aria-label=label>
                    <table class="beside-table">
                        <caption>{caption}</caption>
                        <thead><tr>
                            <th scope="col">"Figure"</th><th scope="col">{sides.first}</th><th scope="col">{sides.second}</th>
                            <th scope="col">"Difference, first minus second (points, 95%)"</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <p class="hint">"This is not a sample-by-sample comparison: each model was measured on its own samples. The intervals do not account for differences in prompts, engines or settings."{own}</p>
            </details>
        </div>
    }
}
