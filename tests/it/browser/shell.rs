//! What the page shows before its program runs, and where it cannot run.

use super::driver::Page;
use super::static_host::{static_files, static_files_without};

/// The sum of the page's layout shifts so far, half a second from now.
const SHIFTS: &str = "new Promise(done => {
    let sum = 0;
    const add = list => list.getEntries().forEach(one => sum += one.hadRecentInput ? 0 : one.value);
    new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 500);
})";

/// The page's layout shift so far.
pub(super) async fn shifts(page: &Page) -> f64 {
    page.ask(SHIFTS).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_program_the_page_says_what_it_is_and_that_it_did_not_load() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files_without(".wasm").await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/results")).await;
    page.until("#shell-status[data-failed=true]", 30).await;
    let text: String = page.ask("document.body.innerText").await.unwrap();
    for part in [
        "Fathom builds long texts",
        "92.6",
        "arXiv 2410.18745",
        "did not load",
    ] {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    page.until("#shell .top nav a[href='/results'][aria-current=page]", 1)
        .await;
    assert_eq!(page.overhang().await, 0);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_takes_the_place_of_the_picture_without_a_jump() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/advisor")).await;
    page.until("[data-testid=verdict]", 60).await;
    let gone = "document.getElementById('shell') === null";
    assert_eq!(page.ask::<bool>(gone).await, Some(true));
    let moved = shifts(&page).await;
    assert!(moved < 0.02, "{moved}");
    page.close().await;
}

#[test]
fn the_picture_shows_what_was_published() {
    let root = crate::repo::root();
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let table = read("shared/data/published/ruler_by_category.csv");
    let row = table
        .lines()
        .find(|line| line.starts_with("Llama3.1-8B,128k,"));
    let (page, row) = (read("frontend/index.html"), row.unwrap());
    let figures: Vec<&str> = row.split(',').skip(2).take(4).collect();
    for figure in &figures {
        let bar = format!("--score: {figure}%");
        assert!(page.contains(&bar), "no {bar:?}, of {row}");
        assert!(page.contains(&format!("<b>{figure}</b>")), "{figure}");
    }
    assert_eq!(figures.len(), 4);
}
