//! The text of a question: all of it within reach, a screenful of it here.

mod find; // text search
mod marks; // highlights in the text
mod remote; // lines loaded on demand
mod visible_context; // shows the part of the text that a model would see

use std::sync::Arc;

use fathom_shared::api::QuestionView;
use fathom_shared::longbench::viewer::{OutlinePart, SearchMatches, VisibleContext};
use leptos::html::Input;
use leptos::prelude::*;

use super::super::display;
use super::super::reading::step;
use super::SetLongBenchQuery;
use super::model::LongBenchQuery;
use super::opened_question::OpenedQuestion;
use crate::state::library::QuestionLibrary;
use crate::ui::coded_text::coded;
use crate::ui::strip::Strip;
use crate::ui::text_viewer::RemoteTextViewer;
use find::FindBar;
use marks::{legend, line, marks};
use remote::RemoteText;
use visible_context::VisibleContextPanel;

/// What is known about the text that is open.
#[derive(Clone, Copy)]
struct OpenTextState {
    view: RwSignal<Option<Result<QuestionView, String>>>,
    found: RwSignal<Option<SearchMatches>>,
    seen: RwSignal<Option<Result<VisibleContext, String>>>,
}

/// The text of a question, with its outline, its evidence and what a model would see of it.
#[component]
pub(super) fn TextPanel(
    opened: OpenedQuestion,
    view: RwSignal<Option<Result<QuestionView, String>>>,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let library: QuestionLibrary = expect_context();
    let number = opened.number;
    let known = OpenTextState {
        view,
        found: RwSignal::new(None),
        seen: RwSignal::new(None),
    };
    let far = RemoteText::new(library, number);
    let parts: RwSignal<Vec<OutlinePart>> = RwSignal::new(Vec::new());
    library.outline(number, move |got| {
        // What goes wrong with the text is said beside it.
        parts.try_set(got.unwrap_or_default());
    });
    // Towards the text: what the address looks at is scrolled to.
    let at = Memo::new(move |_| look.get().at);
    Effect::new(move |_| {
        if let Some(at) = at.get() {
            far.jump(at);
        }
    });
    let go = Callback::new(move |at: usize| {
        let at = u32::try_from(at).ok();
        let look = look.get_untracked();
        // The same place again: it was scrolled away from.
        if look.at == at
            && let Some(at) = at
        {
            far.jump(at);
        }
        set_look.run(LongBenchQuery { at, ..look });
    });

    let evidence = Memo::new(move |_| {
        known.view.with(|view| match view {
            Some(Ok(view)) => view.evidence.clone(),
            _ => Vec::new(),
        })
    });
    let marks = Memo::new(move |_| {
        let (found, seen) = (known.found.get(), known.seen.get());
        let bytes = card_bytes(known.view);
        let seen = seen.as_ref().and_then(|seen| seen.as_ref().ok());
        evidence.with(|evidence| Arc::from(marks(evidence, found.as_ref(), seen, bytes)))
    });
    let line = Memo::new(move |_| {
        let seen = known.seen.get();
        let seen = seen.as_ref().and_then(|seen| seen.as_ref().ok());
        let (bytes, words) = (card_bytes(known.view), card_words(known.view));
        evidence.with(|evidence| Arc::new(line(evidence, seen, bytes, words)))
    });
    let chosen = Signal::derive(move || {
        let at = look.get().at?;
        evidence.with(|evidence| evidence.iter().position(|bytes| bytes.start == at))
    });
    let pick = Callback::new(move |piece: usize| {
        let starts = line.with(|line| line.starts.clone());
        if let Some(at) = starts.get(piece) {
            go.run(*at);
        }
    });
    let strip = Memo::new(move |_| line.with(|line| Arc::clone(&line.line)));
    let search = NodeRef::<Input>::new();
    let keys = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let forward = match event.key().as_str() {
            "n" => true,
            "p" => false,
            "/" => {
                event.prevent_default();
                if let Some(field) = search.get_untracked() {
                    // A field that cannot take the focus stays as it is.
                    let _focused = field.focus();
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        let count = evidence.with_untracked(Vec::len);
        let next = step(chosen.get_untracked(), count, forward);
        let at = next.and_then(|next| evidence.with_untracked(|all| all.get(next).cloned()));
        if let Some(bytes) = at {
            go.run(bytes.start as usize);
        }
    };
    let current = Memo::new(move |_| {
        let seen = far.bytes.get().start;
        let after = parts.with(|parts| parts.partition_point(|part| part.at as usize <= seen));
        after.checked_sub(1)
    });
    let legend = move || {
        let kinds = marks.with(|marks: &Arc<[_]>| legend(marks));
        let entry = |(kind, says): (&'static str, &'static str)| {
            view! { <li><mark data-kind=kind>{says}</mark></li> }
        };
        kinds.into_iter().map(entry).collect_view()
    };
    let pieces = move || {
        let all = evidence.get();
        let button = move |(n, bytes): (usize, std::ops::Range<u32>)| {
            let current = move || (chosen.get() == Some(n)).then_some("true");
            view! {
                <button class="quiet" data-testid="evidence-jump" aria-current=current
                    on:click=move |_| go.run(bytes.start as usize)>
                    {format!("Evidence {}", n + 1)}
                </button>
            }
        };
        all.into_iter().enumerate().map(button).collect_view()
    };
    view! {
        <div class="panel long-text">
            <div class="head">
                <h3 id="text-title">"The text"</h3>
                <FindBar number look set_look found=known.found go field=search />
            </div>
            <VisibleContextPanel number origin=opened.origin look set_look seen=known.seen bytes=Signal::derive(move || card_bytes(known.view)) go />
            <div class="inline evidence-row">{pieces}<ul class="legend" aria-label="Colour key">{legend}</ul></div>
            {move || far.fault.get().map(|fault| view! { <p class="fault" role="alert">{coded(&fault)}</p> })}
            <div class="reading far" on:keydown=keys>
                <Strip line=strip seen=far.bytes chosen jump=go pick />
                <RemoteTextViewer windows=far.windows marks chosen scroll=far.scroll label="The text of the question" />
                <details class="outline" open>
                    <summary>"Outline"</summary>
                    <ol data-testid="outline">
                        {move || parts.get().into_iter().enumerate().map(|(n, part)| {
                            let here = move || (current.get() == Some(n)).then_some("true");
                            view! {
                                <li>
                                    <button class="quiet" aria-current=here on:click=move |_| go.run(part.at as usize)>
                                        <span>{part.title}</span>
                                        <small>{display::count(part.words.into())}</small>
                                    </button>
                                </li>
                            }
                        }).collect_view()}
                    </ol>
                </details>
            </div>
        </div>
    }
}

fn card_bytes(view: RwSignal<Option<Result<QuestionView, String>>>) -> usize {
    view.with(|view| match view {
        Some(Ok(view)) => view.card.bytes as usize,
        _ => 0,
    })
}

fn card_words(view: RwSignal<Option<Result<QuestionView, String>>>) -> u32 {
    view.with(|view| match view {
        Some(Ok(view)) => view.card.words,
        _ => 0,
    })
}
