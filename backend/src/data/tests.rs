//! Downloads from a small server on this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use axum::routing::get;
use etcetera::base_strategy::BaseStrategy;
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};

use super::DataFolders;
use super::fetch::{DownloadSource, FetchError, client, fetch};

const FILE: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

pub(super) async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    addr
}

/// Serves [`FILE`] with ranges, and notes the ranges asked for.
async fn file_server() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    let file = move |request: Request| {
        let range = request.headers().get(header::RANGE);
        let range = range.map(|value| value.to_str().unwrap().to_owned());
        notes
            .lock()
            .unwrap()
            .push(range.clone().unwrap_or_default());
        async move { ranged(range.as_deref()) }
    };
    (serve(Router::new().route("/file", get(file))).await, asked)
}

fn ranged(range: Option<&str>) -> Response<Body> {
    let Some(range) = range else {
        return Response::new(Body::from(FILE));
    };
    let from: usize = range
        .trim_start_matches("bytes=")
        .trim_end_matches('-')
        .parse()
        .unwrap();
    let response = Response::builder();
    if from >= FILE.len() {
        let response = response.status(StatusCode::RANGE_NOT_SATISFIABLE);
        return response.body(Body::empty()).unwrap();
    }
    let content = format!("bytes {from}-{}/{}", FILE.len() - 1, FILE.len());
    response
        .status(StatusCode::PARTIAL_CONTENT)
        .header(header::CONTENT_RANGE, content)
        .body(Body::from(&FILE[from..]))
        .unwrap()
}

fn source(addr: SocketAddr, sha256: Option<String>) -> DownloadSource {
    let url = format!("http://{addr}/file");
    DownloadSource { url, sha256 }
}

fn right() -> Option<String> {
    Some(hex::encode(Sha256::digest(FILE)))
}

async fn get_it(source: &DownloadSource, part: &Path) -> Result<String, FetchError> {
    fetch(&client().unwrap(), source, part, &|_, _| {}).await
}

#[tokio::test]
async fn a_download_goes_on_where_it_stopped() {
    let (addr, asked) = file_server().await;
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("part");
    for (held, range) in [(0, ""), (10, "bytes=10-"), (FILE.len(), "bytes=36-")] {
        std::fs::write(&part, &FILE[..held]).unwrap();
        let told = Mutex::new(None);
        let report = |done, total| *told.lock().unwrap() = Some((done, total));
        let client = client().unwrap();
        fetch(&client, &source(addr, right()), &part, &report)
            .await
            .unwrap();
        assert_eq!(std::fs::read(&part).unwrap(), FILE);
        assert_eq!(asked.lock().unwrap().last().unwrap(), range);
        let all = FILE.len() as u64;
        let expected = (held < FILE.len()).then_some((all, Some(all)));
        assert_eq!(told.into_inner().unwrap(), expected);
    }
}

#[tokio::test]
async fn a_part_that_is_too_long_is_thrown_away() {
    let (addr, _asked) = file_server().await;
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("part");
    std::fs::write(&part, [0; 100]).unwrap();
    get_it(&source(addr, right()), &part).await.unwrap();
    assert_eq!(std::fs::read(&part).unwrap(), FILE);
}

