//! The samples of one cell of the map.

use fathom_shared::api::{RowState, RowView};
use fathom_shared::run::SampleKey;
use fathom_shared::transcript::TextlessAnswer;
use leptos::html::Section;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::super::display;
use super::heat_map::FLIP;
use super::model::{RunQuery, SampleFilter, part};
use super::{SetRunQuery, bring_into_view};
use crate::state::heat_map::RunHeatMap;
use crate::state::run_state::RunState;
use crate::state::server::ServerState;

/// The samples of the chosen cell, with a filter.
#[component]
pub(super) fn SamplesPanel(
    heat: RwSignal<RunHeatMap>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let cells = Memo::new(move |_| {
        let cell = look.get().cell?;
        heat.with(|heat| {
            let at = heat.square_of(cell)?;
            Some((heat.name(at), heat.squares[at].cells.clone()))
        })
    });
    let choose = move |name: String| {
        let next = look.get_untracked();
        set_look.run(RunQuery {
            only: SampleFilter::find(&name),
            ..next
        });
    };
    let lists = move || {
        let cells = cells.get().map_or_else(Vec::new, |(_, cells)| cells);
        let several = cells.len() > 1;
        let list = |cell| view! { <CellSamples cell several look set_look /> };
        cells.into_iter().map(list).collect_view()
    };
    let node = NodeRef::<Section>::new();
    let at = Memo::new(move |_| look.get().cell);
    Effect::new(move |before: Option<Option<u32>>| {
        let now = at.get();
        // An address that is opened shows its beginning.
        if now.is_some()
            && before.is_some_and(|before| before != now)
            && let Some(node) = node.get_untracked()
        {
            bring_into_view(node.into());
        }
        now
    });
    view! {
        <section class="panel" aria-labelledby="samples-title" data-testid="samples" node_ref=node>
            <div class="head">
                <h2 id="samples-title" aria-live="polite">
                    {move || cells.get().map_or_else(|| "Samples".to_owned(), |(name, _)| name)}
                </h2>
                <Show when=move || cells.with(Option::is_some)>
                    <select class="short" aria-label="Which samples" data-testid="only"
                        on:change:target=move |event| choose(event.target().value())>
                        {SampleFilter::ALL.map(|only| view! {
                            <option value=only.name() selected=move || look.get().only == only>{only.title()}</option>
                        }).collect_view()}
                    </select>
                </Show>
            </div>
            <Show when=move || cells.with(Option::is_none)>
                <p class="hint">"Choose a cell above to see its samples."</p>
            </Show>
            {lists}
        </section>
    }
}

/// The samples of one cell; of a long list, the part around the open one.
#[component]
fn CellSamples(
    cell: u32,
    several: bool,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let server: ServerState = expect_context();
    let only = Memo::new(move |_| look.get().only);
    let open = Memo::new(move |_| look.get().place().filter(|place| place.cell == cell));
    let rows = Memo::new(move |_| {
        let only = only.get();
        server.run.with(|run| {
            run.as_ref()
                .map_or_else(Vec::new, |(_, run)| kept(run, cell, only))
        })
    });
    let from = RwSignal::new(0_usize);
    Effect::new(move |_| {
        let at = open.get().and_then(|open| {
            rows.with_untracked(|rows| rows.iter().position(|row| row.place == open))
        });
        if at.is_some() {
            from.set(part(usize::MAX, at).start);
        }
    });
    let range = Memo::new(move |_| part(rows.with(Vec::len), Some(from.get())));
    let shown = move || rows.with(|rows| rows[range.get()].to_vec());
    let title = move || {
        server.run.with(|run| {
            let spec = run.as_ref()?.1.run.as_ref()?.run_spec.grid.cell(cell)?;
            Some(format!("Seed {}", spec.random_seed))
        })
    };
    let told = move || {
        let (range, len) = (range.get(), rows.with(Vec::len));
        match len {
            0 => "No samples.".to_owned(),
            len if range.len() < len => format!("{} to {} of {len}", range.start + 1, range.end),
            _ => String::new(),
        }
    };
    let first = Memo::new(move |_| {
        let open = open.get().map(|open| open.sample);
        rows.with(|rows| {
            let part = &rows[range.get()];
            let held = part.iter().find(|row| Some(row.place.sample) == open);
            held.or(part.first()).map(|row| row.place.sample)
        })
    });
    let turn = move |forward: bool| {
        let range = range.get_untracked();
        let step = super::model::SHOWN;
        from.set(match forward {
            true => range.end,
            false => range.start.saturating_sub(step),
        });
    };
    view! {
        {several.then(|| view! { <h3>{title}</h3> })}
        <ul class="squares" on:keydown=walk>
            <For each=shown key=SampleRowKey::of let(row)>{button(row, first, open, look, set_look)}</For>
        </ul>
        <div class="inline">
            <p class="hint">{told}</p>
            <Show when=move || range.get().len() < rows.with(Vec::len)>
                <button class="quiet" disabled=move || range.get().start == 0 on:click=move |_| turn(false)>"Before"</button>
                <button class="quiet" disabled=move || range.get().end == rows.with(Vec::len) on:click=move |_| turn(true)>"After"</button>
            </Show>
        </div>
    }
}

