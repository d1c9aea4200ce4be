//! The width of text, and placing labels without overlap.

/// How much wider bold letters are.
pub(super) const BOLD: f64 = 1.12;

/// About how wide a text is, in pixels, of letters `em` high, in DejaVu Sans: of the fonts that the
/// page asks for the widest, so that no text is wider than was thought.
pub(super) fn width(text: &str, em: f64) -> f64 {
    text.chars().map(letter).sum::<f64>() * em
}

/// The width of a letter of the height 1, by letters that are about as wide.
fn letter(one: char) -> f64 {
    match one {
        'i' | 'j' | 'l' | 'I' | '\'' | '|' | '!' => 0.3,
        'f' | 'r' | 't' | ' ' | '.' | ',' | ':' | ';' | '·' | '-' | '/' | '(' | ')' | '[' | ']' => {
            0.4
        }
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' => 0.98,
        one if one.is_uppercase() => 0.72,
        // The scripts of East Asia are square.
        one if u32::from(one) >= 0x2E80 => 1.0,
        _ => 0.63,
    }
}

/// A text no wider than `room`, with an ellipsis where it was cut.
pub(super) fn fit(text: &str, em: f64, room: f64) -> String {
    if width(text, em) <= room {
        return text.to_owned();
    }
    let mut free = room - width("…", em);
    let cut = text.char_indices().find(|(at, one)| {
        free -= letter(*one) * em;
        // One letter is left whatever the room.
        free < 0.0 && *at > 0
    });
    let cut = cut.map_or(text, |(at, _)| &text[..at]);
    format!("{}…", cut.trim_end())
}

/// A text in lines no wider than `room`, broken between words.
pub(super) fn wrap(text: &str, em: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line, em) + width(word, em) + width(" ", em) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Moves places apart until they are `gap` from one another, as little as may be, within `low` to
/// `high`; gives the places in the order in which they came.
pub(super) fn apart(wanted: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut placed = wanted.to_vec();
    let mut at = low;
    for &one in &order {
        placed[one] = placed[one].max(at);
        at = placed[one] + gap;
    }
    let mut at = high;
    for &one in order.iter().rev() {
        placed[one] = placed[one].min(at);
        at = placed[one] - gap;
    }
    placed
}

/// Whether a box of left, top, width and height holds a place.
pub(super) fn holds(at: [f64; 4], (x, y): (f64, f64)) -> bool {
    let [left, top, wide, high] = at;
    (left..=left + wide).contains(&x) && (top..=top + high).contains(&y)
}

/// Boxes that are taken; a further one is let in where it meets none.
#[derive(Default)]
pub(super) struct OccupiedBoxes(Vec<[f64; 4]>);

impl OccupiedBoxes {
    /// Takes a box of left, top, width and height, if it is free.
    pub(super) fn take(&mut self, at: [f64; 4]) -> bool {
        let meets = |other: &[f64; 4]| {
            at[0] < other[0] + other[2]
                && other[0] < at[0] + at[2]
                && at[1] < other[1] + other[3]
                && other[1] < at[1] + at[3]
        };
        let free = !self.0.iter().any(meets);
        if free {
            self.0.push(at);
        }
        free
    }

    /// Takes it whether or not it is free.
    pub(super) fn keep(&mut self, at: [f64; 4]) {
        self.0.push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_apart_and_stay_inside() {
        assert_eq!(
            apart(&[10.0, 11.0, 50.0], 5.0, (0.0, 100.0)),
            [10.0, 15.0, 50.0]
        );
        assert_eq!(apart(&[99.0, 98.0], 10.0, (0.0, 100.0)), [100.0, 90.0]);
        assert_eq!(apart(&[], 5.0, (0.0, 1.0)), [0.0; 0]);
    }

    #[test]
    fn words_are_cut_or_broken() {
        assert_eq!(fit("question answering", 10.0, 60.0), "question…");
        assert_eq!(fit("vt", 10.0, 60.0), "vt");
        assert_eq!(fit("vt", 10.0, 1.0), "v…");
        assert!(width(&fit("mmmmmmmm", 10.0, 60.0), 10.0) <= 60.0);
        assert_eq!(
            wrap("question answering", 10.0, 60.0),
            ["question", "answering"]
        );
        assert_eq!(wrap("a b", 10.0, 60.0), ["a b"]);
    }

    #[test]
    fn a_box_that_is_taken_is_not_given_twice() {
        let mut taken = OccupiedBoxes::default();
        assert!(taken.take([0.0, 0.0, 10.0, 10.0]));
        assert!(!taken.take([5.0, 5.0, 10.0, 10.0]));
        assert!(taken.take([10.0, 0.0, 10.0, 10.0]));
        taken.keep([0.0, 20.0, 1.0, 1.0]);
        assert!(!taken.take([0.0, 20.5, 1.0, 1.0]));
    }
}
