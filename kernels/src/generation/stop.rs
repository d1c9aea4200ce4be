//! Stop strings, which end an answer.

/// Looks for stop strings in a text that arrives in pieces. Text that may still become a stop
/// string is held back. The result does not depend on how the text is cut into pieces.
#[derive(Debug)]
pub(super) struct StopStringMatcher<'a> {
    stops: &'a [String],
    held: String,
}

impl<'a> StopStringMatcher<'a> {
    /// `stops` must not contain an empty string.
    pub(super) fn new(stops: &'a [String]) -> Self {
        let held = String::new();
        Self { stops, held }
    }

    /// Returns the text that can be shown now, and whether a stop string was found. Of several, the
    /// one completed first ends the answer; of those, the longest.
    pub(super) fn push(&mut self, new: &str) -> (String, bool) {
        self.held.push_str(new);
        let found = self.stops.iter().filter_map(|stop| {
            let start = self.held.find(stop)?;
            Some((start + stop.len(), start))
        });
        if let Some((_, start)) = found.min() {
            self.held.truncate(start);
            return (std::mem::take(&mut self.held), true);
        }
        let held = self.stops.iter().map(|stop| begun(&self.held, stop)).max();
        let rest = self
            .held
            .split_off(self.held.len() - held.unwrap_or_default());
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// Returns the text still held back, when no more text comes.
    pub(super) fn finish(self) -> String {
        self.held
    }
}

/// How many bytes at the end of `text` are a beginning of `stop`.
fn begun(text: &str, stop: &str) -> usize {
    let starts = stop.char_indices().map(|(at, _)| at).rev();
    starts
        .filter(|len| text.ends_with(&stop[..*len]))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::StopStringMatcher;

    /// The text shown for `pieces`, and whether a stop string ended it.
    fn shown(stops: &[String], pieces: &[&str]) -> (String, bool) {
        let mut strings = StopStringMatcher::new(stops);
        let mut shown = String::new();
        for piece in pieces {
            let (text, ended) = strings.push(piece);
            shown.push_str(&text);
            if ended {
                return (shown, true);
            }
        }
        shown.push_str(&strings.finish());
        (shown, false)
    }

    fn texts<const N: usize>(stops: [&str; N]) -> [String; N] {
        stops.map(str::to_owned)
    }

    #[test]
    fn across_pieces_and_held_back() {
        let stops = texts(["\n\n", "END"]);
        let mut strings = StopStringMatcher::new(&stops);
        assert_eq!(strings.push("a\n"), ("a".to_owned(), false));
        assert_eq!(strings.push("E"), ("\n".to_owned(), false));
        assert_eq!(strings.push("Nd"), ("ENd".to_owned(), false));
        assert_eq!(strings.push("EN"), (String::new(), false));
        assert_eq!(strings.push("D of it"), (String::new(), true));
        assert_eq!(
            shown(&stops, &["only E", "N"]),
            ("only EN".to_owned(), false)
        );
        assert_eq!(
            shown(&[], &["all ", "of it"]),
            ("all of it".to_owned(), false)
        );
    }

    #[test]
    fn the_first_that_is_whole_ends_it() {
        let stops = texts(["abcd", "bc"]);
        assert_eq!(shown(&stops, &["xabcd"]), ("xa".to_owned(), true));
        let nested = texts(["c", "abc"]);
        assert_eq!(shown(&nested, &["xabc"]), ("x".to_owned(), true));
    }

    proptest! {
        /// Guards against scanning the whole text again after every character.
        #[test]
        fn pieces_make_no_difference(
            text in "[abé]{0,24}",
            stops in prop::collection::vec("[abé]{1,4}", 0..4),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| ends[cut.index(ends.len())]).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let want = ends.iter().find_map(|end| {
                let longest = stops.iter().filter(|stop| text[..*end].ends_with(&***stop)).map(String::len).max()?;
                Some((text[..end - longest].to_owned(), true))
            });
            prop_assert_eq!(shown(&stops, &pieces), want.unwrap_or((text.clone(), false)));
        }
    }
}
