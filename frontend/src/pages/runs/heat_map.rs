//! Tasks by lengths: how good, of how many, how sure.

use fathom_shared::api::RunView;
use fathom_shared::task;
use leptos::ev::KeyboardEvent;
use leptos::html::Table;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::super::display;
use super::SetRunQuery;
use super::model::{RunQuery, step};
use crate::state::heat_map::{HeatSquare, RunHeatMap};

/// From this share of the scale on, white is easier to read on the colour than black, or black
/// than white at night: either way the contrast stays above 4.5.
pub(super) const FLIP: f64 = 0.695;

/// The scores by task and length, as a table to choose a cell from.
#[component]
pub(super) fn HeatMap(
    heat: RwSignal<RunHeatMap>,
    run: Memo<Option<RunView>>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let shape = Memo::new(move |_| heat.with(|heat| (heat.tasks.clone(), heat.lengths.clone())));
    // The map is one stop of the tabulator: the square that had the focus last, or is looked at.
    let stop = RwSignal::new(0_usize);
    let looked_at = Memo::new(move |_| {
        let cell = look.get().cell?;
        heat.with(|heat| heat.square_of(cell))
    });
    Effect::new(move |_| {
        shape.track();
        stop.set(looked_at.get().unwrap_or_default());
    });
    let node = NodeRef::<Table>::new();
    let walk = move |event: KeyboardEvent| {
        let (rows, columns) = shape.with_untracked(|(rows, columns)| (rows.len(), columns.len()));
        let far = event.ctrl_key() || event.meta_key();
        let next = step(stop.get_untracked(), (rows, columns), &event.key(), far);
        let (Some(next), Some(node)) = (next, node.get_untracked()) else {
            return;
        };
        event.prevent_default();
        let square = node.query_selector(&format!("[data-at=\"{next}\"]"));
        let square = square.ok().flatten();
        if let Some(square) = square.and_then(|s| s.dyn_into::<web_sys::HtmlElement>().ok()) {
            // A square that is gone is not focused, and that is all.
            let _focused = square.focus();
        }
    };
    let columns = move || {
        let column = |length: u32| view! { <th scope="col">{display::count(length.into())}</th> };
        shape.with(|(_, lengths)| lengths.iter().map(|l| column(l.0)).collect_view())
    };
    let rows = move || {
        let (tasks, lengths) = shape.get();
        let row = |(number, task): (usize, String)| {
            let squares = (0..lengths.len()).map(|column| {
                let at = number * lengths.len() + column;
                view! { <td>{square(at, heat, stop, look, set_look)}</td> }
            });
            // Options of the task stand behind its id.
            let known = task::find(task.split(' ').next().unwrap_or_default());
            let title = known
                .map(|known| view! { <span>{known.title()}</span> })
                .ok();
            view! { <tr><th scope="row">{title}<code>{task}</code></th>{squares.collect_view()}</tr> }
        };
        tasks.into_iter().enumerate().map(row).collect_view()
    };
    view! {
        <section class="panel" aria-labelledby="map-title">
            <div class="head">
                <h2 id="map-title">"Scores"</h2>
                <SeedPicker run look set_look />
            </div>
            <div class="scroll">
                <table class="heat" role="grid" data-testid="heat" node_ref=node on:keydown=walk>
                    <caption class="sr-only">
                        "Mean score in percent by task and length, with its 95% interval and the number of answers. Use the arrow keys to move between cells and Enter to open a cell’s samples."
                    </caption>
                    <thead><tr><th scope="col" class="corner">"Task \\ tokens"</th>{columns}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="scale">
                <span>"0"</span><span class="ramp" aria-hidden="true"></span><span>"100"</span>
                <p class="hint">"Each cell shows the mean score in percent and its 95% interval (Wilson’s where every score is 0 or 1, otherwise a bootstrap), with the number of answers n below. Failures (✕) are not counted in the mean. The line at the bottom shows how many samples are finished; hatched cells have no answers."</p>
            </div>
        </section>
    }
}

/// The choice of all seeds together or one of them.
#[component]
fn SeedPicker(
    run: Memo<Option<RunView>>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let seeds = Memo::new(move |_| {
        run.with(|run| {
            run.as_ref()
                .map_or_else(Vec::new, |run| run.run_spec.grid.seeds.clone())
        })
    });
    let choose = move |text: String| {
        let seed = text.parse().ok();
        let next = look.get_untracked().at_cell(None);
        set_look.run(RunQuery { seed, ..next });
    };
    let options = move || {
        let option = |seed: u32| {
            let chosen = move || look.get().seed == Some(seed);
            view! { <option value=seed.to_string() selected=chosen>"Seed " {seed}</option> }
        };
        seeds.get().into_iter().map(option).collect_view()
    };
    view! {
        <Show when=move || seeds.with(|seeds| seeds.len() > 1)>
            <select class="short" data-testid="seed-shown" aria-label="Seeds" on:change:target=move |event| choose(event.target().value())>
                <option value="" selected=move || look.get().seed.is_none()>"All seeds"</option>
                {options}
            </select>
        </Show>
    }
}

