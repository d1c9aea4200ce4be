//! The page in the browser's cache: after the first visit it opens without a network, and only the
//! page itself is requested again.

use std::path::Path;

use chromiumoxide::cdp::browser_protocol::target::SetAutoAttachParams;

use super::driver::Page;
use super::static_host::static_files;
use crate::server::{Server, client, surroundings};

/// Whether the page's files are kept and its service worker answers for them.
pub(super) const KEPT: &str = "navigator.serviceWorker.controller?.state === 'activated'";

/// Opens `url` with nothing attached to its workers: the driver would hold the service worker until
/// somebody lets it run.
pub(super) async fn open(folder: &Path, url: &str) -> Page {
    let page = Page::open_without_webgpu(folder, url).await;
    let alone = SetAutoAttachParams::new(false, false);
    page.page.execute(alone).await.unwrap();
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_first_visit_the_page_opens_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), true);
    let page = open(folder.path(), &server.path("/")).await;
    page.until("[data-testid=finding]", 60).await;
    page.until_true(KEPT, "service worker", 60).await;
    let path = server.path("/playground?task=vt&length=1024&seed=7&sample=1");
    server.kill();

    page.reload().await;
    page.until_text("finding", "1,024 tokens", 60).await;
    // Another address than the first one, and the workers' program.
    page.page.goto(path).await.unwrap();
    page.until("[data-testid=evidence][data-kind=hop]", 60)
        .await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_plain_files_is_enough_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = open(folder.path(), &files).await;
    page.until("[data-testid=finding]", 60).await;
    page.until_true(KEPT, "service worker", 60).await;
    // The cache is complete, without duplicates, and contains no server responses.
    let kept = "(async () => {
        const names = await caches.keys();
        const requests = await (await caches.open(names[0])).keys();
        const paths = requests.map(one => new URL(one.url).pathname);
        return names.length === 1 && paths.includes('/')
            && paths.some(path => path.startsWith('/worker_bg-'))
            && !paths.some(path => path.startsWith('/api') || path.endsWith('.br'));
    })()";
    assert_eq!(page.ask::<bool>(kept).await, Some(true));
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_compressed_and_are_never_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let client = client();
    for file in std::fs::read_dir(surroundings("FATHOM_TEST_PAGE")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".br") {
            continue;
        }
        let asked = client
            .get(server.path(&format!("/{name}")))
            .header("accept-encoding", "br");
        let answer = asked.send().await.unwrap();
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap())
        };
        let begins = ["index.html", "service_worker.js"].contains(&name.as_str());
        let keep = header("cache-control").unwrap();
        match begins {
            true => assert_eq!(keep, "no-cache", "{name}"),
            false => assert!(keep.contains("immutable"), "{name}: {keep}"),
        }
        if name.ends_with(".wasm") {
            assert_eq!(header("content-encoding"), Some("br"), "{name}");
            assert_eq!(header("content-type"), Some("application/wasm"), "{name}");
        }
    }
}
