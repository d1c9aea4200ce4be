//! A chart as a file: SVG, PNG, CSV.

use std::sync::Arc;

use fathom_shared::chart::{ChartView, Figure, csv, standalone};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::picture;
use crate::ui::save;

/// The buttons that save a chart as SVG, PNG or CSV.
#[component]
pub(super) fn Save(figure: Signal<Arc<Figure>>, view: Memo<ChartView>) -> impl IntoView {
    let fault = RwSignal::new(None::<String>);
    let told = move |name: &str, saved: bool| {
        fault.set((!saved).then(|| format!("The browser could not save {name}.")));
    };
    let name = move |end: &str| format!("{}.{end}", figure.with_untracked(|f| f.id.clone()));
    let as_svg = move |_| {
        let svg = drawn(figure, view, "light dark");
        let name = name("svg");
        told(&name, save::save(&name, "image/svg+xml", &svg));
    };
    let as_csv = move |_| {
        let text = figure.with_untracked(|figure| csv(figure));
        let name = name("csv");
        told(&name, save::save(&name, "text/csv", &text));
    };
    let as_png = move |_| {
        let svg = drawn(figure, view, picture::scheme());
        let name = name("png");
        spawn_local(async move {
            match picture::png(&svg).await {
                Ok(blob) => told(&name, save::save_blob(&name, &blob)),
                Err(why) => fault.set(Some(format!("{name}: {why}."))),
            }
        });
    };
    view! {
        <button class="quiet" data-testid="save-svg" title="Save as SVG" on:click=as_svg>"SVG"</button>
        <button class="quiet" data-testid="save-png" title="Save as PNG" on:click=as_png>"PNG"</button>
        <button class="quiet" data-testid="save-csv" title="Save the data as CSV" on:click=as_csv>"CSV"</button>
        <span class="fault" role="alert">{fault}</span>
    }
}

fn drawn(figure: Signal<Arc<Figure>>, view: Memo<ChartView>, scheme: &str) -> String {
    figure.with_untracked(|figure| view.with_untracked(|view| standalone(figure, view, scheme)))
}
