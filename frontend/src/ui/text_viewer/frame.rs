//! The scrolling frame: it measures itself and draws the lines on the screen.

use std::ops::Range;

use leptos::html::{Div, Span};
use leptos::prelude::*;

use super::lines::window;
use super::row::{LineContext, row};

/// Height of a line until it is measured, in px; style sheets say it as `--row`.
const LINE_HEIGHT: f64 = 22.0;

/// What a frame and the text in it tell each other.
#[derive(Clone, Copy)]
pub(crate) struct ScrollState {
    /// Characters that fit into a line.
    pub(crate) columns: RwSignal<usize>,
    /// The lines on the screen.
    pub(crate) seen: RwSignal<Range<usize>>,
    /// The lines that are drawn: some more than are seen.
    pub(crate) drawn: Memo<Range<usize>>,
    /// A line put in here is scrolled to, into the middle.
    pub(crate) go: RwSignal<Option<usize>>,
    top: RwSignal<f64>,
    height: RwSignal<f64>,
    /// Height of a line, in px.
    row: RwSignal<f64>,
}

impl ScrollState {
    /// For a text of `lines`.
    pub(crate) fn new(lines: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        let (top, height) = (RwSignal::new(0.0), RwSignal::new(400.0));
        let row = RwSignal::new(LINE_HEIGHT);
        let (lines, seen) = (Memo::new(move |_| lines()), RwSignal::new(0..0));
        let cut = move |spare| window(top.get(), height.get(), row.get(), lines.get(), spare);
        Effect::new(move |_| seen.set(cut(0)));
        Self {
            columns: RwSignal::new(80),
            seen,
            drawn: Memo::new(move |_| cut(12)),
            go: RwSignal::new(None),
            top,
            height,
            row,
        }
    }
}

/// The frame. `chosen` is the number of the piece of evidence that is looked at.
#[component]
pub(super) fn TextFrame(
    scene: Memo<LineContext>,
    scroll: ScrollState,
    #[prop(into)] chosen: Signal<Option<usize>>,
    label: &'static str,
    testid: &'static str,
    #[prop(optional)] keys: Option<&'static str>,
) -> impl IntoView {
    let (node, probe) = (NodeRef::<Div>::new(), NodeRef::<Span>::new());
    let measure = move || {
        let (Some(node), Some(probe)) = (node.get_untracked(), probe.get_untracked()) else {
            return;
        };
        let letters = probe.get_bounding_client_rect();
        let letter = letters.width() / 20.0;
        let room = f64::from(node.client_width()) - 32.0;
        if letter > 0.0 && room > 0.0 {
            let columns = (room / letter).floor().max(8.0) as usize;
            if scroll.columns.get_untracked() != columns {
                scroll.columns.set(columns);
            }
        }
        scroll.height.set(f64::from(node.client_height()));
        if letters.height() > 0.0 && letters.height() != scroll.row.get_untracked() {
            scroll.row.set(letters.height());
        }
    };
    Effect::new(move |_| {
        if node.get().is_some() && probe.get().is_some() {
            request_animation_frame(measure);
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        let (Some(line), Some(node)) = (scroll.go.get(), node.get_untracked()) else {
            return;
        };
        let middle = scroll.height.get_untracked() / 2.0;
        // The text may have become longer just now: its height is there with the next frame.
        request_animation_frame(move || {
            let top = line as f64 * scroll.row.get_untracked() - middle;
            node.set_scroll_top(top.max(0.0) as i32);
        });
    });

    // A line that stays on the screen stays in the document.
    let lines = move || {
        let scene = scene.get();
        let lines = scroll.drawn.get().map(|line| (scene.clone(), line));
        lines.collect::<Vec<_>>()
    };
    let height = move || {
        let lines = scene.with(|scene| scene.body.len());
        format!("height:calc({lines} * var(--row) + 16px)")
    };
    view! {
        <div
            class="viewer"
            data-testid=testid
            tabindex="0"
            role="region"
            aria-label=label
            aria-keyshortcuts=keys
            node_ref=node
            on:scroll=move |_| {
                if let Some(node) = node.get_untracked() {
                    scroll.top.set(f64::from(node.scroll_top()));
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
