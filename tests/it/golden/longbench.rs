//! Letters and reports of LongBench v2.

use fathom_shared::longbench::{ChoiceLetter, Prediction, extract, report};
use serde_json::Value;

fn lines(name: &str) -> Vec<String> {
    let text = String::from_utf8(super::bytes(&format!("longbench2/{name}"))).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn letters_are_those_of_the_original() {
    let cases = lines("extract.jsonl");
    assert!(cases.len() > 20, "{} cases", cases.len());
    for case in cases {
        let case: Value = serde_json::from_str(&case).unwrap();
        let response = case["response"].as_str().unwrap();
        let letter = extract(response).map(ChoiceLetter::as_str);
        assert_eq!(letter, case["pred"].as_str(), "{response:?}");
    }
}

#[test]
fn reports_are_those_of_the_original() {
    for (file, compensated) in [("false", false), ("true", true)] {
        let want = lines(&format!("result_compensated_{file}.txt")).join("\n");
        // The original reads the files in the folder's order.
        let names = want
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').next());
        let table = report::table(names.map(|name| {
            let answers: Vec<_> = lines(&format!("{name}.jsonl"))
                .iter()
                .map(|line| Prediction::read(line, false).unwrap().judged)
                .collect();
            report::line(name, &answers, compensated)
        }));
        assert_eq!(table, want);
    }
}

#[test]
fn a_letter_taken_again_is_the_one_written() {
    for name in ["alpha", "beta_cot", "gamma_rag_4"] {
        for line in lines(&format!("{name}.jsonl")) {
            let [once, again] = [false, true].map(|again| Prediction::read(&line, again).unwrap());
            assert_eq!(once, again, "{line}");
        }
    }
}
