//! A text that is elsewhere.

use std::sync::Arc;

use leptos::prelude::*;

use super::row::LineContext;
use super::{LoadedWindows, ScrollState, TextBody, TextFrame, TextMark};

/// A text of which `windows` have arrived. `scroll` is the scroll position, by which the text's
/// owner knows which lines are wanted.
#[component]
pub(crate) fn RemoteTextViewer(
    #[prop(into)] windows: Signal<Arc<LoadedWindows>>,
    #[prop(into)] marks: Signal<Arc<[TextMark]>>,
    #[prop(into)] chosen: Signal<Option<usize>>,
    scroll: ScrollState,
    label: &'static str,
) -> impl IntoView {
    let scene = Memo::new(move |before: Option<&LineContext>| {
        LineContext::after(before, TextBody::Windows(windows.get()), marks.get(), None)
    });
    view! { <TextFrame scene scroll chosen label testid="long-text" keys="n p /" /> }
}