/// Serves [`FILE`] in a version, which `If-Range` is held against, and then in another.
#[tokio::test]
async fn a_part_of_another_version_is_not_continued() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&asked);
    let file = move |request: Request| {
        let header = |name| request.headers().get(name).map(|v| v.to_str().unwrap());
        let (range, version) = (header(header::RANGE), header(header::IF_RANGE));
        notes
            .lock()
            .unwrap()
            .push((range.is_some(), version.map(str::to_owned)));
        let mut response = ranged(range.filter(|_| version == Some("\"two\"")));
        let tag = header::HeaderValue::from_static("\"two\"");
        response.headers_mut().insert(header::ETAG, tag);
        async move { response }
    };
    let addr = serve(Router::new().route("/file", get(file))).await;
    let folder = tempfile::tempdir().unwrap();
    let (part, note) = (folder.path().join("part"), folder.path().join("part.json"));
    let url = source(addr, None).url;
    let noted = |url: &str, version: Option<&str>| {
        let text = serde_json::json!({ "url": url, "version": version });
        std::fs::write(&note, text.to_string()).unwrap();
    };
    let asked_with = [
        // The same version goes on, another one begins anew, as does one of another address, or
        // one that had no version, when no hash could tell.
        (&url[..], Some("\"two\""), (true, Some("\"two\""))),
        (&url, Some("\"one\""), (true, Some("\"one\""))),
        ("http://elsewhere/file", Some("\"two\""), (false, None)),
        (&url, None, (false, None)),
    ];
    for (from, version, expected) in asked_with {
        std::fs::write(&part, &FILE[..10]).unwrap();
        noted(from, version);
        get_it(&source(addr, None), &part).await.unwrap();
        assert_eq!(std::fs::read(&part).unwrap(), FILE);
        let (range, version) = asked.lock().unwrap().pop().unwrap();
        assert_eq!((range, version.as_deref()), expected);
        assert!(!note.exists());
    }
}

#[tokio::test]
async fn a_wrong_hash_leaves_nothing() {
    let (addr, _asked) = file_server().await;
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("part");
    let wrong = "0".repeat(64);
    let error = get_it(&source(addr, Some(wrong.clone())), &part).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&wrong), "{error}");
    assert!(error.contains(&right().unwrap()), "{error}");
    assert!(!part.exists());
}

#[tokio::test]
async fn a_connection_that_breaks_off_names_the_bytes_and_keeps_them() {
    let broken = || async {
        // The break comes after the first bytes are on their way, as on a real line.
        let cut = stream::once(async {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            Err(std::io::Error::other("cut"))
        });
        let pieces = stream::once(async { Ok(Bytes::from(&FILE[..20])) }).chain(cut);
        Response::builder()
            .header(header::CONTENT_LENGTH, FILE.len())
            .body(Body::from_stream(pieces))
            .unwrap()
    };
    let addr = serve(Router::new().route("/file", get(broken))).await;
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("part");
    let error = get_it(&source(addr, right()), &part).await.unwrap_err();
    let FetchError::Truncated { got, expected, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(expected, FILE.len() as u64);
    assert_eq!(std::fs::read(&part).unwrap(), &FILE[..got as usize]);
}

#[tokio::test]
async fn nobody_there_and_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("part");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = listener.local_addr().unwrap();
    drop(listener);
    let error = get_it(&source(gone, None), &part).await.unwrap_err();
    assert!(error.is_elsewhere());
    assert!(error.to_string().contains(&gone.to_string()), "{error}");

    let addr = serve(Router::new()).await;
    let error = get_it(&source(addr, None), &part).await.unwrap_err();
    assert!(error.to_string().contains("status 404"), "{error}");
    assert!(!part.exists());
}

/// A user whose folders are known.
struct TestUser;

impl BaseStrategy for TestUser {
    fn home_dir(&self) -> &Path {
        Path::new("/home/a")
    }
    fn config_dir(&self) -> PathBuf {
        "/home/a/.config".into()
    }
    fn data_dir(&self) -> PathBuf {
        "/data".into()
    }
    fn cache_dir(&self) -> PathBuf {
        "/home/a/.cache".into()
    }
    fn state_dir(&self) -> Option<PathBuf> {
        None
    }
    fn runtime_dir(&self) -> Option<PathBuf> {
        None
    }
}

#[test]
fn what_can_be_had_again_lies_in_the_cache() {
    let folders = DataFolders::of(Some(&TestUser));
    assert_eq!(folders.models, Path::new("/home/a/.cache/fathom/models"));
    assert_eq!(folders.corpora, Path::new("/home/a/.cache/fathom/data"));
    assert_eq!(folders.database, Path::new("/data/fathom/fathom.db"));
    let homeless = DataFolders::of(None::<&TestUser>);
    assert_eq!(homeless.models, Path::new(".cache/fathom/models"));
}
