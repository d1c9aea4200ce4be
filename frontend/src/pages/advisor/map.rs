//! The decision map: where the model is on it, and what would change the verdict.

use std::sync::Arc;

use leptos::prelude::*;

use super::AdviceShown;
use crate::ui::chart::{Chart, ChartSize};

/// The decision map with its sentence.
#[component]
pub(super) fn MapPanel(advised: AdviceShown) -> impl IntoView {
    let map = Memo::new(move |_| advised.with(|one| one.as_ref()?.map.clone()));
    let figure = Memo::new(move |_| {
        let figure = map.with(|map| map.as_ref().map(|map| map.figure.clone()));
        Arc::new(figure.unwrap_or_default())
    });
    let says = move || {
        map.with(|map| match map {
            Some(map) => map.says.clone(),
            None => "Enter how long the texts are: the map is drawn for that length.".to_owned(),
        })
    };
    let is_drawn = Memo::new(move |_| map.with(Option::is_some));
    view! {
        <section class="panel map" aria-labelledby="map-title">
            <h2 id="map-title">"Where it stands"</h2>
            <p data-testid="map-says">{says}</p>
            <Show when=move || is_drawn.get()>
                <Chart figure size=ChartSize::Square />
            </Show>
        </section>
    }
}
