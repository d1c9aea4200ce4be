//! Corpora from a small server on this machine.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::super::pull::PullWatcher;
use super::super::tests::serve;
use super::fetch::{CorpusFetched, CorpusRequest, get};
use super::fetchable::{CORPORA, CorpusOrigin, CorpusUrl, KnownCorpus, LONGBENCH_V2};
use super::shape::CorpusShape;
use super::{CorpusError, CorpusFolder, StoredCorpus};

mod essays; // joining essays from pages
mod questions; // the LongBench v2 dataset

const SQUAD: &str = r#"{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "A b.",
 "qas": [{"question": "Q?", "id": "1", "is_impossible": false, "answers": [{"text": "b", "answer_start": 2}]}]}]}]}"#;

/// What a server gives at one address; the last one again and again.
#[derive(Clone)]
enum Reply {
    Whole(&'static str),
    /// So many bytes, and then the connection breaks.
    Cut(&'static str, usize),
    Status(u16),
}

type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// A server, and what it was asked for: paths and ranges.
async fn site(pages: &[(&str, &[Reply])]) -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let notes = Arc::clone(&asked);
    let replies = pages
        .iter()
        .map(|(path, replies)| ((*path).to_owned(), replies.to_vec()));
    let replies = Arc::new(Mutex::new(replies.collect::<HashMap<_, _>>()));
    let answer = move |request: Request| {
        let path = request.uri().path().to_owned();
        let range = request.headers().get(header::RANGE);
        let range = range.map(|value| value.to_str().unwrap().to_owned());
        let mut replies = replies.lock().unwrap();
        let reply = match replies.get_mut(&path) {
            Some(replies) if replies.len() > 1 => replies.remove(0),
            Some(replies) => replies[0].clone(),
            None => Reply::Status(404),
        };
        notes.lock().unwrap().push((path, range.clone()));
        async move { respond(&reply, range.as_deref()) }
    };
    (serve(Router::new().fallback(answer)).await, asked)
}

fn respond(reply: &Reply, range: Option<&str>) -> Response<Body> {
    let response = Response::builder();
    let (body, cut) = match reply {
        Reply::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap();
            return response.status(status).body(Body::empty()).unwrap();
        }
        Reply::Whole(body) => (body.as_bytes(), None),
        Reply::Cut(body, at) => (body.as_bytes(), Some(*at)),
    };
    let tag = format!("\"{}\"", sha256(body));
    let from = range.map_or(0, |range| {
        let range = range.trim_start_matches("bytes=").trim_end_matches('-');
        range.parse().unwrap()
    });
    let response = response
        .header(header::ETAG, tag)
        .header(header::CONTENT_LENGTH, body.len() - from);
    let response = match range {
        None => response,
        Some(_) => response.status(StatusCode::PARTIAL_CONTENT).header(
            header::CONTENT_RANGE,
            format!("bytes {from}-{}/{}", body.len() - 1, body.len()),
        ),
    };
    let body = match cut {
        None => Body::from(&body[from..]),
        Some(at) => {
            let broken = stream::once(async {
                // The break comes after the first bytes are on their way, as on a real line.
                tokio::time::sleep(Duration::from_millis(200)).await;
                Err(std::io::Error::other("cut"))
            });
            let start = stream::once(async move { Ok(Bytes::from(&body[from..at])) });
            Body::from_stream(start.chain(broken))
        }
    };
    response.body(body).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn corpus(origin: CorpusOrigin, shape: CorpusShape) -> &'static KnownCorpus {
    Box::leak(Box::new(KnownCorpus {
        name: "it",
        title: "a corpus",
        licence: "MIT",
        remark: None,
        origin,
        shape,
    }))
}

/// A corpus with one file at these paths, each with the hash that is known for it.
fn file(addr: SocketAddr, places: &[(&str, Option<&str>)]) -> CorpusRequest {
    shaped(CorpusShape::Squad, addr, places)
}

fn shaped(shape: CorpusShape, addr: SocketAddr, places: &[(&str, Option<&str>)]) -> CorpusRequest {
    let places = places.iter().map(|(path, sha256)| CorpusUrl {
        url: format!("http://{addr}{path}").leak(),
        sha256: sha256.map(|known| &*known.to_owned().leak()),
        size_bytes: None,
    });
    let places: Vec<_> = places.collect();
    CorpusRequest::new(corpus(CorpusOrigin::File(places.leak()), shape))
}

