//! Which series there are, and which are shown.

use std::sync::Arc;

use fathom_shared::chart::{Figure, FigureKind, Series, key_of};
use leptos::prelude::*;

/// The series of a chart with their marks.
#[component]
pub(super) fn Legend(figure: Signal<Arc<Figure>>, hidden: RwSignal<Vec<usize>>) -> impl IntoView {
    let entries = move || {
        let figure = figure.get();
        let line = matches!(
            figure.kind,
            FigureKind::Lines | FigureKind::Slope | FigureKind::Radar
        );
        let all = figure.series.iter().enumerate();
        let all = all.map(|(number, series)| entry(number, series, line, hidden));
        all.collect_view()
    };
    view! { <ul class="legend" aria-label="Series" data-testid="legend">{entries}</ul> }
}

fn entry(
    number: usize,
    series: &Series,
    line: bool,
    hidden: RwSignal<Vec<usize>>,
) -> impl IntoView + use<> {
    let shown = move || hidden.with(|hidden| !hidden.contains(&number));
    let toggle = move |_| {
        hidden.update(|hidden| match hidden.iter().position(|h| *h == number) {
            Some(at) => {
                hidden.remove(at);
            }
            None => hidden.push(number),
        });
    };
    let picture = format!(
        r#"<svg class="fathom-chart" width="28" height="14" viewBox="0 0 28 14" aria-hidden="true">{}</svg>"#,
        key_of(number, series, line)
    );
    let whose = if series.own { "own" } else { "published" };
    let told = series
        .form
        .is_told()
        .then(|| view! { <small>{whose}</small> });
    view! {
        <li>
            <button
                class="quiet"
                data-testid="series"
                data-whose=whose
                aria-pressed=move || shown().to_string()
                title=series.source.clone()
                on:click=toggle
            >
                <span inner_html=picture></span>
                {series.name.clone()}
                {told}
            </button>
        </li>
    }
}
