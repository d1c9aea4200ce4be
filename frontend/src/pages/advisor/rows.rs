//! Figures, typed in: a line each.

use leptos::prelude::*;

use super::AdvisorFields;
use super::model::{CATEGORIES, FigureInput, PARTS, READINGS, word};
use crate::ui::coded_text::coded_message;

/// RULER's scores, by category and length.
#[component]
pub(super) fn RulerRows(typed: AdvisorFields) -> impl IntoView {
    let what = CATEGORIES.map(|(word, category)| {
        let name = category.map_or("mean of all tasks", |one| one.name());
        (word.to_owned(), name.to_owned())
    });
    let new = FigureInput {
        what: "hops".to_owned(),
        at: "128K".to_owned(),
        figure: String::new(),
    };
    view! { <FigureRows typed key="ruler" what=what.to_vec() at=None new /> }
}

/// RULER's scores with a position fix, by category and length.
#[component]
pub(super) fn PositionFixRows(typed: AdvisorFields) -> impl IntoView {
    let what = CATEGORIES.map(|(word, category)| {
        let name = category.map_or("mean of all tasks", |one| one.name());
        (word.to_owned(), name.to_owned())
    });
    let new = FigureInput {
        what: "hops".to_owned(),
        at: "128K".to_owned(),
        figure: String::new(),
    };
    view! { <FigureRows typed key="fixed" what=what.to_vec() at=None new /> }
}

/// Retrieval by depth and length.
#[component]
pub(super) fn DepthRows(typed: AdvisorFields) -> impl IntoView {
    let what = (0..=10).map(|tenth| {
        let depth = (tenth * 10).to_string();
        (depth.clone(), format!("depth {depth}%"))
    });
    let new = FigureInput {
        what: "50".to_owned(),
        at: "32K".to_owned(),
        figure: String::new(),
    };
    view! { <FigureRows typed key="depths" what=what.collect() at=None new /> }
}

/// LongBench v2's scores, by setting and part of the benchmark.
#[component]
pub(super) fn LongBenchRows(typed: AdvisorFields) -> impl IntoView {
    let what = READINGS.map(|one| (word(one), one.name().to_owned()));
    let at = PARTS.map(|(word, name)| (word.to_owned(), name.to_owned()));
    let new = FigureInput {
        what: "direct".to_owned(),
        at: "all".to_owned(),
        figure: String::new(),
    };
    view! { <FigureRows typed key="longbench" what=what.to_vec() at=Some(at.to_vec()) new /> }
}

type SelectOptions = Vec<(String, String)>;

/// A list of figures, a row each, to which rows are added and from which they are removed.
#[component]
fn FigureRows(
    typed: AdvisorFields,
    key: &'static str,
    what: SelectOptions,
    at: Option<SelectOptions>,
    new: FigureInput,
) -> impl IntoView {
    let rows = Memo::new(move |_| typed.form.with(|form| form.rows(key)));
    let change = move |change: &dyn Fn(&mut Vec<FigureInput>)| {
        let form = typed.form.get_untracked();
        let mut rows = form.rows(key);
        change(&mut rows);
        typed.set.run(form.with_rows(key, &rows));
    };
    let row = move |number: usize| {
        let part = move |of: fn(&FigureInput) -> &str| {
            Signal::derive(move || {
                rows.with(|rows| {
                    rows.get(number)
                        .map_or_else(String::new, |row| of(row).to_owned())
                })
            })
        };
        let set = move |of: fn(&mut FigureInput) -> &mut String, text: String| {
            change(&|rows| {
                if let Some(row) = rows.get_mut(number) {
                    of(row).clone_from(&text);
                }
            });
        };
        let fault = typed.fault(format!("{key}-{number}"));
        let place = match &at {
            Some(at) => list("Part of the benchmark", format!("{key}-at-{number}"), at, part(|row| &row.at), move |text| set(|row| &mut row.at, text)),
            None => view! {
                <input aria-label="Length in tokens" data-testid=format!("{key}-at-{number}") autocomplete="off"
                    prop:value=part(|row| &row.at) on:input:target=move |event| set(|row| &mut row.at, event.target().value()) />
            }.into_any(),
        };
        view! {
            <li class="row">
                {list("What was measured", format!("{key}-what-{number}"), &what, part(|row| &row.what), move |text| set(|row| &mut row.what, text))}
                {place}
                <input aria-label="Percent, and number of samples" placeholder="61.5/500" data-testid=format!("{key}-figure-{number}") autocomplete="off"
                    aria-invalid=move || fault.get().is_some().to_string()
                    prop:value=part(|row| &row.figure) on:input:target=move |event| set(|row| &mut row.figure, event.target().value()) />
                <button class="quiet" type="button" aria-label=format!("Remove figure {}", number + 1)
                    on:click=move |_| change(&|rows| { rows.remove(number); })>"×"</button>
                <p class="fault" role="alert">{coded_message(fault)}</p>
            </li>
        }
    };
    let numbers = move || 0..rows.with(Vec::len);
    view! {
        <ul class="rows"><For each=numbers key=|number| *number children=row /></ul>
        <button type="button" data-testid=format!("add-{key}") on:click=move |_| change(&|rows| rows.push(new.clone()))>"Add a figure"</button>
    }
}

fn list(
    label: &'static str,
    id: String,
    options: &SelectOptions,
    value: Signal<String>,
    set: impl Fn(String) + 'static,
) -> AnyView {
    let option = |(word, told): &(String, String)| {
        let its = word.clone();
        view! { <option value=word.clone() selected=move || value.with(|value| *value == its)>{told.clone()}</option> }
    };
    let options = options.iter().map(option).collect_view();
    // Once someone has chosen, an option's mark alone does not move the choice any more.
    view! { <select aria-label=label data-testid=id prop:value=value on:change:target=move |event| set(event.target().value())>{options}</select> }.into_any()
}
