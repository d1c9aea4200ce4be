//! Places in a text that no token crosses: before a space between two visible ASCII characters.
//! `shared::tokens` names more of them; these are enough to read a part of a long text. Pure.

/// How much of a text's ends is tokenised together with its neighbours.
const END: usize = 256;

fn divides(bytes: &[u8], at: usize) -> bool {
    let visible = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_graphic);
    at > 0 && bytes.get(at) == Some(&b' ') && visible(at - 1) && visible(at + 1)
}

/// The last such place at or before byte `at`; the text's beginning where there is none.
pub(super) fn before(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut places = (0..=at.min(bytes.len())).rev();
    places.find(|at| divides(bytes, *at)).unwrap_or(0)
}

/// The first such place at or after byte `at`; the text's end where there is none.
pub(super) fn after(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut places = at..bytes.len();
    places.find(|at| divides(bytes, *at)).unwrap_or(bytes.len())
}

/// Where the first and last few hundred bytes end and begin. They meet or cross in a short text.
pub(super) fn ends(text: &str) -> (usize, usize) {
    (
        after(text, END),
        before(text, text.len().saturating_sub(END)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_before_words() {
        let text = "one two  three\n four ä five six";
        assert_eq!(before(text, 5), 3);
        assert_eq!(before(text, 2), 0);
        assert_eq!(
            after(text, 4),
            text.len() - 4,
            "two spaces, a line, an umlaut do not divide"
        );
        assert_eq!(after(text, 99), text.len());
        assert_eq!(before(text, 99), text.len() - 4);
    }

    #[test]
    fn short_texts_have_no_middle() {
        let (head, tail) = ends("a b c");
        assert!(head >= tail);
        let (head, tail) = ends(&"word ".repeat(300));
        assert!(head < tail);
    }
}
