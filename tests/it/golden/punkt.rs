//! Compares sentences with NLTK's.

use fathom_shared::corpora::punkt::sentences;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    text: String,
    sentences: Vec<String>,
}

#[test]
fn sentences_equal_nltks() {
    let cases: Vec<Case> = super::lines("ruler/punkt.jsonl");
    assert_eq!(cases.len(), 126);
    for case in cases {
        let ranges = sentences(&case.text).into_iter();
        let got: Vec<_> = ranges.map(|range| &case.text[range]).collect();
        assert_eq!(got, case.sentences, "{:?}", case.text);
    }
}
