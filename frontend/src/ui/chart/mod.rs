//! A figure on the page: drawn, walked through by keys, read as a table, saved.
//!
//! ```text
//! Figure --shared::chart::draw(width, hidden, range)--> Drawing --> SVG, places of the marks
//! ```

mod legend; // which series there are, and which are shown
mod picture; // an SVG as pixels
mod plot; // the drawing, and what is pointed at
mod save; // a chart as a file
mod zoom; // a part of the lengths

use std::sync::Arc;

use fathom_shared::chart::{ChartView, Figure, FigureKind, FigureTable, table};
use leptos::html::Div;
use leptos::prelude::*;

use legend::Legend;
use plot::Plot;
use save::Save;
use zoom::Zoom;

/// What is done with the address behind a mark.
pub(crate) type OpenHref = Callback<String>;

/// How large a chart is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum ChartSize {
    /// As most.
    #[default]
    Plain,
    /// One of several side by side.
    Small,
    /// For a wall or a projector.
    Large,
}

impl ChartSize {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Small => "small",
            Self::Large => "large",
        }
    }

    /// The height of text and of the plane, in pixels, for a room so wide.
    fn measures(self, width: f64) -> (f64, f64) {
        match self {
            Self::Plain => {
                let em = (width / 62.0).clamp(12.5, 16.0);
                (em, (width * 0.52).clamp(300.0, 460.0))
            }
            Self::Small => (12.5, (width * 0.78).clamp(220.0, 320.0)),
            Self::Large => {
                let em = (width / 52.0).clamp(13.0, 24.0);
                (em, (width * 0.5).clamp(320.0, 720.0))
            }
        }
    }
}

/// A figure with everything that can be done about it.
#[component]
pub(crate) fn Chart(
    /// What is shown.
    #[prop(into)]
    figure: Signal<Arc<Figure>>,
    /// How large.
    #[prop(optional)]
    size: ChartSize,
    /// Opens the address behind a mark.
    #[prop(optional)]
    open: Option<OpenHref>,
) -> impl IntoView {
    let width = RwSignal::new(720.0_f64);
    let hidden = RwSignal::new(Vec::<usize>::new());
    let range = RwSignal::new(None::<(f64, f64)>);
    let as_table = RwSignal::new(false);
    // Which series are off holds for these series; others begin afresh.
    let names = Memo::new(move |_| {
        let series = |figure: &Arc<Figure>| {
            let names = figure.series.iter().map(|series| series.name.clone());
            names.collect::<Vec<_>>()
        };
        figure.with(series)
    });
    Effect::new(move |_| {
        names.track();
        hidden.set(Vec::new());
        range.set(None);
    });
    let view = Memo::new(move |_| {
        let width = width.get();
        let (em, height) = size.measures(width);
        ChartView {
            width,
            em,
            height,
            hidden: hidden.get(),
            range: range.get(),
        }
    });
    let room = NodeRef::<Div>::new();
    plot::watch_width(room, width);
    let id = Memo::new(move |_| figure.with(|figure| figure.id.clone()));
    let title = move || figure.with(|figure| figure.title.clone());
    let about = move || figure.with(|figure| figure.about.clone());
    let empty = Memo::new(move |_| figure.with(|figure| figure.is_empty()));
    let rows = Memo::new(move |_| as_table.get().then(|| figure.with(|figure| table(figure))));
    let has_legend = move || {
        figure.with(|figure| figure.kind != FigureKind::Heat && !figure.series.is_empty())
            && !as_table.get()
    };
    view! {
        <figure class="chart" data-testid=move || format!("chart-{}", id.get()) data-size=size.name()>
            <figcaption>
                <h3 id=move || format!("{}-title", id.get())>{title}</h3>
                <div class="chart-tools" role="group" aria-label="What to do with the chart">
                    <Zoom figure range />
                    <button
                        class="quiet"
                        data-testid="as-table"
                        aria-pressed=move || as_table.get().to_string()
                        on:click=move |_| as_table.update(|on| *on = !*on)
                    >
                        "Table"
                    </button>
                    <Save figure view />
                </div>
            </figcaption>
            <Show when=has_legend><Legend figure hidden /></Show>
            <div class="chart-room" node_ref=room>
                <Show when=move || !as_table.get() && !empty.get()>
                    <Plot figure view open />
                </Show>
                {move || rows.get().map(as_rows)}
                <Show when=move || empty.get()><p class="note">"Nothing to show of this choice."</p></Show>
            </div>
            <p class="hint" id=move || format!("{}-about", id.get())>{about}</p>
        </figure>
    }
}

/// The figures as a table; it scrolls where it is longer than a screen.
fn as_rows(table: FigureTable) -> impl IntoView {
    let head = table.head.into_iter();
    let head = head.map(|name| view! { <th scope="col">{name}</th> });
    let row = |fields: Vec<String>| {
        let mut fields = fields.into_iter();
        let name = fields.next();
        let fields = fields.map(|field| view! { <td>{field}</td> });
        view! { <tr><th scope="row">{name}</th>{fields.collect_view()}</tr> }
    };
    view! {
        <div class="scroll chart-table" tabindex="0" role="group" aria-label="The chart’s figures">
            <table data-testid="chart-table">
                <thead><tr>{head.collect_view()}</tr></thead>
                <tbody>{table.rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
