use serde_json::json;

use super::*;

fn row() -> Value {
    json!({
        "_id": "q", "domain": "Single-Document QA", "sub_domain": "Literary",
        "difficulty": "hard", "length": "short", "question": "Who?",
        "choice_A": "a", "choice_B": "b", "choice_C": "c", "choice_D": "d",
        "answer": "C", "context": "It was Ünal.", "evidence": [[7, 12]],
    })
}

#[test]
fn a_row_comes_back_as_it_was() {
    let question = LongBenchQuestion::check(row()).unwrap();
    assert_eq!(&question.context[question.evidence[0].clone()], "Ünal");
    assert_eq!(serde_json::to_value(question.row()).unwrap(), row());
    let mut other = row();
    other["token_length"] = json!(7);
    assert_eq!(
        LongBenchQuestion::check(other).unwrap(),
        question,
        "unknown fields do no harm"
    );
}

#[test]
fn every_fault_is_named() {
    let cases = [
        ("_id", json!(null), "got null, expected a text"),
        ("choice_B", json!(" "), "got \" \", expected a text"),
        (
            "difficulty",
            json!("Hard"),
            "got \"Hard\", expected easy or hard",
        ),
        ("length", json!(3), "got 3, expected short, medium or long"),
        ("answer", json!(""), "got \"\", expected A, B, C or D"),
        ("context", json!(["a"]), "got a list, expected a text"),
        (
            "evidence",
            json!([[8, 9]]),
            "got [8, 9], which cuts a character in two, expected a list of [start, end]",
        ),
        (
            "evidence",
            json!([[0, 2], [3, 99]]),
            "got [3, 99] in a context of 13 bytes",
        ),
        ("evidence", json!([[2, 2]]), "got [2, 2], which is empty"),
        ("evidence", json!([[3, 2]]), "got [3, 2], which ends before"),
        ("evidence", json!([["It", 2]]), "got the piece [\"It\",2]"),
        ("evidence", json!([0, 2]), "got the piece 0"),
        (
            "evidence",
            json!([[0, 2], [1, 3]]),
            "got [1, 3], which starts before the last one ends, at 2, expected",
        ),
        ("evidence", json!("0-3"), "got \"0-3\""),
    ];
    for (field, value, want) in cases {
        let mut row = row();
        if field == "context" {
            row["evidence"] = json!([]);
        }
        row[field] = value;
        let faults = LongBenchQuestion::check(row).unwrap_err();
        let [fault] = &faults[..] else {
            panic!("{field}: {faults:?}")
        };
        let told = fault.to_string();
        assert!(told.contains(field) && told.contains(want), "{told}");
    }
    assert_eq!(LongBenchQuestion::check(json!({})).unwrap_err().len(), 12);
    assert_eq!(
        LongBenchQuestion::check(json!([])).unwrap_err()[0].field,
        "row"
    );
}
