//! LongBench v2: questions about long texts, the texts themselves, and what models say to them.

mod asking; //    to a model, here or on the server
mod fates; //     what has become of each question
mod list;
mod model; //     what the page shows, as its address says it
mod question;
mod shelf; //     whose questions
mod standing; //  beside people and the leaderboard
mod text; //      millions of words, a screenful at a time

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::hand_off;
use super::runs::bring_into_view;
use crate::state::library::{Library, Origin};
use crate::state::server::{Presence, Server};
use fates::fates;
use list::List;
use model::Look;
use question::OpenQuestion;
use shelf::ShelfPanel;
use standing::Standing;

/// Changes what the page shows, and with it its address.
type SetLook = Callback<Look>;

/// The page.
#[component]
pub(crate) fn LongbenchPage() -> impl IntoView {
    let (library, server): (Library, Server) = (expect_context(), expect_context());
    let query = use_query_map();
    let look = Memo::new(move |_| query.with(|query| Look::from_query(|key| query.get(key))));
    let navigate = use_navigate();
    let set_look = SetLook::new(move |next: Look| {
        let before = look.get_untracked();
        let options = NavigateOptions {
            // Another question is a step back; a place in its text is none.
            replace: before.number == next.number && before.from == next.from,
            scroll: false,
            ..NavigateOptions::default()
        };
        let kept = query.with_untracked(hand_off::kept);
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
        (Some(Origin::Server), Presence::Unknown) => {}
        (Some(Origin::Server), Presence::Down(message)) => library.fault.set(Some(message)),
        (Some(origin), _) => library.bring(origin),
        // What is open stays open: a large file is not read again for a link without a word.
        (None, _) if library.set.with_untracked(Option::is_some) => {}
        (None, Presence::Unknown) => {}
        (None, Presence::Up(_)) => library.bring(Origin::Server),
        (None, Presence::Down(_)) => library.bring(Origin::Samples),
    });
    let fates = fates(look);
    let is_open = move || look.with(|look| look.number.is_some()).to_string();
    view! {
        <div class="longbench" data-open=is_open>
            <ShelfPanel look set_look />
            <List look set_look fates />
            <OpenQuestion look set_look />
            <Standing look fates />
        </div>
    }
}
