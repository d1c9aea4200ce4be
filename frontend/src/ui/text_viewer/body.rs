//! The lines of a text, wherever the text is. Pure.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use fathom_shared::lines::bytes_of;
use fathom_shared::longbench::viewer::TextWindow;

/// A text in lines.
#[derive(Clone, Debug)]
pub(crate) enum TextBody {
    /// All of it is here.
    Whole {
        /// The text.
        text: Arc<str>,
        /// Where each line begins.
        starts: Arc<[usize]>,
    },
    /// It is elsewhere, and some lines have come.
    Windows(Arc<LoadedWindows>),
}

/// Lines that have come of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoadedWindows {
    /// How many lines it has.
    pub(crate) lines: usize,
    got: BTreeMap<usize, TextWindow>,
}

impl LoadedWindows {
    /// So many are kept; the farthest go first.
    const KEPT: usize = 40;

    /// Takes in some lines.
    pub(crate) fn put(&mut self, window: TextWindow) {
        self.lines = window.lines as usize;
        let first = window.first as usize;
        self.got.insert(first, window);
        while self.got.len() > Self::KEPT {
            let away = |at: &usize| at.abs_diff(first);
            let Some(farthest) = self.got.keys().copied().max_by_key(away) else {
                return;
            };
            self.got.remove(&farthest);
        }
    }

    fn window(&self, line: usize) -> Option<(&TextWindow, usize)> {
        // Short windows may lie within longer ones.
        let mut before = self.got.range(..=line).rev();
        before.find_map(|(first, window)| {
            let at = line - first;
            (at < window.starts.len()).then_some((window, at))
        })
    }

    /// Whether a line has come.
    pub(crate) fn has(&self, line: usize) -> bool {
        self.window(line).is_some()
    }
}

impl TextBody {
    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Whole { starts, .. } => starts.len(),
            Self::Windows(windows) => windows.lines,
        }
    }

    /// A line's bytes in the whole, and its text without the break at its end; nothing where it has
    /// not come yet.
    pub(crate) fn line(&self, line: usize) -> Option<(Range<usize>, &str)> {
        match self {
            Self::Whole { text, starts } => {
                let bytes = bytes_of(text, starts, line);
                Some((bytes.clone(), &text[bytes]))
            }
            Self::Windows(windows) => {
                let (window, at) = windows.window(line)?;
                let start = window.starts[at] as usize;
                let end = window.starts.get(at + 1).map(|end| *end as usize);
                let text = window.text.get(start..end.unwrap_or(window.text.len()))?;
                let text = text.trim_end_matches('\n');
                let from = window.start as usize + start;
                Some((from..from + text.len(), text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(first: u32) -> TextWindow {
        TextWindow {
            columns: 9,
            lines: 1_000_000,
            first,
            line: first,
            start: first * 4,
            text: "one\ntwo\n".to_owned(),
            starts: vec![0, 4],
        }
    }

    #[test]
    fn lines_come_in_windows() {
        let mut windows = LoadedWindows::default();
        windows.put(window(10));
        assert!(windows.has(11) && !windows.has(12) && !windows.has(9));
        let body = TextBody::Windows(Arc::new(windows));
        assert_eq!(body.len(), 1_000_000);
        assert_eq!(body.line(11), Some((44..47, "two")));
        assert_eq!(body.line(12), None);
    }

    #[test]
    fn a_short_window_hides_nothing() {
        let mut windows = LoadedWindows::default();
        windows.put(window(10));
        let mut short = window(10);
        (short.text, short.starts) = ("one\n".to_owned(), vec![0]);
        short.first = 9;
        windows.put(short);
        windows.put(TextWindow {
            first: 8,
            text: "a\nb\nc\nd\n".to_owned(),
            starts: vec![0, 2, 4, 6],
            ..window(8)
        });
        for line in 8..12 {
            assert!(windows.has(line), "line {line}");
        }
        assert!(!windows.has(12));
    }

    #[test]
    fn far_windows_are_forgotten() {
        let mut windows = LoadedWindows::default();
        for first in 0..100 {
            windows.put(window(first * 2));
        }
        assert!(windows.has(199) && windows.has(198 - 78) && !windows.has(0));
        windows.put(window(0));
        assert!(windows.has(0) && !windows.has(199));
    }
}
