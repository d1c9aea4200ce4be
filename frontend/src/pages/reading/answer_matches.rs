//! Finds which parts of an answer occur in the text, and where. Pure.

use std::ops::Range;

use fathom_shared::task::Sample;

use crate::ui::text_viewer::TextMark;

/// A word that stands in the text more often than this tells nothing.
const MOST: usize = 8;

/// A string of an answer that stands in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in super::super) struct AnswerString {
    /// Its bytes in the answer.
    pub(in super::super) answer: Range<usize>,
    /// Where it stands in the sample's input, in order.
    pub(in super::super) places: Vec<Range<usize>>,
    /// Where a reader is led: into gold evidence if it stands there.
    pub(in super::super) first: usize,
    /// Whether a right answer holds it.
    pub(in super::super) expected: bool,
}

/// The strings of `answer` that stand in the input: references, names of evidence, and words with a
/// digit or a capital that are rare there. Ordinary words say nothing about where an answer is from.
pub(in super::super) fn strings(sample: &Sample, answer: &str) -> Vec<AnswerString> {
    let input = sample.input.to_ascii_lowercase();
    let folded = answer.to_ascii_lowercase();
    let mut found: Vec<AnswerString> = Vec::new();
    let mut take = |bytes: Range<usize>, expected: bool, most: usize| {
        let apart =
            |one: &AnswerString| one.answer.end <= bytes.start || bytes.end <= one.answer.start;
        if !found.iter().all(apart) {
            return;
        }
        let places = whole_words(&input, &folded[bytes.clone()]);
        let gold = places.iter().find(|place| is_gold(sample, place));
        if let Some(first) = gold.or(places.first()).map(|place| place.start)
            && places.len() <= most
        {
            found.push(AnswerString {
                answer: bytes,
                places,
                first,
                expected,
            });
        }
    };
    for reference in &sample.references {
        let reference = reference.to_ascii_lowercase();
        for place in whole_words(&folded, &reference) {
            take(place, true, usize::MAX);
        }
    }
    for word in words(answer) {
        let text = &answer[word.clone()];
        let named = sample.evidence.iter().any(|piece| piece.label == text);
        let rare =
            text.len() > 1 && text.contains(|c: char| c.is_ascii_digit() || c.is_uppercase());
        if named || rare {
            take(word, false, if named { usize::MAX } else { MOST });
        }
    }
    found.sort_by_key(|one| one.answer.start);
    found
}

/// The places of `strings` as marks of a text in which the input begins at `start`.
pub(super) fn marks(strings: &[AnswerString], start: usize) -> Vec<TextMark> {
    let all = strings.iter().flat_map(|one| {
        let (kind, says) = match one.expected {
            true => ("right", "The answer contains this, as expected"),
            false => (
                "wrong",
                "The answer contains this, but it was not asked for",
            ),
        };
        let mark = move |place: &Range<usize>| TextMark {
            bytes: start + place.start..start + place.end,
            kind,
            says: says.to_owned(),
            piece: None,
        };
        one.places.iter().map(mark)
    });
    let mut all: Vec<TextMark> = all.collect();
    all.sort_by_key(|mark| mark.bytes.start);
    let mut end = 0;
    all.retain(|mark| {
        let apart = mark.bytes.start >= end;
        if apart {
            end = mark.bytes.end;
        }
        apart
    });
    all
}

fn is_gold(sample: &Sample, place: &Range<usize>) -> bool {
    let holds = |bytes: &Range<usize>| bytes.start <= place.start && place.end <= bytes.end;
    let mut gold = sample.evidence.iter().filter(|piece| piece.gold);
    gold.any(|piece| holds(&piece.bytes))
}

/// Where `part` stands in `text` between other characters than those of words.
fn whole_words(text: &str, part: &str) -> Vec<Range<usize>> {
    if part.is_empty() {
        return Vec::new();
    }
    let alone = |(at, part): (usize, &str)| {
        let (before, after) = (&text[..at], &text[at + part.len()..]);
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let alone = !word(before.chars().next_back()) && !word(after.chars().next());
        alone.then(|| at..at + part.len())
    };
    text.match_indices(part).filter_map(alone).collect()
}

/// The words of `text`: letters and digits, joined by hyphens.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        if !(letter.is_alphanumeric() || letter == '-') {
            continue;
        }
        match words.last_mut().filter(|word| word.end == at) {
            Some(word) => word.end = end,
            None => words.push(at..end),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;

    /// The strings with how often they stand in the text and whether they are expected.
    fn told(sample: &Sample, answer: &str) -> Vec<(String, usize, bool)> {
        let one = |one: &AnswerString| {
            (
                answer[one.answer.clone()].to_owned(),
                one.places.len(),
                one.expected,
            )
        };
        strings(sample, answer).iter().map(one).collect()
    }

    #[test]
    fn what_was_copied_from_the_example_is_told_from_what_was_asked_for() {
        let text = "VAR ABC = 1\nanswer: ABC\nVAR KLMNO = 77\nVAR PQRST = VAR KLMNO \n77?";
        let gold = [("VAR KLMNO = 77", true), ("VAR PQRST = VAR KLMNO ", true)];
        let made = sample(text, &gold, &["KLMNO", "PQRST"]);
        let got = told(&made, " KLMNO ABC, ZZZZZ and the 77");
        assert_eq!(
            got,
            [
                ("KLMNO".to_owned(), 2, true),
                ("ABC".to_owned(), 2, false),
                ("77".to_owned(), 2, false),
            ]
        );
        let first = strings(&made, "PQRST")[0].first;
        assert_eq!(&text[first..first + 5], "PQRST");
    }

    #[test]
    fn parts_of_words_and_ordinary_words_are_left_out() {
        let made = sample("the number is 17. The 170 grass", &[("17", true)], &["17"]);
        assert_eq!(told(&made, "the grass is 17"), [("17".to_owned(), 1, true)]);
        assert_eq!(told(&made, "é-170?"), []);
    }

    #[test]
    fn a_reference_is_found_case_aside_and_marks_never_overlap() {
        let made = sample(
            "Denver Broncos won",
            &[("Denver Broncos", true)],
            &["denver broncos"],
        );
        let got = strings(&made, "The Denver Broncos.");
        assert_eq!(got.len(), 1);
        let marks = marks(&got, 10);
        assert_eq!((marks[0].bytes.clone(), marks[0].kind), (10..24, "right"));
    }
}
