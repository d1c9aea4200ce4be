//! Whole files beside their chunks, unreadable rows, and paths that are not files.

use super::*;

fn row(index: u32, answer: &str) -> String {
    format!(r#"{{"index": {index}, "pred": "{answer}", "input": "q{index}", "outputs": ["x"]}}"#)
}

fn four() -> String {
    (1..=4).map(|index| row(index, "x") + "\n").collect()
}

/// The contents of a chunk beside a good whole file, with the expected rows, percentage and
/// messages.
#[test]
fn a_whole_file_is_not_dropped_for_its_chunks() {
    let cases = [
        (
            row(1, "no"),
            75.0,
            &[
                "3 rows are not in the chunks beside the file; counted",
                "1 row is otherwise answered in the chunks",
            ][..],
        ),
        (
            row(1, "x"),
            100.0,
            &["3 rows are not in the chunks beside the file; counted"][..],
        ),
        (
            String::new(),
            100.0,
            &["vt.jsonl`: read, as the chunks beside the file hold no rows"][..],
        ),
        (
            "junk".to_owned(),
            100.0,
            &["vt-0.jsonl`: line 1: not JSON", "vt.jsonl`: read, as"][..],
        ),
        (four(), 100.0, &[][..]),
    ];
    for (chunk, percent, words) in cases {
        let root = pred("vt.jsonl", &four());
        let folder = root.path().join("m/synthetic/4096/pred");
        fs::write(folder.join("vt-0.jsonl"), &chunk).unwrap();
        let got = scored(root.path());
        assert_eq!((got.n, got.percent), (4, percent), "{chunk}: {}", got.said);
        for word in words {
            assert!(got.said.contains(word), "{word}: {}", got.said);
        }
        assert_eq!(got.said.is_empty(), words.is_empty(), "{}", got.said);
    }
    // An unreadable whole file does not affect the chunks.
    let root = pred("vt.jsonl", "junk");
    let folder = root.path().join("m/synthetic/4096/pred");
    fs::write(folder.join("vt-0.jsonl"), four()).unwrap();
    let got = scored(root.path());
    assert_eq!(got.n, 4);
    assert!(
        got.said.contains("vt.jsonl`: line 1: not JSON"),
        "{}",
        got.said
    );
}

#[test]
fn a_row_that_cannot_be_read_costs_no_other() {
    let cut = format!("{}{{\"index\": 5, \"pr", four());
    let root = pred("vt.jsonl", &cut);
    let got = scored(root.path());
    assert_eq!(got.n, 4);
    assert!(
        got.said
            .ends_with("vt.jsonl`: the last line, 5, is cut off: not read"),
        "{}",
        got.said
    );
    let twice = format!("{}{}", four(), row(1, "x"));
    let got = scored(pred("cwe.jsonl", &twice).path());
    assert_eq!(got.n, 4);
    assert!(
        got.said
            .ends_with("cwe.jsonl`: 1 row is there twice; counted once"),
        "{}",
        got.said
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_told() {
    let root = pred("vt.jsonl", ROW);
    let folder = root.path().join("m/synthetic/4096/pred");
    std::os::unix::fs::symlink("nowhere", folder.join("cwe.jsonl")).unwrap();
    fs::create_dir(folder.join("fwe.jsonl")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("qa_1.jsonl")).unwrap();
    let got = scored(root.path());
    assert_eq!(got.n, 1);
    for word in [
        "cwe.jsonl`: No such file",
        "fwe.jsonl` has the name of a file but is a folder",
        "qa_1.jsonl`: a pipe or a device",
    ] {
        assert!(got.said.contains(word), "{word}: {}", got.said);
    }
    fs::remove_file(folder.join("vt.jsonl")).unwrap();
    assert!(fails(&[root.path().to_str().unwrap()]).contains("cwe.jsonl`: No such file"));
}

#[test]
fn a_log_without_samples_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("nosamples.json");
    fs::write(
        &path,
        r#"{"version": 2, "status": "cancelled", "eval": {"task": "vt", "dataset": {"samples": 60}}, "samples": null}"#,
    )
    .unwrap();
    for given in [&path, &root.path().to_owned()] {
        let error = fails(&[given.to_str().unwrap()]);
        assert!(
            error.ends_with(
                "nosamples.json`: the file holds no rows: the log says it was cancelled: 60 of 60 samples are missing"
            ),
            "{error}"
        );
    }
}
