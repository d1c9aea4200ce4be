//! Which part is shown, and which published models are shown alongside.

use fathom_shared::published::{longbench, ruler};
use fathom_shared::task::RulerCategory;
use leptos::prelude::*;

use super::super::display;
use super::SetResultsQuery;
use super::model::{ALL_BY, ResultsQuery, ResultsView, RulerSelection, by_word};
use crate::state::results::ResultsState;

/// What the view shows: task or category, lengths, groups and published lines.
#[component]
pub(super) fn SelectionPanel(look: Memo<ResultsQuery>, set_look: SetResultsQuery) -> impl IntoView {
    let shown = Memo::new(move |_| look.with(|look| look.shown));
    let is = move |any: &'static [ResultsView]| move || any.contains(&shown.get());
    view! {
        <div class="chosen" role="group" aria-label="Choose what to show">
            <Show when=is(&[ResultsView::Overview, ResultsView::Lengths, ResultsView::Depth, ResultsView::Checkpoints])><RulerPicker look set_look /></Show>
            <Show when=is(&[ResultsView::Overview, ResultsView::Lengths, ResultsView::Gap, ResultsView::Categories, ResultsView::Depth, ResultsView::Checkpoints])>
                <LengthPicker look set_look />
            </Show>
            <Show when=is(&[ResultsView::Overview, ResultsView::Longbench])><GroupPicker look set_look /></Show>
            <Show when=is(&[ResultsView::Overview, ResultsView::Lengths])><PublishedPicker look set_look of=PublishedTable::Ruler /></Show>
            <Show when=is(&[ResultsView::Overview, ResultsView::Longbench, ResultsView::Thinking])><PublishedPicker look set_look of=PublishedTable::Longbench /></Show>
        </div>
    }
}

/// The category or the task of RULER that is shown.
#[component]
fn RulerPicker(look: Memo<ResultsQuery>, set_look: SetResultsQuery) -> impl IntoView {
    let choose = move |word: String| {
        let of = RulerSelection::read(&word);
        set_look.run(ResultsQuery {
            of,
            ..look.get_untracked()
        });
    };
    let option = move |of: RulerSelection| {
        let (word, title) = (of.word(), of.title());
        let chosen = move || look.with(|look| look.of == of);
        view! { <option value=word selected=chosen>{title}</option> }
    };
    let categories = RulerCategory::ALL.map(|category| option(RulerSelection::Category(category)));
    let tasks: Vec<_> = fathom_shared::task::ruler::tasks()
        .map(|task| option(RulerSelection::Task(task.id().to_owned())))
        .collect();
    view! {
        <label>
            <span>"Scores"</span>
            <select data-testid="of" on:change:target=move |event| choose(event.target().value())>
                {option(RulerSelection::All)}
                <optgroup label="Category">{categories.collect_view()}</optgroup>
                <optgroup label="Task">{tasks.collect_view()}</optgroup>
            </select>
        </label>
    }
}

/// The range of lengths; for checkpoints, up to which length a text is short.
#[component]
fn LengthPicker(look: Memo<ResultsQuery>, set_look: SetResultsQuery) -> impl IntoView {
    let results: ResultsState = expect_context();
    let lengths = Memo::new(move |_| {
        let mut lengths: Vec<u32> = ruler::LENGTHS.iter().map(|length| length.0).collect();
        results.held.with(|held| {
            let cells = held.iter().flat_map(|digest| &digest.cells);
            lengths.extend(cells.filter_map(|cell| Some(cell.length?.0)));
        });
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    });
    let picker = move |title: &'static str,
                       id: &'static str,
                       any: &'static str,
                       get: fn(&ResultsQuery) -> Option<u32>,
                       set: fn(&mut ResultsQuery, Option<u32>)| {
        let options = move || {
            let option = |length: u32| {
                let chosen = move || look.with(|look| get(look) == Some(length));
                view! { <option value=length.to_string() selected=chosen>{display::count(length.into())}</option> }
            };
            lengths.get().into_iter().map(option).collect_view()
        };
        let choose = move |text: String| {
            let mut next = look.get_untracked();
            set(&mut next, text.parse().ok());
            set_look.run(next);
        };
        view! {
            <label>
                <span>{title}</span>
                <select data-testid=id on:change:target=move |event| choose(event.target().value())>
                    <option value="" selected=move || look.with(|look| get(look).is_none())>{any}</option>
                    {options}
                </select>
            </label>
        }
    };
    view! {
        {picker("From length", "from-length", "shortest", |look| look.from, |look, from| look.from = from)}
        {picker("To length", "to-length", "longest", |look| look.to, |look, to| look.to = to)}
        <Show when=move || look.with(|look| look.shown == ResultsView::Checkpoints)>
            {picker("Short means up to", "short-length", "the first set’s shortest", |look| look.short, |look, short| look.short = short)}
        </Show>
    }
}

