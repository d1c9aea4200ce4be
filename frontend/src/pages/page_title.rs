//! The document's title: which page it is.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::worker_host::asset;

/// Home's title, which `index.html` has too.
const HOME: &str = "Fathom: how deep can your model really read?";

/// Sets the document's title to that of the page that is shown.
#[component]
pub(crate) fn PageTitle() -> impl IntoView {
    let path = use_location().pathname;
    // Towards the document.
    Effect::new(move |_| {
        let base = asset("");
        let base = base.trim_end_matches('/');
        path.with(|path| document().set_title(&title(path.strip_prefix(base).unwrap_or(path))));
    });
}

/// The title of the page at `path`.
fn title(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let page = match parts[..] {
        [] => return HOME.to_owned(),
        ["playground"] => "Playground",
        ["builder"] => "Builder",
        ["longbench"] => "LongBench",
        ["runs"] => "Runs",
        ["runs", run] => return format!("Run {run} · Fathom"),
        ["results"] => "Results",
        ["advisor"] => "Advisor",
        _ => "Page not found",
    };
    format!("{page} · Fathom")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_title() {
        assert_eq!((title("/"), title("")), (HOME.to_owned(), HOME.to_owned()));
        assert!(include_str!("../../index.html").contains(&format!("<title>{HOME}</title>")));
        assert_eq!(title("/results"), "Results · Fathom");
        assert_eq!(title("/runs/page-3"), "Run page-3 · Fathom");
        assert_eq!(title("/nowhere/else"), "Page not found · Fathom");
    }
}
