//! A long text of which only the visible lines are in the document.

mod body; // a text's lines, from any source
mod frame; // the scrolling frame
mod lines; // computes the visible lines
mod remote; // a text that is loaded on demand
mod row; // one visible line

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::lines::{line_of, wrap};
use leptos::prelude::*;

pub(crate) use body::{LoadedWindows, TextBody};
pub(crate) use frame::ScrollState;
use frame::TextFrame;
pub(crate) use lines::layered;
pub(crate) use remote::RemoteTextViewer;
use row::LineContext;

/// A part of the text that is shown in its own way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TextMark {
    /// Bytes of the text.
    pub(crate) bytes: Range<usize>,
    /// For style sheets.
    pub(crate) kind: &'static str,
    /// For people.
    pub(crate) says: String,
    /// The number of the piece of evidence that it is.
    pub(crate) piece: Option<usize>,
}

/// Where tokens begin in a part of the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TokenBoundaries {
    /// The part.
    pub(crate) bytes: Range<usize>,
    /// The number of its first token.
    pub(crate) first: u32,
    /// The byte at which each token begins.
    pub(crate) starts: Vec<usize>,
}

/// A text that is here. `marks` are sorted and do not overlap; `chosen` is the number of a piece of
/// evidence; with `cuts` its tokens are separated. `seen` gets the bytes on the screen; a byte
/// put into `jump` is scrolled to.
#[component]
pub(crate) fn TextViewer(
    #[prop(into)] text: Signal<Arc<str>>,
    #[prop(into)] marks: Signal<Arc<[TextMark]>>,
    #[prop(into)] cuts: Signal<Option<Arc<TokenBoundaries>>>,
    #[prop(into)] chosen: Signal<Option<usize>>,
    seen: RwSignal<Range<usize>>,
    jump: RwSignal<Option<usize>>,
    /// Its accessible name.
    label: &'static str,
) -> impl IntoView {
    let lines = RwSignal::new(0_usize);
    let scroll = ScrollState::new(move || lines.get());
    let starts: Memo<Arc<[usize]>> =
        Memo::new(move |_| text.with(|text| wrap(text, scroll.columns.get()).into()));
    Effect::new(move |_| lines.set(starts.with(|starts| starts.len())));
    let scene = Memo::new(move |before: Option<&LineContext>| {
        let (text, starts) = (text.get(), starts.get());
        LineContext::after(
            before,
            TextBody::Whole { text, starts },
            marks.get(),
            cuts.get(),
        )
    });
    Effect::new(move |_| {
        let lines = scroll.seen.get();
        scene.with(|scene| {
            let bytes = |line: usize| scene.body.line(line).map_or(0..0, |(bytes, _)| bytes);
            seen.set(bytes(lines.start).start..bytes(lines.end.saturating_sub(1)).end);
        });
    });
    Effect::new(move |_| {
        if let Some(at) = jump.get() {
            let line = starts.with_untracked(|starts| line_of(starts, at));
            scroll.go.set(Some(line));
        }
    });
    // Lines are wrapped again when the frame changes its width; the scroll position stays in view.
    Effect::new(move |before: Option<usize>| {
        let columns = scroll.columns.get();
        let at = jump.get_untracked();
        if let Some(at) = at.filter(|_| before.is_some_and(|before| before != columns)) {
            let line = starts.with_untracked(|starts| line_of(starts, at));
            scroll.go.set(Some(line));
        }
        columns
    });
    view! { <TextFrame scene scroll chosen label testid="prompt" keys="n p" /> }
}
