//! The lines that have come, and those that are fetched as somebody scrolls.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use fathom_shared::api::WindowQuery;
use leptos::prelude::*;

use crate::state::library::QuestionLibrary;
use crate::ui::text_viewer::{LoadedWindows, ScrollState, TextBody};

/// Lines that are fetched together.
const TOGETHER: usize = 200;
/// So many lines before they are seen, they are fetched.
const AHEAD: usize = 120;

/// A text that is elsewhere, as somebody scrolls through it.
#[derive(Clone, Copy)]
pub(super) struct RemoteText {
    pub(super) scroll: ScrollState,
    /// The lines that have come.
    pub(super) windows: RwSignal<Arc<LoadedWindows>>,
    /// The bytes on the screen.
    pub(super) bytes: RwSignal<Range<usize>>,
    /// Why some did not.
    pub(super) fault: RwSignal<Option<String>>,
    library: QuestionLibrary,
    number: u32,
    /// What is under way, by its first line, at a width.
    pending: StoredValue<(usize, BTreeSet<usize>)>,
    /// The byte that was jumped to last: another width has it on another line.
    anchor: StoredValue<Option<u32>>,
}

impl RemoteText {
    pub(super) fn new(library: QuestionLibrary, number: u32) -> Self {
        let windows: RwSignal<Arc<LoadedWindows>> = RwSignal::default();
        let scroll = ScrollState::new(move || windows.with(|windows| windows.lines));
        let far = Self {
            scroll,
            windows,
            bytes: RwSignal::new(0..0),
            fault: RwSignal::new(None),
            library,
            number,
            pending: StoredValue::new((0, BTreeSet::new())),
            anchor: StoredValue::new(None),
        };
        // Another width makes other lines of it.
        Effect::new(move |_| {
            let columns = scroll.columns.get();
            let seen = far.bytes.get_untracked();
            far.pending.set_value((columns, BTreeSet::new()));
            windows.set(Arc::default());
            let place = far.anchor.get_value();
            let seen = (!seen.is_empty()).then(|| u32::try_from(seen.start).unwrap_or_default());
            match place.or(seen) {
                Some(byte) => far.jump(byte),
                None => far.fetch(0),
            }
        });
        Effect::new(move |_| {
            let drawn = scroll.drawn.get();
            if !drawn.is_empty() {
                far.fetch(drawn.start / TOGETHER);
                far.fetch((drawn.end - 1) / TOGETHER);
                // What comes next, before it is seen.
                far.fetch(drawn.start.saturating_sub(AHEAD) / TOGETHER);
                let last = windows
                    .with_untracked(|windows| windows.lines)
                    .saturating_sub(1);
                far.fetch((drawn.end + AHEAD).min(last) / TOGETHER);
            }
        });
        Effect::new(move |_| {
            let seen = scroll.seen.get();
            let body = TextBody::Windows(windows.get());
            let first = body.line(seen.start).map(|(bytes, _)| bytes.start);
            let last = body
                .line(seen.end.saturating_sub(1))
                .map(|(bytes, _)| bytes.end);
            if let (Some(first), Some(last)) = (first, last) {
                far.bytes.set(first..last);
            }
        });
        far
    }

    /// Scrolls to a byte.
    pub(super) fn jump(self, byte: u32) {
        self.anchor.set_value(Some(byte));
        let columns = self.scroll.columns.get_untracked();
        let ask = WindowQuery {
            columns: u32::try_from(columns).unwrap_or(u32::MAX),
            line: None,
            byte: Some(byte),
            lines: 1,
        };
        self.library.window(self.number, ask, move |got| match got {
            Ok(window) if self.is_at(columns) => {
                // The height of the text comes with it.
                let line = window.line as usize;
                self.put(window);
                self.scroll.go.set(Some(line));
                self.fetch(line / TOGETHER);
            }
            Ok(_) => {}
            Err(message) => self.say(message),
        });
    }

    /// Fetches the lines that are fetched together with this number.
    fn fetch(self, together: usize) {
        let first = together * TOGETHER;
        let has = |windows: &Arc<LoadedWindows>| windows.has(first) && windows.has(first + 1);
        if self.windows.with_untracked(has) {
            return;
        }
        let columns = self.scroll.columns.get_untracked();
        let news = self
            .pending
            .try_update_value(|(at, pending)| *at == columns && pending.insert(first));
        if news != Some(true) {
            return;
        }
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let ask = WindowQuery {
            columns: small(columns),
            line: Some(small(first)),
            byte: None,
            lines: small(TOGETHER),
        };
        self.library.window(self.number, ask, move |got| {
            let known = self
                .pending
                .try_update_value(|(at, pending)| *at == columns && pending.remove(&first));
            // Another width, or another page.
            if known != Some(true) {
                return;
            }
            match got {
                Ok(window) => self.put(window),
                Err(message) => self.say(message),
            }
        });
    }

    fn put(self, window: fathom_shared::longbench::viewer::TextWindow) {
        self.fault.set(None);
        self.windows
            .update(|windows| Arc::make_mut(windows).put(window));
    }

    fn say(self, message: String) {
        self.fault.try_set(Some(message));
    }

    fn is_at(self, columns: usize) -> bool {
        self.scroll.columns.try_get_untracked() == Some(columns)
    }
}