fn square(
    at: usize,
    heat: RwSignal<RunHeatMap>,
    stop: RwSignal<usize>,
    look: Memo<RunQuery>,
    set_look: SetRunQuery,
) -> impl IntoView {
    let square = Memo::new(move |_| heat.with(|heat| heat.squares.get(at).cloned()));
    let of = move |tell: fn(&HeatSquare) -> String| {
        move || square.with(|square| square.as_ref().map_or_else(String::new, tell))
    };
    let says = Memo::new(move |_| {
        let told = square.with(|square| square.as_ref().map(HeatSquare::says));
        format!(
            "{}: {}",
            heat.with(|heat| heat.name(at)),
            told.unwrap_or_default()
        )
    });
    let mean = move || square.with(|square| square.as_ref()?.summary.mean);
    let holds =
        move |cell: u32| square.with(|s| s.as_ref().is_some_and(|s| s.cells.contains(&cell)));
    let current = move || look.get().cell.filter(|cell| holds(*cell)).map(|_| "true");
    let open = move |_| {
        let cell = square.with_untracked(|square| square.as_ref()?.cells.first().copied());
        set_look.run(look.get_untracked().at_cell(cell));
    };
    view! {
        <button
            class="square"
            data-testid="square"
            data-at=at
            data-known=move || mean().is_some().to_string()
            data-high=move || mean().is_some_and(|mean| mean >= FLIP).to_string()
            style=of(style)
            title=says
            aria-current=current
            tabindex=move || if stop.get() == at { "0" } else { "-1" }
            on:focus=move |_| stop.set(at)
            on:click=open
        >
            // What is read aloud says more than there is room to show.
            <span class="sr-only">{says}</span>
            <span aria-hidden="true">
                <b>{of(|square| square.summary.mean.map_or_else(|| "–".to_owned(), display::percent))}</b>
                <small data-testid="interval">{of(interval)}</small>
            </span>
            <small aria-hidden="true">{of(below)}</small>
            <span class="foot-line" aria-hidden="true"></span>
        </button>
    }
}

/// How good and how far, for style sheets.
fn style(square: &HeatSquare) -> String {
    let summary = square.summary;
    let through = f64::from(summary.answered + summary.failed) / f64::from(summary.asked.max(1));
    let mean = summary.mean.unwrap_or_default();
    format!(
        "--mean:{:.1}%;--through:{:.1}%",
        mean * 100.0,
        through * 100.0
    )
}

/// The interval of the mean, as short as can be: `53–98`.
fn interval(square: &HeatSquare) -> String {
    let interval = square.summary.interval;
    interval.map_or_else(String::new, |interval| {
        let (low, high) = (interval.low * 100.0, interval.high * 100.0);
        format!("{low:.0}–{high:.0}")
    })
}

/// How many answers stand behind a score, and how many failures beside it.
fn below(square: &HeatSquare) -> String {
    let summary = square.summary;
    let failed = match summary.failed {
        0 => String::new(),
        failed => format!(" · {failed} ✕"),
    };
    match (summary.answered, summary.asked) {
        (0, asked) => format!("0/{asked}{failed}"),
        (answered, asked) if answered + summary.failed < asked => {
            format!("n {answered}/{asked}{failed}")
        }
        _ => format!("n {}{failed}", summary.n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::stats::Summary;
    use fathom_shared::stats::wilson::wilson;

    #[test]
    fn a_square_tells_its_mean_and_progress() {
        let square = |answered, failed, mean| {
            let mut square = HeatSquare::default();
            square.summary = Summary {
                asked: 8,
                answered,
                failed,
                n: answered,
                mean,
                interval: None,
            };
            square
        };
        let half = square(3, 1, Some(0.875));
        assert_eq!(style(&half), "--mean:87.5%;--through:50.0%");
        assert_eq!(below(&half), "n 3/8 · 1 ✕");
        assert_eq!(interval(&half), "");
        let mut sure = half;
        sure.summary.interval = wilson(7, 8);
        assert_eq!(interval(&sure), "53–98");
        assert_eq!(below(&square(8, 0, Some(1.0))), "n 8");
        assert_eq!(below(&square(0, 0, None)), "0/8");
        assert_eq!(style(&HeatSquare::default()), "--mean:0.0%;--through:0.0%");
    }
}
