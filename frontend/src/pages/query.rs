//! What a page shows, as the parameters of its address. Pure.

use serde::Serialize;

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