/// A sample's button stays the same element as long as this does.
#[derive(PartialEq, Eq, Hash)]
struct SampleRowKey(SampleKey, &'static str, u32);

impl SampleRowKey {
    fn of(row: &RowView) -> Self {
        Self(row.place, word(row.state), row.attempts)
    }
}

fn word(state: RowState) -> &'static str {
    match state {
        RowState::Open => "open",
        RowState::Leased => "leased",
        RowState::Answered => "answered",
        RowState::Failed => "failed",
    }
}

fn kept(run: &RunState, cell: u32, only: SampleFilter) -> Vec<RowView> {
    let Some(view) = &run.run else {
        return Vec::new();
    };
    let grid = &view.run_spec.grid;
    let samples = grid.first..grid.first.saturating_add(grid.count);
    let rows = samples.filter_map(|sample| run.row(SampleKey { cell, sample }));
    rows.filter(|row| only.keeps(row)).collect()
}

/// The list is one stop of the tabulator; within it the arrows go from sample to sample.
fn walk(event: leptos::ev::KeyboardEvent) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(item) = target.and_then(|target| target.closest("li").ok().flatten()) else {
        return;
    };
    let list = item.parent_element();
    let next = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => item.next_element_sibling(),
        "ArrowLeft" | "ArrowUp" => item.previous_element_sibling(),
        "Home" => list.and_then(|list| list.first_element_child()),
        "End" => list.and_then(|list| list.last_element_child()),
        _ => return,
    };
    event.prevent_default();
    let button = next.and_then(|next| next.first_element_child());
    if let Some(button) = button.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A button that is gone is not focused, and that is all.
        let _focused = button.focus();
    }
}

fn button(
    row: RowView,
    first: Memo<Option<u32>>,
    open: Memo<Option<SampleKey>>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let place = row.place;
    let (says, score) = (says(&row), row.score);
    let shows = match (row.state, score) {
        (RowState::Failed, _) => "✕".to_owned(),
        (RowState::Leased, _) => "…".to_owned(),
        (_, Some(score)) => format!("{:.0}", score * 100.0),
        _ => "·".to_owned(),
    };
    view! {
        <li>
            <button
                data-testid="sample"
                data-state=word(row.state)
                data-high=score.is_some_and(|score| score >= FLIP).to_string()
                style=format!("--mean:{:.1}%", score.unwrap_or_default() * 100.0)
                title=says.clone()
                aria-label=says
                aria-current=move || (open.get() == Some(place)).then_some("true")
                tabindex=move || if first.get() == Some(place.sample) { "0" } else { "-1" }
                on:click=move |_| set_look.run(look.get_untracked().at_place(place))
            >
                {shows}
            </button>
        </li>
    }
}

fn says(row: &RowView) -> String {
    let sample = row.place.sample;
    let again = match row.attempts {
        0 | 1 => String::new(),
        attempts => format!(", {attempts} attempts"),
    };
    match (row.state, row.score, row.failure) {
        (RowState::Open, ..) => format!("Sample {sample}: not answered yet{again}"),
        (RowState::Leased, ..) => format!("Sample {sample}: being answered{again}"),
        (_, Some(score), _) => format!(
            "Sample {sample}: score {}{}{again}",
            display::percent(score),
            match (row.textless, row.end_alone) {
                (_, true) => ", an end of reasoning without its beginning",
                (Some(TextlessAnswer::Thinking), _) => ", reasoning only",
                (Some(TextlessAnswer::Empty), _) => ", an empty answer",
                (None, _) => "",
            }
        ),
        (_, None, Some(kind)) => {
            format!("Sample {sample}: failed, {}{again}", display::failure(kind))
        }
        (_, None, None) => format!("Sample {sample}: failed{again}"),
    }
}
