//! A part of the lengths.

use std::sync::Arc;

use fathom_shared::chart::{AxisScale, Figure, FigureKind};
use leptos::prelude::*;

/// The choice of the range of lengths that a chart shows.
#[component]
pub(super) fn Zoom(
    figure: Signal<Arc<Figure>>,
    range: RwSignal<Option<(f64, f64)>>,
) -> impl IntoView {
    let places = Memo::new(move |_| figure.with(|figure| lengths(figure)));
    let ends = move || {
        let places = places.get();
        let (first, last) = (places.first().copied(), places.last().copied());
        range.get().or(first.zip(last)).unwrap_or_default()
    };
    let set = move |low: f64, high: f64| {
        let places = places.get_untracked();
        let all = places.first() == Some(&low) && places.last() == Some(&high);
        range.set((!all && low < high).then_some((low, high)));
    };
    let options = move |chosen: fn((f64, f64)) -> f64, fits: fn(f64, (f64, f64)) -> bool| {
        let now = ends();
        let places = places.get().into_iter().filter(move |p| fits(*p, now));
        let name = |place: f64| figure.with_untracked(|figure| figure.x.scale.name(place));
        let option = |place: f64| {
            view! { <option value=place.to_string() selected=chosen(now) == place>{name(place)}</option> }
        };
        places.map(option).collect_view()
    };
    let value = |text: String| text.parse::<f64>().unwrap_or_default();
    view! {
        <Show when=move || places.with(|places| places.len() > 2)>
            <span class="zoom" role="group" aria-label="Range of lengths">
                <select
                    class="short"
                    data-testid="zoom-from"
                    aria-label="From"
                    on:change:target=move |event| set(value(event.target().value()), ends().1)
                >
                    {move || options(|(low, _)| low, |place, (_, high)| place < high)}
                </select>
                "–"
                <select
                    class="short"
                    data-testid="zoom-to"
                    aria-label="To"
                    on:change:target=move |event| set(ends().0, value(event.target().value()))
                >
                    {move || options(|(_, high)| high, |place, (low, _)| place > low)}
                </select>
                <button
                    class="quiet"
                    data-testid="zoom-reset"
                    disabled=move || range.get().is_none()
                    on:click=move |_| range.set(None)
                >
                    "All lengths"
                </button>
            </span>
        </Show>
    }
}

/// The lengths of a chart over lengths; no other chart has a part.
fn lengths(figure: &Figure) -> Vec<f64> {
    match (figure.kind, &figure.x.scale) {
        (FigureKind::Lines, AxisScale::Log2 { .. }) => figure.places(),
        _ => Vec::new(),
    }
}
