//! Files of questions on the disk.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use fathom_shared::longbench::{QuestionSource, samples};

use super::*;
use crate::data::corpora::{CorpusFolder, fetched_questions};

/// Samples as a file of one row a line.
fn lines(numbers: &[usize]) -> String {
    let rows = numbers.iter().map(|number| {
        let question = samples::question(*number).unwrap();
        serde_json::to_string(&question.row()).unwrap() + "\n"
    });
    rows.collect()
}

/// The questions, and whether the file was read to its end for them.
fn open(path: &Path, index: &Path) -> (FileQuestions, bool) {
    let mut looked = false;
    let opened = FileQuestions::open(path, index, &mut |_, _| looked = true);
    (opened.unwrap(), looked)
}

#[test]
fn a_file_is_read_once_and_its_rows_when_they_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.jsonl");
    let index = folder.path().join("deep/down/it.index.json");
    fs::write(&path, lines(&[0, 8])).unwrap();
    let (first, looked) = open(&path, &index);
    assert!(looked, "it is new");
    assert_eq!(
        (first.len(), first.source().name.as_str()),
        (2, "mine.jsonl")
    );
    assert_eq!(first.question(1), Ok(samples::question(8).unwrap()));
    let none = first.question(2).unwrap_err();
    assert_eq!(none, "`mine.jsonl` has 2 questions, got number 2");
    let (again, looked) = open(&path, &index);
    assert!(!looked, "what is known of it was kept");
    assert_eq!(again.cards(), first.cards());
    assert_eq!(again.source(), first.source());
    assert_eq!(again.question(0), Ok(samples::question(0).unwrap()));

    // A damaged index, and one that tells of another file.
    let kept = fs::read_to_string(&index).unwrap();
    let other = kept.replacen("\"start\":0,", "\"start\":999999999,", 1);
    assert_ne!(other, kept);
    for damaged in ["", "{", &kept[..kept.len() / 2], &other] {
        fs::write(&index, damaged).unwrap();
        let (mended, looked) = open(&path, &index);
        assert!(looked);
        assert_eq!(mended.question(1), Ok(samples::question(8).unwrap()));
        assert_eq!(fs::read_to_string(&index).unwrap(), kept);
    }

    // Another size, and another time.
    fs::write(&path, lines(&[8, 0, 4])).unwrap();
    let gone = first.question(0).unwrap_err();
    assert!(gone.contains("was changed while it was read"), "{gone}");
    let (third, looked) = open(&path, &index);
    assert!(looked && third.len() == 3);
    let file = fs::File::options().write(true).open(&path).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    file.set_modified(later).unwrap();
    assert!(open(&path, &index).1);
    assert!(!open(&path, &index).1);
}

#[test]
fn a_file_with_a_fault_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.jsonl");
    let index = folder.path().join("it.index.json");
    let twice = lines(&[0, 0]).replace("\"hard\"", "\"heavy\"");
    fs::write(&path, &twice).unwrap();
    let error = FileQuestions::open(&path, &index, &mut |_, _| ()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&path.display().to_string()), "{text}");
    assert!(text.contains("\nmine.jsonl: line 2: field `"), "{text}");
    assert!(!index.exists(), "nothing is kept of it");
    let error = FileQuestions::open(folder.path(), &index, &mut |_, _| ()).unwrap_err();
    assert!(error.to_string().starts_with("cannot read `"), "{error}");
}

#[test]
fn the_dataset_is_what_was_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let corpora = CorpusFolder::open(folder.path());
    assert!(
        fetched_questions(&corpora, &mut |_, _| ())
            .unwrap()
            .is_none()
    );
    let path = folder.path().join("longbench-v2.json");
    fs::write(&path, lines(&[0])).unwrap();
    let put = fetched_questions(&corpora, &mut |_, _| ())
        .unwrap()
        .unwrap();
    assert_eq!(put.len(), 1, "somebody put it there");
    let record = serde_json::json!({"url": "http://a.b/", "sha256": "abc", "size_bytes": 1});
    let place = folder.path().join("longbench-v2.origin.json");
    fs::write(place, record.to_string()).unwrap();
    let error = fetched_questions(&corpora, &mut |_, _| ())
        .unwrap_err()
        .to_string();
    let sha256 = &put.source().sha256;
    assert!(
        error.contains(sha256) && error.contains("expected abc"),
        "{error}"
    );
}
