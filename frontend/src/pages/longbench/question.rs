//! The open question: what is asked, its options, its text, and what models say.

use fathom_shared::api::QuestionView;
use fathom_shared::longbench::{ChoiceLetter, QuestionCard};
use leptos::html::Section;
use leptos::prelude::*;

use super::super::display;
use super::SetLongBenchQuery;
use super::ask_model::AskModelPanel;
use super::model::LongBenchQuery;
use super::opened_question::OpenedQuestion;
use super::text::TextPanel;
use crate::state::library::QuestionLibrary;
use crate::ui::coded_text::coded;

/// The question that is open, or a note that there is none with that number.
#[component]
pub(super) fn OpenQuestion(
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let library: QuestionLibrary = expect_context();
    let opened = Memo::new(move |_| {
        let number = look.get().number?;
        library.set.with(|set| {
            let (origin, set) = set.as_ref()?;
            let known = set.cards.iter().any(|card| card.number == number);
            known.then(|| OpenedQuestion {
                origin: *origin,
                set: set.source.sha256.as_str().into(),
                number,
            })
        })
    });
    let missing = move || {
        let number = look.get().number?;
        let has = library.set.with(|set| Some(set.as_ref()?.1.cards.len()))?;
        opened
            .with(Option::is_none)
            .then(|| format!("There is no question {number}; this set has {has}, numbered from 0."))
    };
    view! {
        {move || missing().map(|missing| view! { <p class="note">{missing}</p> })}
        {move || opened.get().map(|opened| view! { <QuestionBody opened look set_look /> })}
    }
}

/// A question: its text, its choices and the panel that asks a model.
#[component]
fn QuestionBody(
    opened: OpenedQuestion,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let library: QuestionLibrary = expect_context();
    let view: RwSignal<Option<Result<QuestionView, String>>> = RwSignal::new(None);
    let number = opened.number;
    library.view(number, move |got| {
        view.try_set(Some(got));
    });
    let card = Memo::new(move |_| {
        view.with(|view| view.as_ref()?.as_ref().ok().map(|view| view.card.clone()))
    });
    let fault = move || view.with(|view| view.as_ref()?.as_ref().err().cloned());
    let node = NodeRef::<Section>::new();
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            super::bring_into_view(node.into());
        }
    });
    view! {
        <section class="stack open-question" aria-labelledby="question-title" node_ref=node>
            {move || fault().map(|fault| view! { <p class="fault" role="alert">{coded(&fault)}</p> })}
            {move || card.get().map(|card| view! { <QuestionHeader card look set_look /> })}
            <TextPanel opened=opened.clone() view look set_look />
            {
                let opened = opened.clone();
                move || card.get().map(|card| view! { <AskModelPanel card opened=opened.clone() look set_look /> })
            }
        </section>
    }
}

/// The question itself with its choices, domain and difficulty.
#[component]
fn QuestionHeader(
    card: QuestionCard,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let facts = [
        ("Domain", card.domain.clone()),
        ("Kind of text", card.sub_domain.clone()),
        ("Difficulty", card.difficulty.to_string()),
        ("Length", card.length.to_string()),
        ("Words", display::count(card.words.into())),
    ];
    let facts = facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    let shown = Memo::new(move |_| look.get().shown);
    let right = card.answer;
    let options = ChoiceLetter::ALL.into_iter().zip(card.choices.clone());
    let options = options.map(move |(letter, choice)| {
        let mark = move || (shown.get() && letter == right).then_some("right");
        view! {
            <li data-mark=mark>
                <b>{letter.as_str()}</b>
                <span>{choice}</span>
                {move || mark().map(|_| view! { <em>"right"</em> })}
            </li>
        }
    });
    let toggle = move |_| {
        let look = look.get_untracked();
        let shown = !look.shown;
        set_look.run(LongBenchQuery { shown, ..look });
    };
    let close = move |_| {
        let look = look.get_untracked();
        if let Some(from) = look.from {
            set_look.run(look.open(from, None));
        }
    };
    view! {
        <div class="panel">
            <div class="head">
                <h2 id="question-title" data-testid="question">{card.question.clone()}</h2>
                <button class="quiet" data-testid="close-question" on:click=close>"Close"</button>
            </div>
            <ol class="options">{options.collect_view()}</ol>
            <div class="inline">
                <button class="quiet" data-testid="show-answer" aria-pressed=move || shown.get().to_string() on:click=toggle>
                    {move || if shown.get() { "Hide the correct answer" } else { "Show the correct answer" }}
                </button>
                <span class="hint mono">{card.id.clone()}</span>
            </div>
            <dl class="facts">{facts.into_iter().collect_view()}</dl>
        </div>
    }
}
