//! Compares windows, searches, outlines and seen parts with the text itself.

use proptest::prelude::*;

use super::*;
use crate::longbench::samples;

fn reading(context: &str) -> WrappedQuestion {
    let question = samples::question(0).unwrap();
    WrappedQuestion::new(LongBenchQuestion {
        context: context.to_owned(),
        evidence: Vec::new(),
        ..question
    })
}

proptest! {
    #[test]
    fn windows_put_together_are_the_text(
        text in "([a-zé中]{1,9}[ \n]{1,2}){1,80}", columns in 1u32..30, lines in 1u32..9
    ) {
        let mut reading = reading(&text);
        let (mut all, mut next) = (String::new(), 0);
        loop {
            let window = reading.window(columns, WindowStart::Line(next), lines);
            prop_assert_eq!(window.start as usize, all.len());
            prop_assert_eq!(window.first, next);
            all.push_str(&window.text);
            next += small(window.starts.len());
            if next >= window.lines {
                break;
            }
        }
        prop_assert_eq!(&all, &text);
        for at in [0, text.len() / 2, text.len()] {
            let window = reading.window(columns, WindowStart::Byte(small(at)), lines);
            let inside = (window.first..window.first + small(window.starts.len())).contains(&window.line);
            prop_assert!(inside, "{window:?}");
        }
    }

    #[test]
    fn what_is_found_stands_there(text in "[aAbé \n]{0,60}", words in "[aAbé ]{1,3}") {
        let found = reading(&text).find(&words);
        for place in &found.places {
            let bytes = place.bytes.start as usize..place.bytes.end as usize;
            prop_assert!(text[bytes].eq_ignore_ascii_case(&words));
        }
        let (text, words) = (text.to_ascii_lowercase(), words.to_ascii_lowercase());
        prop_assert_eq!(found.total as usize, text.matches(&words).count());
    }
}

#[test]
fn the_outline_has_every_word() {
    let named = "Preface.\n# One\nfirst text\n## Two\nsecond\nDocument 3\nthird text here\n";
    let parts = reading(named).outline();
    let titles: Vec<_> = parts
        .iter()
        .map(|part| (&*part.title, part.words))
        .collect();
    let want = [
        ("The beginning", 1),
        ("One", 4),
        ("Two", 3),
        ("Document 3", 5),
    ];
    assert_eq!(titles, want);
    let plain = "word ".repeat(1001);
    let parts = reading(&plain).outline();
    assert_eq!(parts.len(), 20);
    assert_eq!(parts[0].title, "Words 1 to 51");
    assert_eq!(parts.iter().map(|part| part.words).sum::<u32>(), 1001);
    assert_eq!(parts[19].title, "Words 970 to 1001");
}

#[test]
fn what_is_seen_is_the_text_without_the_cut() {
    let text = "0123456789 ".repeat(100);
    let reading = reading(&text);
    let bytes = TokenCounter::new("bytes", |text| text.len(), |text| (0..text.len()).collect());
    let whole = reading
        .seen(LongBenchSetting::Direct, Tokens(10_000), &bytes, None)
        .unwrap();
    assert_eq!(whole.shown.first(), Some(&(0..1099)));
    assert_eq!((whole.shown.len(), whole.before), (1, None));
    let cut = reading
        .seen(LongBenchSetting::Direct, Tokens(1000), &bytes, None)
        .unwrap();
    let [first, last] = cut.shown.as_slice() else {
        panic!("{cut:?}")
    };
    assert!(first.start == 0 && last.end == 1099 && first.end < last.start);
    assert_eq!(cut.tokens, Tokens(1000));
    assert_eq!(cut.before.unwrap().0 - cut.tokens.0, last.start - first.end);
    let none = reading
        .seen(LongBenchSetting::NoContext, Tokens(1000), &bytes, None)
        .unwrap();
    assert_eq!(none.shown, []);
}
