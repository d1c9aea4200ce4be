//! Essays, put together from pages.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use super::super::fetch::{CorpusRequest, get};
use super::super::fetchable::CorpusOrigin;
use super::super::shape::CorpusShape;
use super::{Reply, corpus, folder, get_it, site, there};
use crate::data::pull::PullWatcher;

const PAGE_A: &str = "<td><font size=2>March 2001<br><br>An <i>essay</i>.</font></td>";
const PAGE_B: &str = "<td><font size=2>Another one,<br>caf\\xe9.</font></td>";

fn essays(addr: SocketAddr) -> CorpusRequest {
    let urls = format!(
        "# remark\nhttp://{addr}/re.html\nhttp://{addr}/read.html\nhttp://{addr}/raw/plain.txt\n"
    );
    let origin = CorpusOrigin::Pages {
        from: "a site",
        urls: urls.leak(),
    };
    CorpusRequest {
        pause: Duration::from_millis(1),
        ..CorpusRequest::new(corpus(origin, CorpusShape::Text))
    }
}

/// As the script sorts: plain texts first, and `re.txt` before `read.txt`.
const TOGETHER: &str = "{\"text\": \"Plain \\u2019text.\\nEnd March 2001\\n\\nAn _essay_.\\nAnother one,\\ncaf\\u00e9.\\n\"}";

#[tokio::test]
async fn essays_are_put_together_from_pages_and_texts() {
    let pages: [(&str, &[Reply]); 3] = [
        ("/read.html", &[Reply::Whole(PAGE_B)]),
        // A server that is busy at first.
        ("/re.html", &[Reply::Status(500), Reply::Whole(PAGE_A)]),
        (
            "/raw/plain.txt",
            &[Reply::Whole("Plain \u{2019}text.\r\nEnd ")],
        ),
    ];
    let (addr, _asked) = site(&pages).await;
    let (_folder, corpora) = folder();
    let found = get_it(&corpora, &essays(addr)).await.unwrap();
    let text = std::fs::read_to_string(&found.path).unwrap();
    assert_eq!(text, TOGETHER);
    assert_eq!(found.record.unwrap().url, "a site");
    assert_eq!(there(&corpora), ["it.json", "it.origin.json"]);
}

#[tokio::test]
async fn essays_that_cannot_be_had_are_named_and_the_others_kept() {
    let pages: [(&str, &[Reply]); 2] = [
        ("/re.html", &[Reply::Whole(PAGE_A)]),
        ("/read.html", &[Reply::Whole("<p>moved</p>")]),
    ];
    let (addr, asked) = site(&pages).await;
    let (_folder, corpora) = folder();
    let mut wanted = essays(addr);
    let error = get_it(&corpora, &wanted).await.unwrap_err().to_string();
    assert!(error.contains("2 of the 3 pages"), "{error}");
    assert!(error.contains("/read.html has no `font`"), "{error}");
    assert_eq!(corpora.path("it"), None);

    asked.lock().unwrap().clear();
    wanted.allow_missing = true;
    let found = get_it(&corpora, &wanted).await.unwrap();
    let asked: Vec<_> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|(p, _)| p.clone())
        .collect();
    assert_eq!(asked, ["/read.html", "/raw/plain.txt"]);
    let missing = found.record.unwrap().missing;
    assert_eq!(missing.len(), 2);
    assert!(missing[1].ends_with("/raw/plain.txt"), "{missing:?}");
}

#[tokio::test]
async fn a_host_that_is_away_is_not_asked_for_each_page() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    let (_folder, corpora) = folder();
    let wanted = essays(gone);
    let said = Said::default();
    let error = get(&corpora, &wanted, &said).await.unwrap_err().to_string();
    assert!(error.contains("3 of the 3 pages"), "{error}");
    assert!(error.contains("cannot reach"), "{error}");
    // Where it looks, and the one page that it tried.
    assert_eq!(said.0.lock().unwrap().len(), 2);
}

#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl PullWatcher for Said {
    fn say(&self, sentence: &str) {
        self.0.lock().unwrap().push(sentence.to_owned());
    }

    fn at(&self, _done: u64, _total: Option<u64>) {}
}
