//! A figure on the page: drawn, walked through by keys, read as a table, saved.
//!
//! ```text
//! Figure --shared::chart::draw(width, hidden, range)--> Drawing --> SVG, places of the marks
//! ```

mod legend; // the legend, with toggles for series
mod picture; // renders an SVG as an image
mod plot; // the drawing, with pointing by mouse, touch and keys
mod save; // saves a chart as SVG, PNG or CSV
mod zoom; // zooms to a range of lengths

use std::sync::Arc;

use fathom_shared::chart::{ChartView, Figure, FigureKind, FigureTable, table};
use leptos::html::Div;
use leptos::prelude::*;

use crate::ui::stage::{Stage, StageMode, StageTools};
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
    /// About as high as wide.
    Square,
}

impl ChartSize {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Small => "small",
            Self::Large => "large",
            Self::Square => "square",
        }
    }

    /// The height of text and of the drawing, in pixels, for a room so wide, or so wide and high
    /// where the chart is shown alone.
    fn measures(self, width: f64, alone: Option<(StageMode, f64)>) -> (f64, f64) {
        if let Some((mode, height)) = alone {
            let (wide, largest) = match mode {
                StageMode::Present => (64.0, 28.0),
                StageMode::Embed => (62.0, 16.0),
            };
            return ((width / wide).clamp(12.5, largest), height.max(200.0));
        }
        match self {
            Self::Plain => {
                let em = (width / 62.0).clamp(12.5, 16.0);
                (em, (width * 0.52).clamp(300.0, 460.0))
            }
            Self::Square => {
                let em = (width / 50.0).clamp(12.5, 16.0);
                (em, (width * 0.82).clamp(320.0, 620.0))
            }
            Self::Small => (12.5, (width * 0.78).clamp(220.0, 320.0)),
            Self::Large => {
                // On a page as others are; on a wall, twice as high.
                let em = (width / 70.0).clamp(13.0, 24.0);
                (em, (width * 0.5).clamp(320.0, 720.0))
            }
        }
    }
}

/// A figure as a chart, with its legend, its table and the buttons that save it.
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
    let stage: Stage = expect_context();
    let (width, height) = (RwSignal::new(720.0_f64), RwSignal::new(400.0_f64));
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
    let id = Memo::new(move |_| figure.with(|figure| figure.id.clone()));
    let alone = Memo::new(move |_| id.with(|id| stage.mode_of(id)));
    let view = Memo::new(move |_| {
        let width = width.get();
        let alone = alone.get().map(|mode| (mode, height.get()));
        let (em, height) = size.measures(width, alone);
        ChartView {
            width,
            em,
            height,
            hidden: hidden.get(),
            range: range.get(),
        }
    });
    let room = NodeRef::<Div>::new();
    plot::watch_size(room, width, height);
    let title = move || figure.with(|figure| figure.title.clone());
    let about = move || figure.with(|figure| figure.about.clone());
    let empty = Memo::new(move |_| figure.with(|figure| figure.is_empty()));
    let rows = Memo::new(move |_| as_table.get().then(|| figure.with(|figure| table(figure))));
    let has_legend = move || {
        figure.with(|figure| figure.kind != FigureKind::Heat && !figure.series.is_empty())
            && !as_table.get()
    };
    view! {
        <figure class="chart" data-testid=move || format!("chart-{}", id.get()) data-size=size.name()
            data-stage=id data-on-stage=move || alone.get().map(|_| "")>
            <figcaption>
                <h3 id=move || format!("{}-title", id.get())>{title}</h3>
                <div class="chart-tools" role="group" aria-label="Chart actions">
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
                    <StageTools name=id title=Signal::derive(title) />
                </div>
            </figcaption>
            <Show when=has_legend><Legend figure hidden /></Show>
            <div class="chart-room" node_ref=room>
                <Show when=move || !as_table.get() && !empty.get()>
                    <Plot figure view open />
                </Show>
                {move || rows.get().map(as_rows)}
                <Show when=move || empty.get()><p class="note">"Nothing to show for this selection."</p></Show>
            </div>
            <p class="hint" id=move || format!("{}-about", id.get())>{about}</p>
            {move || alone.get().map(|_| view! { <p class="hint" data-testid="figure-sources">{figure.with(sources)}</p> })}
        </figure>
    }
}

/// Where the figures come from, each source once, as a chart that stands alone has to say it.
fn sources(figure: &Arc<Figure>) -> String {
    let mut sources: Vec<&str> = Vec::new();
    for series in &figure.series {
        if !sources.contains(&series.source.as_str()) {
            sources.push(&series.source);
        }
    }
    format!("Source: {}.", sources.join("; ").trim_end_matches('.'))
}

/// Brings the figures of a column to one number of decimals; says which columns hold figures.
fn aligned(table: &mut FigureTable) -> Vec<bool> {
    let decimals = |field: &String| {
        field.parse::<f64>().ok()?;
        Some(field.split_once('.').map_or(0, |(_, told)| told.len()))
    };
    let column = |at: usize| {
        let fields = table.rows.iter().filter_map(|row| row.get(at));
        let most = fields.filter_map(decimals).max();
        if let Some(most) = most {
            for field in table.rows.iter_mut().filter_map(|row| row.get_mut(at)) {
                if let Ok(value) = field.parse::<f64>() {
                    *field = format!("{value:.most$}");
                }
            }
        }
        most.is_some()
    };
    (0..table.head.len()).map(column).collect()
}

/// The figures as a table; it scrolls where it is longer than a screen.
fn as_rows(mut table: FigureTable) -> impl IntoView {
    let numbers = aligned(&mut table);
    let is_number = |at: usize| numbers.get(at) == Some(&true);
    let head = table.head.into_iter().enumerate();
    let head =
        head.map(|(at, name)| view! { <th scope="col" class:number=is_number(at)>{name}</th> });
    let row = |fields: Vec<String>| {
        let mut fields = fields.into_iter().enumerate();
        let name = fields.next().map(|(_, name)| name);
        let fields =
            fields.map(|(at, field)| view! { <td class:number=is_number(at)>{field}</td> });
        view! { <tr><th scope="row">{name}</th>{fields.collect_view()}</tr> }
    };
    view! {
        <div class="scroll chart-table" tabindex="0" role="group" aria-label="Chart data">
            <table data-testid="chart-table">
                <thead><tr>{head.collect_view()}</tr></thead>
                <tbody>{table.rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_column_have_one_precision() {
        let row = |fields: [&str; 4]| fields.map(str::to_owned).to_vec();
        let mut table = FigureTable {
            head: row(["Series", "Length", "Score", "n"]),
            rows: vec![row(["a", "4K", "30", "500"]), row(["b", "8K", "50.1", ""])],
        };
        assert_eq!(aligned(&mut table), [false, false, true, true]);
        assert_eq!(table.rows[0], ["a", "4K", "30.0", "500"]);
        assert_eq!(table.rows[1], ["b", "8K", "50.1", ""]);
    }
}
