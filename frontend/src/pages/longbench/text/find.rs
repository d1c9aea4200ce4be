//! Searching the text.

use std::time::Duration;

use fathom_shared::longbench::viewer::{SearchMatch, SearchMatches};
use leptos::html::Input;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::super::super::display;
use super::super::SetLongBenchQuery;
use super::super::model::LongBenchQuery;
use crate::state::library::QuestionLibrary;
use crate::ui::coded_text::coded;

/// Long enough that a word can be typed.
const PAUSE: Duration = Duration::from_millis(250);

/// The search in the text of a question.
#[component]
pub(super) fn FindBar(
    number: u32,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
    found: RwSignal<Option<SearchMatches>>,
    go: Callback<usize>,
    field: NodeRef<Input>,
) -> impl IntoView {
    let library: QuestionLibrary = expect_context();
    let fault = RwSignal::new(None::<String>);
    let wanted = Memo::new(move |_| look.get().find);
    let pause = StoredValue::new_local(None::<TimeoutHandle>);
    // Towards the text: what is searched follows from the address.
    Effect::new(move |_| {
        let words = wanted.get();
        if words.trim().is_empty() {
            found.set(None);
            fault.set(None);
            return;
        }
        library.find(number, words.clone(), move |got| {
            if wanted.try_get_untracked() != Some(words) {
                return;
            }
            match got {
                Ok(got) => {
                    found.set(Some(got));
                    fault.set(None);
                }
                Err(message) => fault.set(Some(message)),
            }
        });
    });
    let typed = move |words: String| {
        let due = set_timeout_with_handle(
            move || {
                let look = look.get_untracked();
                set_look.run(LongBenchQuery {
                    find: words,
                    ..look
                });
            },
            PAUSE,
        );
        pause.update_value(|pause| {
            if let Some(earlier) = std::mem::replace(pause, due.ok()) {
                earlier.clear();
            }
        });
    };
    let step = move |forward: bool| {
        let at = look.get_untracked().at.unwrap_or_default();
        let next = found.with_untracked(|found| {
            let places = &found.as_ref()?.places;
            let starts = places.iter().map(|place| place.bytes.start);
            let next = match forward {
                true => starts.clone().find(|start| *start > at),
                false => starts.clone().rev().find(|start| *start < at),
            };
            let round = if forward {
                places.first()
            } else {
                places.last()
            };
            next.or(round.map(|place| place.bytes.start))
        });
        if let Some(next) = next {
            go.run(next as usize);
        }
    };
    let told = move || {
        found.with(|found| {
            let found = found.as_ref()?;
            let total = display::count(found.total.into());
            let kept = found.places.len();
            Some(match found.total as usize {
                0 => "not found".to_owned(),
                all if all > kept => format!("{total} matches, the first {kept} are highlighted"),
                1 => "once".to_owned(),
                _ => format!("{total} matches"),
            })
        })
    };
    let none = move || found.with(|found| found.as_ref().is_none_or(|f| f.places.is_empty()));
    let places = move || {
        let all = found.with(|found| found.as_ref().map(|found| found.places.clone()));
        let entry = |place: SearchMatch| {
            let at = place.bytes.start as usize;
            view! {
                <li>
                    <button class="quiet" data-testid="place" on:click=move |_| go.run(at)>
                        <span>{place.before}</span><mark data-kind="needle">{place.text}</mark><span>{place.after}</span>
                    </button>
                </li>
            }
        };
        let all = all.into_iter().flatten().take(100);
        all.map(entry).collect_view()
    };
    view! {
        <search class="find">
            <label class="sr-only" for="find">"Search the text"</label>
            <input
                id="find"
                data-testid="find"
                type="search"
                placeholder="Search the text"
                autocomplete="off"
                maxlength="200"
                node_ref=field
                prop:value=wanted
                on:input:target=move |event| typed(event.target().value())
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                        step(!event.shift_key());
                    }
                }
            />
            <button class="quiet" aria-label="Previous match" disabled=none on:click=move |_| step(false)>"↑"</button>
            <button class="quiet" aria-label="Next match" data-testid="next-place" disabled=none on:click=move |_| step(true)>"↓"</button>
            <span class="hint" role="status" data-testid="found">{told}</span>
            {move || fault.get().map(|fault| view! { <span class="fault" role="alert">{coded(&fault)}</span> })}
            <Show when=move || !none()>
                <details class="places">
                    <summary>"All matches"</summary>
                    <ol>{places}</ol>
                </details>
            </Show>
        </search>
    }
}
