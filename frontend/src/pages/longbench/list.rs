//! The questions, filtered.

use std::sync::Arc;

use fathom_shared::api::QuestionSet;
use fathom_shared::longbench::{Difficulty, LengthClass, QuestionCard};
use leptos::prelude::*;

use super::super::display;
use super::SetLongBenchQuery;
use super::choice_field::pick;
use super::model::{LongBenchQuery, QuestionOutcome};
use super::outcomes::{OutcomeSourcePicker, QuestionOutcomes};
use crate::state::library::{QuestionLibrary, QuestionOrigin};

/// The list of questions with its filters.
#[component]
pub(super) fn QuestionList(
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
    fates: Memo<QuestionOutcomes>,
) -> impl IntoView {
    let library: QuestionLibrary = expect_context();
    let set = Memo::new(move |_| library.set.get());
    let change = move |change: &dyn Fn(&mut LongBenchQuery)| {
        let mut next = look.get_untracked();
        change(&mut next);
        set_look.run(next);
    };
    let domains = move || {
        let mut names: Vec<String> = Vec::new();
        set.with(|set| {
            for card in set.iter().flat_map(|(_, set)| &set.cards) {
                if !names.contains(&card.domain) {
                    names.push(card.domain.clone());
                }
            }
        });
        names.into_iter().map(|name| (name.clone(), name)).collect()
    };
    fn words_of<T: ToString, const N: usize>(all: [T; N]) -> Vec<(String, String)> {
        let word = |one: T| (one.to_string(), one.to_string());
        all.into_iter().map(word).collect()
    }
    let fate = |fate: QuestionOutcome| (fate.name().to_owned(), fate.says().to_owned());
    let kept = Memo::new(move |_| {
        let (look, fates) = (look.get(), fates.get());
        let set: Option<(QuestionOrigin, Arc<QuestionSet>)> = set.get();
        let Some((origin, set)) = set else {
            return Vec::new();
        };
        let kept = set.cards.iter().filter_map(|card| {
            let fate = fates.of(card);
            look.keeps(card, fate).then(|| (origin, card.clone(), fate))
        });
        kept.collect::<Vec<_>>()
    });
    let total = move || set.with(|set| set.as_ref().map_or(0, |(_, set)| set.cards.len()));
    let told = move || {
        let (kept, total) = (kept.with(Vec::len), total());
        if kept == total {
            display::some(total as u64, "question")
        } else {
            format!("{kept} of {}", display::some(total as u64, "question"))
        }
    };
    view! {
        <section class="panel list" aria-labelledby="list-title">
            <div class="head">
                <h2 id="list-title">"Questions"</h2>
                <p class="hint" role="status" data-testid="kept">{told}</p>
            </div>
            <div class="filters">
                {pick("Domain", "domain", "all", move || look.get().domain.unwrap_or_default(), domains,
                    move |word| change(&|look| look.domain = Some(word.clone()).filter(|w| !w.is_empty())))}
                {pick("Difficulty", "difficulty", "all", move || look.get().difficulty.map(|one| one.to_string()).unwrap_or_default(),
                    || words_of(Difficulty::ALL),
                    move |word| change(&|look| look.difficulty = word.parse().ok()))}
                {pick("Length", "length", "all", move || look.get().length.map(|one| one.to_string()).unwrap_or_default(),
                    || words_of(LengthClass::ALL),
                    move |word| change(&|look| look.length = word.parse().ok()))}
                {pick("Outcome", "answers", "all", move || look.get().fate.map(|one| one.name().to_owned()).unwrap_or_default(),
                    move || QuestionOutcome::ALL.map(fate).into(),
                    move |word| change(&|look| look.fate = QuestionOutcome::ALL.into_iter().find(|one| one.name() == word)))}
                <OutcomeSourcePicker look set_look />
                <div class="field">
                    <label for="words">"Search"</label>
                    <input id="words" data-testid="words" type="search" autocomplete="off"
                        prop:value=move || look.get().words
                        on:input:target=move |event| {
                            let words = event.target().value();
                            change(&|look| look.words.clone_from(&words));
                        } />
                </div>
            </div>
            <ul class="cards" data-testid="cards">
                <For each=move || kept.get() key=|(origin, card, fate)| (*origin, card.id.clone(), *fate as u8) let((origin, card, fate))>
                    {entry(origin, card, fate, look, set_look)}
                </For>
            </ul>
            <Show when=move || kept.with(Vec::is_empty) && total() != 0>
                <p class="hint">"No questions match. Try removing a filter."</p>
            </Show>
        </section>
    }
}

fn entry(
    origin: QuestionOrigin,
    card: QuestionCard,
    fate: QuestionOutcome,
    look: Memo<LongBenchQuery>,
    set_look: SetLongBenchQuery,
) -> impl IntoView {
    let number = card.number;
    let current = move || (look.get().number == Some(number)).then_some("true");
    let facts = format!(
        "{} · {} · {} · {} words",
        card.domain,
        card.difficulty,
        card.length,
        display::count(card.words.into())
    );
    let mark = match fate {
        QuestionOutcome::Right => "✓",
        QuestionOutcome::Wrong => "✗",
        QuestionOutcome::Failed => "!",
        QuestionOutcome::Open => "",
    };
    view! {
        <li>
            <button
                data-testid="card"
                data-number=number
                aria-current=current
                on:click=move |_| set_look.run(look.get_untracked().open(origin, Some(number)))
            >
                <span class="fate" data-fate=fate.name()>
                    <span aria-hidden="true">{mark}</span>
                    <span class="sr-only">{fate.says()}</span>
                </span>
                <span class="what">{card.question}</span>
                <small>{facts}</small>
            </button>
        </li>
    }
}
