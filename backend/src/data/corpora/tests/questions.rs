//! The dataset with questions: checked and indexed a row at a time.

use fathom_shared::longbench::{QuestionSource as _, samples};

use super::super::fetch::{CorpusFetched, get};
use super::super::shape::CorpusShape;
use super::{Quiet, Reply, folder, get_it, sha256, shaped, site, there};
use crate::data::questions::FileQuestions;

#[tokio::test]
async fn questions_come_with_their_index() {
    let rows: String = [0, 4]
        .map(|n| serde_json::to_string(&samples::question(n).unwrap().row()).unwrap() + "\n")
        .concat();
    let rows: &'static str = rows.leak();
    let bad: &'static str = rows.replace("\"easy\"", "\"light\"").leak();
    let pages: [(&str, &[Reply]); 2] = [
        ("/it", &[Reply::Cut(rows, 900), Reply::Whole(rows)]),
        ("/bad.json", &[Reply::Whole(bad)]),
    ];
    let (addr, asked) = site(&pages).await;
    let (home, corpora) = folder();
    let mut wanted = shaped(
        CorpusShape::Questions,
        addr,
        &[("/it", Some(&sha256(rows.as_bytes())))],
    );
    let broken = get_it(&corpora, &wanted).await.unwrap_err().to_string();
    assert!(
        broken.contains(&format!("900 of {} bytes", rows.len())),
        "{broken}"
    );
    let CorpusFetched::New(found, contents) = get(&corpora, &wanted, &Quiet).await.unwrap() else {
        panic!("it was not there before");
    };
    assert_eq!(asked.lock().unwrap()[1].1.as_deref(), Some("bytes=900-"));
    assert_eq!(contents.to_string(), "2 questions");
    assert_eq!(
        there(&corpora),
        ["it.index.json", "it.json", "it.origin.json"]
    );
    let mut looked = false;
    let set = FileQuestions::open(&found.path, &corpora.index_file("it"), &mut |_, _| {
        looked = true;
    });
    assert_eq!(set.unwrap().question(1), Ok(samples::question(4).unwrap()));
    assert!(!looked, "the index was made with the download");

    // From a file of the user's, which stays where it is; its hash counts as a download's does.
    let (_folder, other) = folder();
    let own = home.path().join("data.json");
    wanted.file = Some(own.clone());
    std::fs::write(&own, bad).unwrap();
    let error = get_it(&other, &wanted).await.unwrap_err().to_string();
    assert!(error.contains("as its origin's has"), "{error}");
    assert!(there(&other).is_empty(), "{:?}", there(&other));
    wanted.sha256 = Some(sha256(bad.as_bytes()));
    let error = get_it(&other, &wanted).await.unwrap_err().to_string();
    assert!(error.contains("\ndata.json: line "), "{error}");
    assert!(
        error.contains("field `difficulty`: got \"light\""),
        "{error}"
    );
    assert!(there(&other).is_empty(), "{:?}", there(&other));
    wanted.sha256 = None;
    std::fs::write(&own, rows).unwrap();
    let found = get_it(&other, &wanted).await.unwrap();
    assert_eq!(found.record.unwrap().url, own.display().to_string());
    assert_eq!(std::fs::read_to_string(&own).unwrap(), rows);

    // A download that has faults.
    let (_folder, third) = folder();
    let wanted = shaped(CorpusShape::Questions, addr, &[("/bad.json", None)]);
    let error = get_it(&third, &wanted).await.unwrap_err().to_string();
    assert!(error.contains("\nbad.json: line "), "{error}");
    assert!(there(&third).is_empty(), "{:?}", there(&third));
}
