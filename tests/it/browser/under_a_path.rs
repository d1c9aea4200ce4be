//! The page that `cargo xtask build --base /some/path/` makes, on a host of plain files: it works under its
//! path, asks for nothing beside it, and opens without a network after the first visit.

use super::offline::{KEPT, open};
use super::static_host::static_files_under;
use crate::server::surroundings;

/// The path that the tests have the page under: `cargo xtask test` made it for this one.
const BASE: &str = "/some/path/";

/// What was fetched from beside the path; whether a server is there is asked again and again.
const BESIDE: &str =
    "performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)
    .filter(path => !path.startsWith('/some/path/') && !path.includes('/api/')).join(' ')";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_works_under_a_path_and_then_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let host = static_files_under(surroundings("FATHOM_TEST_PAGE_UNDER"), BASE).await;
    let home = format!("{}{BASE}", host.url);
    let page = open(folder.path(), &home).await;
    page.until_text("finding", "1,024 tokens", 60).await;

    // Links lead to where the page is: those of the program, and those of the first picture.
    for (link, path, shown) in [
        (
            ".doors a[href='/results?view=gap']",
            "/some/path/results",
            "[data-testid=chart-needle-hops-gap] svg",
        ),
        (
            ".top nav a[href$='/playground']",
            "/some/path/playground",
            "[data-testid=evidence]",
        ),
    ] {
        let click = format!("document.querySelector({link:?}).click(), true");
        assert_eq!(page.ask::<bool>(&click).await, Some(true), "{link}");
        page.until(shown, 60).await;
        let at = format!("location.pathname === {path:?}");
        page.until_true(&at, path, 5).await;
    }
    assert_eq!(page.ask::<String>(BESIDE).await.as_deref(), Some(""));
    page.until_true(KEPT, "service worker", 60).await;

    // An address inside it, by itself, and then without the host.
    let inside = format!("{home}playground?task=vt&length=1024&seed=7&sample=1");
    page.page.goto(&inside).await.unwrap();
    page.until("[data-testid=evidence][data-kind=hop]", 60)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    host.end();
    page.reload().await;
    page.until("[data-testid=evidence][data-kind=hop]", 60)
        .await;
    page.page.goto(&home).await.unwrap();
    page.until_text("finding", "1,024 tokens", 60).await;
    page.close().await;
}
