//! A text that is elsewhere.

use std::sync::Arc;

use leptos::prelude::*;

use super::row::Scene;
use super::{Body, Frame, Mark, Scroll, Windows};

/// A text of which `windows` have come. What is scrolled to is in `scroll`: whoever has the text
/// sees there which lines are wanted.
#[component]
pub(crate) fn FarText(
    #[prop(into)] windows: Signal<Arc<Windows>>,
    #[prop(into)] marks: Signal<Arc<[Mark]>>,
    #[prop(into)] chosen: Signal<Option<usize>>,
    scroll: Scroll,
    label: &'static str,
) -> impl IntoView {
    let scene = Memo::new(move |before: Option<&Scene>| {
        Scene::after(before, Body::Windows(windows.get()), marks.get(), None)
    });
    view! { <Frame scene scroll chosen label testid="long-text" keys="n p /" /> }
}
