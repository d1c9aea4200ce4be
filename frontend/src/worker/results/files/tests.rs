//! Tests of reading files of results.

use super::super::digest::digest;
use super::*;
use crate::protocol::results::GroupBy;

fn ruler_line(index: u32, answer: &str) -> String {
    format!(
        r#"{{"index": {index}, "pred": "{answer}", "input": "find 42", "outputs": ["42"], "others": {{}}, "truncation": -1, "length": 300}}"#
    )
}

fn question(id: u32, pred: &str, difficulty: &str) -> String {
    format!(
        r#"{{"_id": "q{id}", "domain": "Code", "difficulty": "{difficulty}", "length": "short", "answer": "A", "response": "(A)", "pred": {pred}, "judge": true}}"#
    )
}

#[test]
fn files_of_one_model_come_together() {
    let paths = [
        "model-a/synthetic/4096/pred/niah_single_1.jsonl",
        "model-a/synthetic/8192/pred/niah_single_1.jsonl",
        "model-a/synthetic/4096/pred/vt-0.jsonl",
        "gpt.jsonl",
        "gpt_cot.jsonl",
    ];
    let bytes = [
        [ruler_line(0, "42"), ruler_line(1, "41")].join("\n"),
        ruler_line(0, "42"),
        ruler_line(0, "none"),
        [question(1, "\"A\"", "easy"), question(2, "\"B\"", "hard")].join("\n"),
        question(1, "\"A\"", "easy"),
    ]
    .map(String::into_bytes);
    let sets = read(&paths.map(str::to_owned), None, &bytes).unwrap();
    let names: Vec<&str> = sets
        .iter()
        .map(|(set, _)| set.about.name.as_str())
        .collect();
    assert_eq!(names, ["model-a", "gpt"]);
    let told = digest("file:model-a", &sets[0].0, sets[0].1.clone());
    let lengths: Vec<u32> = told.means.iter().map(|at| at.length.0).collect();
    assert_eq!(lengths, [4096, 8192]);
    assert_eq!(told.means[0].sum.mean, Some(0.25));
    assert_eq!(
        (told.gaps[0].length, told.gaps[0].gap.value),
        (Tokens(4096), 0.5)
    );
    let asked = digest("file:gpt", &sets[1].0, Vec::new()).questions;
    let ways: Vec<&str> = asked.iter().map(|asked| asked.variant.as_str()).collect();
    assert_eq!(ways, ["", "setting=cot"]);
    let overall = &asked[0].groups[0];
    assert_eq!(
        (overall.by, overall.n, overall.share),
        (GroupBy::Overall, 2, 0.5)
    );
}

#[test]
fn a_length_that_no_path_says_is_the_readers() {
    let bytes = [ruler_line(0, "42").into_bytes()];
    let paths = ["vt.jsonl".to_owned()];
    let sets = read(&paths, Some(Tokens(512)), &bytes).unwrap();
    assert_eq!(sets[0].0.cells[0].length, Some(Tokens(512)));
    assert_eq!(sets[0].0.about.name, "RULER predictions");
    let sets = read(&paths, None, &bytes).unwrap();
    assert_eq!(sets[0].0.cells[0].length, None);
}

#[test]
fn what_is_no_result_says_which_file() {
    let fault = |path: &str, text: &str| {
        let bytes = [text.as_bytes().to_vec()];
        read(&[path.to_owned()], None, &bytes).unwrap_err()
    };
    assert!(fault("notes.txt", "hello").starts_with("notes.txt: got this file, expected"));
    assert!(fault("vt.jsonl", "{}").starts_with("vt.jsonl: line 1: "));
    assert!(fault("x.json", "{}").starts_with("x.json is no result set"));
    assert!(fault("x.json", "[1]").starts_with("x.json: row 1: not JSON"));
    assert!(fault("gpt.jsonl", "{\"_id\": \"q\"}").contains("line 1: field"));
    let helm = r#"[{"name": {"name": "exact_match"}, "count": 1, "sum_squared": 1.0}]"#;
    let compass = r#"{"0": {"origin_prompt": "q", "prediction": "42", "gold": "42"}}"#;
    for (path, text, program) in [
        ("stats.json", helm, "HELM"),
        ("vt.json", compass, "OpenCompass"),
    ] {
        let told = fault(path, text);
        let begins = format!("{path}: got a file of {program}, which is not read; expected");
        assert!(told.starts_with(&begins), "{told}");
    }
}

#[test]
fn rows_count_once_and_what_cannot_be_read_is_skipped() {
    let paths = [
        "m/4096/pred/vt.jsonl",
        "m/4096/pred/vt-0.jsonl",
        "m/4096/pred/vt-1.jsonl",
        "m/4096/pred/cwe.jsonl",
        "notes.txt",
        "log.json",
    ];
    let log = r#"{"version": 2, "status": "success", "eval": {"task": "vt", "task_args": {"max_seq_length": 4096}},
        "samples": [{"id": "a/1", "epoch": 1, "input": "q", "target": "42",
            "output": {"choices": [{"message": {"content": "42"}}]}, "scores": {"includes": {"value": "I"}}}]}"#;
    let bytes = [
        ruler_line(0, "none"),
        ruler_line(0, "42"),
        [ruler_line(1, "41"), ruler_line(1, "41")].join("\n"),
        "{}".to_owned(),
        String::new(),
        log.to_owned(),
    ];
    let bytes = bytes.map(String::into_bytes);
    let sets = read(&paths.map(str::to_owned), None, &bytes).unwrap();
    let [(ruler, told), (_, of_log)] = &sets[..] else {
        panic!("{} sets", sets.len());
    };
    assert_eq!(ruler.cells.len(), 1);
    assert_eq!(ruler.cells[0].samples.len(), 2);
    let all = told.join("\n");
    for word in [
        "otherwise answered in the chunks beside the file",
        "1 row is there twice; counted once",
        "skipped m/4096/pred/cwe.jsonl: line 1",
        "skipped notes.txt: got this file",
    ] {
        assert!(all.contains(word), "{word}: {all}");
    }
    assert!(
        of_log[0].contains("the file says 0.00, ours is 100.00"),
        "{of_log:?}"
    );
}
