//! A long text of which only the visible lines are in the document.

mod lines;

use std::ops::Range;
use std::sync::Arc;

use leptos::html::{Div, Span};
use leptos::prelude::*;

use lines::{bytes_of, line_of, pieces, window};

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
}

/// The text. `marks` are sorted and do not overlap; `seen` is told the bytes on the screen; a byte
/// put into `jump` is scrolled to.
#[component]
pub(crate) fn TextViewer(
    #[prop(into)] text: Signal<Arc<str>>,
    #[prop(into)] marks: Signal<Vec<Mark>>,
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

    let starts = Memo::new(move |_| {
        let columns = size.get().0;
        text.with(|text| Arc::new(lines::wrap(text, columns)))
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
        node.set_scroll_top((line * LINE_HEIGHT - middle).max(0.0) as i32);
    });

    let rows = move || {
        let (text, starts, marks) = (text.get(), starts.get(), marks.get());
        let spans: Vec<_> = marks.iter().map(|mark| mark.bytes.clone()).collect();
        shown
            .get()
            .map(|line| {
                let bytes = bytes_of(&text, &starts, line);
                let parts = pieces(&bytes, &spans).into_iter().map(|piece| {
                    let words = text[piece.bytes].to_owned();
                    match piece.span.map(|span| &marks[span]) {
                        Some(mark) => view! {
                            <mark data-kind=mark.kind title=mark.says.clone()>{words}</mark>
                        }
                        .into_any(),
                        None => words.into_any(),
                    }
                });
                let top = line as f64 * LINE_HEIGHT;
                view! { <div class="row" style=format!("top:{top}px")>{parts.collect_view()}</div> }
            })
            .collect_view()
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
            node_ref=node
            on:scroll=move |_| {
                if let Some(node) = node.get_untracked() {
                    scroll.set(f64::from(node.scroll_top()));
                }
            }
        >
            <span class="probe" aria-hidden="true" node_ref=probe>"mmmmmmmmmmmmmmmmmmmm"</span>
            <div class="rows" style=height>{rows}</div>
        </div>
    }
}
