//! Home: the recorded gap, at once and without a network.

use super::driver::Page;
use super::shell::shifts;
use super::static_host::static_files;

/// How many files the page has fetched so far, not counting repeated checks for a server.
const FETCHED: &str = "performance.getEntriesByType('resource')
    .filter(one => !one.name.includes('/api/')).length";

#[tokio::test(flavor = "multi_thread")]
async fn the_gap_is_shown_from_the_recording_alone() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page::open_without_webgpu(folder.path(), &static_files().await).await;
    page.until_text("finding", "1,024 tokens", 60).await;
    page.until_text("score-needle", "n = 50", 5).await;
    page.until_text("score-hop", "n = 50", 5).await;
    page.until("[data-testid=verdict-needle][data-verdict=found]", 5)
        .await;
    // The evidence is marked, the answer is marked, and it links to its place.
    for mark in [
        ".side[data-kind=needle] .viewer mark[data-kind=right]",
        ".side[data-kind=hop] .viewer mark[data-kind=hop]",
        ".side[data-kind=needle] [data-testid=in-text][data-kind=right]",
        ".side[data-kind=hop] .legend mark[data-kind=example]",
        "[data-testid=chart-recorded-gap] svg",
    ] {
        page.until(mark, 10).await;
    }
    // Where it comes from is said once.
    let told = "document.querySelector('.gap').innerText.split('recorded with Fathom').length - 1";
    assert_eq!(page.ask::<u32>(told).await, Some(1));
    let fetched: u32 = page.ask(FETCHED).await.unwrap();
    let shown = |length: &str| format!("location.search.includes('tokens={length}')");
    page.click("next-pair").await;
    page.until_true("location.search === '?pair=1'", "the next pair", 2)
        .await;
    page.click("longer").await;
    page.until_true(&shown("2048"), "the longer texts", 2).await;
    page.until_text("finding", "2,048 tokens", 2).await;
    page.click("longer").await;
    page.until_true(&shown("4096"), "the longest", 2).await;
    page.until("[data-testid=longer]:disabled", 2).await;
    let waited = page
        .click_and_wait("shorter", "[data-testid=longer]:not(:disabled)")
        .await;
    assert!(waited < 500.0, "another length took {waited} ms");
    assert_eq!(page.ask::<u32>(FETCHED).await, Some(fetched));

    // The address contains it.
    page.reload().await;
    page.until_text("pair-length", "2,048 tokens", 60).await;
    page.until_text("pair", "2 of 6", 5).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_saved_before_home_was_there_leads_to_its_sample() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let path = format!("{files}/?task=vt&length=1024&seed=7&sample=1&num_hops=2");
    let page = Page::open_without_webgpu(folder.path(), &path).await;
    page.until("[data-testid=evidence][data-kind=hop]", 60)
        .await;
    let place = "location.pathname === '/playground'
        && new URLSearchParams(location.search).get('num_hops') === '2'";
    page.until_true(place, "the playground", 5).await;
    let hops = "document.querySelectorAll('[data-testid=evidence][data-kind=hop]').length";
    assert_eq!(page.ask::<u32>(hops).await, Some(3));
    // A length that is too short offers one that is long enough.
    page.fill("length", "12").await;
    page.click("use-length").await;
    page.until_true(
        "document.querySelector('[data-testid=length-fault]').textContent === ''",
        "a length that fits",
        20,
    )
    .await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn home_is_whole_at_every_width_and_by_keys() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    for width in [320, 400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        let height = if width < 1000 { 3400 } else { 1900 };
        let page = Page::launch(&keep, &files, &[], (width, height)).await;
        page.until(".side[data-kind=needle] .viewer mark[data-kind=right]", 60)
            .await;
        page.until("[data-testid=chart-recorded-gap] svg", 10).await;
        let moved = shifts(&page).await;
        assert!(moved < 0.02, "{moved} at {width} px");
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.picture(&format!("home-{width}-{scheme}.png")).await;
        }
        let over = page.overhang().await;
        assert_eq!(over, 0, "home is {over} px too wide at {width} px");
        let focus = "document.querySelector('[data-testid=next-pair]').focus(), true";
        assert_eq!(page.ask::<bool>(focus).await, Some(true));
        page.press("Enter").await;
        page.until_true("location.search === '?pair=1'", "the next pair", 2)
            .await;
        // The reader moves from hop to hop with a key.
        let focus = "document.querySelector('.side[data-kind=hop] .viewer').focus(), true";
        assert_eq!(page.ask::<bool>(focus).await, Some(true));
        page.press("n").await;
        page.until(
            ".side[data-kind=hop] [data-testid=evidence][aria-current=true]",
            2,
        )
        .await;
        page.close().await;
    }
}