/// What LongBench's questions are grouped by.
#[component]
fn GroupPicker(look: Memo<ResultsQuery>, set_look: SetResultsQuery) -> impl IntoView {
    let choose = move |word: String| {
        let by = ALL_BY.into_iter().find(|by| by_word(*by) == word);
        set_look.run(ResultsQuery {
            by: by.unwrap_or_default(),
            ..look.get_untracked()
        });
    };
    let options = ALL_BY.map(|by| {
        let chosen = move || look.with(|look| look.by == by);
        view! { <option value=by_word(by) selected=chosen>{by_word(by)}</option> }
    });
    view! {
        <label>
            <span>"LongBench grouped by"</span>
            <select data-testid="by" on:change:target=move |event| choose(event.target().value())>{options.collect_view()}</select>
        </label>
    }
}

/// A published table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PublishedTable {
    Ruler,
    Longbench,
}

impl PublishedTable {
    fn all(self) -> Vec<String> {
        match self {
            Self::Ruler => ruler::board()
                .iter()
                .skip(1)
                .map(ruler::RulerTableLine::name)
                .collect(),
            Self::Longbench => {
                // People and chance are always there.
                let board = longbench::board().into_iter();
                board
                    .filter(|line| !line.date.is_empty())
                    .map(|line| line.name())
                    .collect()
            }
        }
    }

    fn shown(self, look: &ResultsQuery) -> Vec<String> {
        match self {
            Self::Ruler => look
                .ruler_lines()
                .iter()
                .map(ruler::RulerTableLine::name)
                .collect(),
            Self::Longbench => look
                .board_lines()
                .iter()
                .map(longbench::LeaderboardLine::name)
                .collect(),
        }
    }
}

/// Which lines of a published table are shown alongside.
#[component]
fn PublishedPicker(
    look: Memo<ResultsQuery>,
    set_look: SetResultsQuery,
    of: PublishedTable,
) -> impl IntoView {
    let shown = Memo::new(move |_| look.with(|look| of.shown(look)));
    let set = move |names: Option<Vec<String>>| {
        let look = look.get_untracked();
        set_look.run(match of {
            PublishedTable::Ruler => ResultsQuery {
                ruler: names,
                ..look
            },
            PublishedTable::Longbench => ResultsQuery {
                board: names,
                ..look
            },
        });
    };
    let toggle = move |name: &str| {
        let mut names = shown.get_untracked();
        match names.iter().position(|one| one == name) {
            Some(at) => {
                names.remove(at);
            }
            None => names.push(name.to_owned()),
        }
        set(Some(names));
    };
    let (title, id, source) = match of {
        PublishedTable::Ruler => ("Published RULER", "published-ruler", ruler::SOURCE),
        PublishedTable::Longbench => (
            "Published LongBench v2",
            "published-longbench",
            longbench::SOURCE,
        ),
    };
    let boxes = of.all().into_iter().map(move |name| {
        let checked = {
            let name = name.clone();
            move || shown.with(|shown| shown.contains(&name))
        };
        let told = name.clone();
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=checked on:change=move |_| toggle(&name) />
                {told}
            </label>
        }
    });
    view! {
        <details class="published" data-testid=id>
            <summary>{title} ": " {move || shown.with(Vec::len)} " shown"</summary>
            <div class="inline">
                <button class="quiet" on:click=move |_| set(Some(Vec::new()))>"None"</button>
                <button class="quiet" on:click=move |_| set(None)>"Reset to the defaults"</button>
                <span class="hint">{source}</span>
            </div>
            <div class="boxes">{boxes.collect_view()}</div>
        </details>
    }
}
