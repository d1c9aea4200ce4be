//! LongBench v2: questions about long texts, the texts themselves, and what models say to them.

mod ask_model; // asks a model, in this browser or on the server
mod choice_field; // a field that chooses one value
mod leaderboard; // own answers beside people and the leaderboard
mod list; // the filtered list of questions
mod model; // the page's state as its URL
mod opened_question; // which question is open
mod outcomes; // the outcome of each question
mod question; // the question that is open
mod question_set; // chooses the set of questions
mod text; // the text viewer for millions of words

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::run_form;
use super::runs::bring_into_view;
use crate::state::library::{QuestionLibrary, QuestionOrigin};
use crate::state::server::{ServerPresence, ServerState};
use leaderboard::StandingPanel;
use list::QuestionList;
use model::LongBenchQuery;
use outcomes::fates;
use question::OpenQuestion;
use question_set::QuestionSetPanel;

/// Changes what the page shows, and with it its address.
type SetLongBenchQuery = Callback<LongBenchQuery>;

/// The LongBench page.
#[component]
pub(crate) fn LongbenchPage() -> impl IntoView {
    let (library, server): (QuestionLibrary, ServerState) = (expect_context(), expect_context());
    let query = use_query_map();
    let look =
        Memo::new(move |_| query.with(|query| LongBenchQuery::from_query(|key| query.get(key))));
    let navigate = use_navigate();
    let set_look = SetLongBenchQuery::new(move |next: LongBenchQuery| {
        let before = look.get_untracked();
        let options = NavigateOptions {
            // Another question is a step back; a place in its text is none.
            replace: before.number == next.number && before.from == next.from,
            scroll: false,
            ..NavigateOptions::default()
        };
        let kept = query.with_untracked(run_form::kept);
        let own = next.to_query();
        let kept = match own.is_empty() {
            true => kept.replacen('&', "?", 1),
            false => kept,
        };
        navigate(&format!("/longbench{own}{kept}"), options);
    });
    // Whose questions follows from the address; without a word there, the server's own where it has
    // others than the page.
    let from = Memo::new(move |_| look.get().from);
    Effect::new(move |_| match (from.get(), server.presence.get()) {
        (Some(QuestionOrigin::Server), ServerPresence::Unknown) => {}
        (Some(QuestionOrigin::Server), ServerPresence::Down(message)) => {
            library.fault.set(Some(message));
        }
        (Some(origin), _) => library.bring(origin),
        // What is open stays open: a large file is not read again for a link without a word.
        (None, _) if library.set.with_untracked(Option::is_some) => {}
        (None, ServerPresence::Unknown) => {}
        (None, ServerPresence::Up(_)) => library.bring(QuestionOrigin::Server),
        (None, ServerPresence::Down(_)) => library.bring(QuestionOrigin::Samples),
    });
    let fates = fates(look);
    let is_open = move || look.with(|look| look.number.is_some()).to_string();
    view! {
        <div class="longbench" data-open=is_open>
            <QuestionSetPanel look set_look />
            <QuestionList look set_look fates />
            <OpenQuestion look set_look />
            <StandingPanel look fates />
        </div>
    }
}
