//! What a page shows, as the parameters of its address.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use serde::Serialize;

/// The dialog of runs in the address: by its presence that the dialog is open; with a dot it begins
/// the names of the fields.
pub(super) const RUN_DIALOG: &str = "order";

/// Keeps what the page at `path` shows while this tab is open: who comes back to its bare address
/// finds what they left. Whether a dialog was open, or a part was shown alone, is not kept.
pub(super) fn keep_address(path: &'static str) {
    const PASSING: [&str; 3] = [RUN_DIALOG, "present", "embed"];
    let (query, navigate, at) = (use_query_map(), use_navigate(), use_location().pathname);
    let key = format!("fathom.at.{path}");
    let storage = || window().session_storage().ok().flatten();
    Effect::new(move |before: Option<()>| {
        let now = query.with(|query| {
            let pairs = query
                .into_iter()
                .filter(|(name, _)| !PASSING.contains(&name.as_ref()));
            self::query(&pairs.collect::<Vec<_>>())
        });
        // Who leaves is at another page already.
        let here = at.with_untracked(|at| at.trim_end_matches('/').ends_with(path));
        let Some(kept) = storage().filter(|_| here) else {
            return;
        };
        let left = kept.get_item(&key).ok().flatten().unwrap_or_default();
        // A link to a dialog or to one part is followed as it stands.
        let bare = query.with_untracked(|query| query.into_iter().next().is_none());
        if before.is_none() && bare && !left.is_empty() {
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..NavigateOptions::default()
            };
            return navigate(&format!("{path}{left}"), options);
        }
        // A full or forbidden store forgets it, and that is all.
        let _kept = kept.set_item(&key, &now);
    });
}

/// The query string of `pairs`, with its question mark; nothing of none.
pub(super) fn query(pairs: &impl Serialize) -> String {
    match serde_urlencoded::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("?{query}"),
        _ => String::new(),
    }
}

/// The parameters of a query string, by name.
#[cfg(test)]
pub(super) fn parameters(query: &str) -> impl Fn(&str) -> Option<String> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query.trim_start_matches('?')).unwrap();
    move |name| {
        let found = pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }
}
