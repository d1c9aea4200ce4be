//! A long text of which only the visible lines are in the document.

mod lines;
mod row;

use std::ops::Range;
use std::sync::Arc;

use leptos::html::{Div, Span};
use leptos::prelude::*;

use fathom_shared::lines::{bytes_of, line_of, wrap};
use lines::window;
use row::{Scene, row};

const LINE_HEIGHT: f64 = 22.0;

/// A part of the text that is shown in its own way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mark {
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
pub(crate) struct Cuts {
    /// The part.
    pub(crate) bytes: Range<usize>,
    /// The number of its first token.
    pub(crate) first: u32,
    /// The byte at which each token begins.
    pub(crate) starts: Vec<usize>,
}

/// The text. `marks` are sorted and do not overlap; `chosen` is the number of a piece of evidence;
/// with `cuts` its tokens are told apart. `seen` is told the bytes on the screen; a byte put into
/// `jump` is scrolled to.
#[component]
pub(crate) fn TextViewer(
    #[prop(into)] text: Signal<Arc<str>>,
    #[prop(into)] marks: Signal<Arc<[Mark]>>,
    #[prop(into)] cuts: Signal<Option<Arc<Cuts>>>,
    #[prop(into)] chosen: Signal<Option<usize>>,
    seen: RwSignal<Range<usize>>,
    jump: RwSignal<Option<usize>>,
) -> impl IntoView {
    let (node, probe) = (NodeRef::<Div>::new(), NodeRef::<Span>::new());
    let size = RwSignal::new((80_usize, 400.0));
    let scroll = RwSignal::new(0.0);
    let measure = move || {
        let (Some(node), Some(probe)) = (node.get_untracked(), probe.get_untracked()) else {
            return;
        };
        let letter = probe.get_bounding_client_rect().width() / 20.0;
        let room = f64::from(node.client_width()) - 32.0;
        let columns = if letter > 0.0 {
            (room / letter).floor().max(8.0) as usize
        } else {
            80
        };
        size.set((columns, f64::from(node.client_height())));
    };
    Effect::new(move |_| {
        if node.get().is_some() && probe.get().is_some() {
            request_animation_frame(measure);
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());

    let columns = Memo::new(move |_| size.get().0);
    let starts: Memo<Arc<[usize]>> =
        Memo::new(move |_| text.with(|text| wrap(text, columns.get()).into()));
    let scene = Memo::new(move |before: Option<&Scene>| Scene {
        version: before.map_or(0, |before| before.version + 1),
        text: text.get(),
        starts: starts.get(),
        marks: marks.get(),
        cuts: cuts.get(),
    });
    let shown = Memo::new(move |_| {
        let lines = starts.with(|starts| starts.len());
        window(scroll.get(), size.get().1, LINE_HEIGHT, lines, 12)
    });
    Effect::new(move |_| {
        let (starts, text) = (starts.get(), text.get());
        let lines = window(scroll.get(), size.get().1, LINE_HEIGHT, starts.len(), 0);
        let end = bytes_of(&text, &starts, lines.end.saturating_sub(1)).end;
        seen.set(starts.get(lines.start).copied().unwrap_or(0)..end);
    });
    Effect::new(move |_| {
        let (Some(at), Some(node)) = (jump.get(), node.get_untracked()) else {
            return;
        };
        let line = starts.with_untracked(|starts| line_of(starts, at)) as f64;
        let middle = size.get_untracked().1 / 2.0;
        // The text may have become longer just now: its height is there with the next frame.
        request_animation_frame(move || {
            node.set_scroll_top((line * LINE_HEIGHT - middle).max(0.0) as i32);
        });
    });

    // A line that stays on the screen stays in the document.
    let lines = move || {
        let scene = scene.get();
        let lines = shown.get().map(|line| (scene.clone(), line));
        lines.collect::<Vec<_>>()
    };
    let height = move || {
        format!(
            "height:{}px",
            starts.with(|s| s.len()) as f64 * LINE_HEIGHT + 16.0
        )
    };
    view! {
        <div
            class="viewer"
            data-testid="prompt"
            tabindex="0"
            role="region"
            aria-label="The prompt"
            aria-keyshortcuts="n p"
            node_ref=node
            on:scroll=move |_| {
                if let Some(node) = node.get_untracked() {
                    scroll.set(f64::from(node.scroll_top()));
                }
            }
        >
            <span class="probe" aria-hidden="true" node_ref=probe>"mmmmmmmmmmmmmmmmmmmm"</span>
            <div class="rows" style=height>
                <For each=lines key=|(scene, line)| (scene.version, *line) let((scene, line))>
                    {row(&scene, line, chosen)}
                </For>
            </div>
        </div>
    }
}