struct Quiet;

impl PullWatcher for Quiet {
    fn say(&self, _sentence: &str) {}
    fn at(&self, _done: u64, _total: Option<u64>) {}
}

async fn get_it(
    corpora: &CorpusFolder,
    wanted: &CorpusRequest,
) -> Result<StoredCorpus, CorpusError> {
    match get(corpora, wanted, &Quiet).await? {
        CorpusFetched::New(found, _) | CorpusFetched::Already(found) => Ok(found),
    }
}

fn there(corpora: &CorpusFolder) -> Vec<String> {
    let entries = std::fs::read_dir(corpora.folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn folder() -> (tempfile::TempDir, CorpusFolder) {
    let folder = tempfile::tempdir().unwrap();
    let corpora = CorpusFolder::open(folder.path().join("data"));
    (folder, corpora)
}

#[tokio::test]
async fn a_whole_file_gets_its_name_and_a_record() {
    let (addr, asked) = site(&[("/squad", &[Reply::Whole(SQUAD)])]).await;
    let (_folder, corpora) = folder();
    let wanted = file(addr, &[("/squad", Some(&sha256(SQUAD.as_bytes())))]);
    assert_eq!(corpora.find("it").unwrap(), None);
    let CorpusFetched::New(found, contents) = get(&corpora, &wanted, &Quiet).await.unwrap() else {
        panic!("it was not there before");
    };
    assert_eq!(contents.to_string(), "1 questions");
    assert_eq!(std::fs::read_to_string(&found.path).unwrap(), SQUAD);
    assert_eq!(found.sha256, sha256(SQUAD.as_bytes()));
    let record = found.record.clone().unwrap();
    assert_eq!(record.url, format!("http://{addr}/squad"));
    assert_eq!(there(&corpora), ["it.json", "it.origin.json"]);
    let again = get(&corpora, &wanted, &Quiet).await.unwrap();
    assert_eq!(again, CorpusFetched::Already(found.clone()));
    assert_eq!(asked.lock().unwrap().len(), 1);

    std::fs::write(&found.path, "{}").unwrap();
    let error = corpora.find("it").unwrap_err();
    assert!(matches!(error, CorpusError::Changed { .. }), "{error}");
}

#[tokio::test]
async fn a_broken_download_is_named_and_goes_on_in_the_middle() {
    let (addr, asked) = site(&[("/it", &[Reply::Cut(SQUAD, 60), Reply::Whole(SQUAD)])]).await;
    let (_folder, corpora) = folder();
    let wanted = file(addr, &[("/it", None)]);
    let error = get_it(&corpora, &wanted).await.unwrap_err().to_string();
    let expected = format!("of {} bytes", SQUAD.len());
    assert!(error.contains(&expected), "{error}");
    assert!(error.contains(&format!("http://{addr}/it")), "{error}");
    assert_eq!(corpora.path("it"), None);
    let found = get_it(&corpora, &wanted).await.unwrap();
    assert_eq!(found.sha256, sha256(SQUAD.as_bytes()));
    assert_eq!(asked.lock().unwrap()[1].1.as_deref(), Some("bytes=60-"));
    assert_eq!(there(&corpora), ["it.json", "it.origin.json"]);
}

#[tokio::test]
async fn a_wrong_hash_is_refused_and_a_mirror_with_the_right_one_taken() {
    let pages: [(&str, &[Reply]); 2] = [
        ("/wrong", &[Reply::Whole("{}")]),
        ("/right", &[Reply::Whole(SQUAD)]),
    ];
    let (addr, _asked) = site(&pages).await;
    let (_folder, corpora) = folder();
    let right = sha256(SQUAD.as_bytes());
    let wanted = file(addr, &[("/wrong", Some(&right))]);
    let error = get_it(&corpora, &wanted).await.unwrap_err().to_string();
    for part in [&right, &sha256(b"{}"), &format!("http://{addr}/wrong")] {
        assert!(error.contains(part.as_str()), "{error}");
    }
    assert!(there(&corpora).is_empty(), "{:?}", there(&corpora));

    let both = [("/wrong", Some(&right[..])), ("/right", Some(&right))];
    let found = get_it(&corpora, &file(addr, &both)).await.unwrap();
    assert_eq!(found.record.unwrap().url, format!("http://{addr}/right"));
}

#[tokio::test]
async fn a_mirror_is_asked_where_the_origin_has_it_not() {
    let (addr, asked) = site(&[("/mirror", &[Reply::Whole(SQUAD)])]).await;
    let (_folder, corpora) = folder();
    let wanted = file(addr, &[("/gone", None), ("/mirror", None)]);
    let found = get_it(&corpora, &wanted).await.unwrap();
    assert_eq!(found.record.unwrap().url, format!("http://{addr}/mirror"));
    let asked: Vec<_> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|(p, _)| p.clone())
        .collect();
    assert_eq!(asked, ["/gone", "/mirror"]);

    let (_folder, corpora) = folder();
    let wanted = file(addr, &[("/gone", None), ("/lost", None)]);
    let error = get_it(&corpora, &wanted).await.unwrap_err().to_string();
    assert!(error.contains("/gone answered with status 404"), "{error}");
    assert!(error.contains("/lost answered with status 404"), "{error}");
}

#[tokio::test]
async fn foreign_json_is_refused_by_the_field() {
    const FOREIGN: &str = r#"{"data": [{"paragraphs": [{"context": 7, "qas": []}]}]}"#;
    let (addr, _asked) = site(&[("/it", &[Reply::Whole(FOREIGN)])]).await;
    let (_folder, corpora) = folder();
    let error = get_it(&corpora, &file(addr, &[("/it", None)])).await;
    let error = crate::errors::chain(&error.unwrap_err());
    assert!(error.contains("data[0].paragraphs[0].context"), "{error}");
    assert!(error.contains("/it is not a corpus"), "{error}");
    assert!(there(&corpora).is_empty(), "{:?}", there(&corpora));
}

#[tokio::test]
async fn the_first_download_is_trusted_and_pins_the_next() {
    let other: &'static str = SQUAD.replace("A b.", "A c.").leak();
    let replies = [Reply::Whole(SQUAD), Reply::Whole(other)];
    let (addr, _asked) = site(&[("/it", &replies)]).await;
    let (_folder, corpora) = folder();
    let mut wanted = file(addr, &[("/it", None)]);
    let first = get_it(&corpora, &wanted).await.unwrap();
    wanted.again = true;
    let error = get_it(&corpora, &wanted).await.unwrap_err().to_string();
    assert!(error.contains(&sha256(other.as_bytes())), "{error}");
    assert!(error.contains(&first.sha256), "{error}");
    assert!(error.contains("when it was fetched first"), "{error}");
    assert_eq!(corpora.find("it").unwrap().unwrap(), first);

    wanted.sha256 = Some(sha256(other.as_bytes()));
    let second = get_it(&corpora, &wanted).await.unwrap();
    assert_eq!(second.sha256, sha256(other.as_bytes()));
    assert_eq!(second.record.unwrap().sha256, second.sha256);

    // What is there is another than the one asked for, and nobody said to fetch it again.
    (wanted.again, wanted.sha256) = (false, Some(first.sha256));
    let error = get_it(&corpora, &wanted).await.unwrap_err();
    assert!(matches!(error, CorpusError::Other { .. }), "{error}");
}

#[test]
fn what_is_known_is_consistent() {
    let mut names: Vec<_> = CORPORA.iter().map(|corpus| corpus.name).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "paul-graham",
            "squad",
            "hotpotqa",
            "english-words",
            LONGBENCH_V2
        ]
    );
    for corpus in CORPORA {
        match &corpus.origin {
            CorpusOrigin::File(places) => {
                for place in *places {
                    assert_eq!(place.sha256.map(str::len), Some(64), "{}", place.url);
                    assert!(place.size_bytes.is_some(), "{}", place.url);
                }
            }
            CorpusOrigin::Pages { urls, .. } => {
                let urls: Vec<_> = CorpusOrigin::pages(urls).collect();
                assert_eq!(urls.len(), 218);
                let mut files: Vec<_> = urls.iter().map(|url| super::essays::name(url)).collect();
                files.sort_unstable();
                files.dedup();
                assert_eq!(files.len(), urls.len());
            }
        }
    }
}
