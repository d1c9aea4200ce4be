//! A first visit of the page, and a second, in headless Chromium against a server on this machine, with
//! the processor as it is and slowed down four times; then what each kind of visitor comes for, with clicks
//! and seconds. `cargo xtask bench page` builds and runs this.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it drives the browser as the tests do, and talks to a terminal"
)]

#[path = "../it/browser/driver.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod driver; // drives a browser
mod figure; // prints a figure
#[path = "../it/server.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod server; // starts a server
#[path = "../it/browser/story.rs"]
mod story; // what visitors come for, click by click
#[path = "../it/browser/visitor.rs"]
mod visitor; // clicks as a person does, and counts

use chromiumoxide::cdp::browser_protocol::emulation::SetCpuThrottlingRateParams;
use driver::Page;
use figure::{Ms, row};
use server::Server;

/// How often each visit is made.
const VISITS: usize = 5;

/// When the page showed something, when its program had taken over, and what was fetched until then:
/// milliseconds from the beginning of the visit, bytes as sent.
const SEEN: &str = "(() => {
    const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
    const files = performance.getEntriesByType('resource').filter(one => !one.name.includes('/api/'));
    const sent = files.reduce((sum, one) => sum + one.transferSize, 0);
    return [first, window.usable ?? 0, sent];
})()";

/// Keeps when the program took the place of the picture.
const WATCH: &str = "new MutationObserver((_, watch) => {
    if (document.querySelector('[data-testid=finding]')) { window.usable = performance.now(); watch.disconnect(); }
}).observe(document, { childList: true, subtree: true });";

#[tokio::main]
async fn main() {
    for slower in [1.0, 4.0] {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for _ in 0..VISITS {
            let folder = tempfile::tempdir().unwrap();
            let server = Server::start(folder.path(), true);
            let page = Page::open_without_webgpu(folder.path(), "about:blank").await;
            let slow = SetCpuThrottlingRateParams::new(slower);
            page.page.execute(slow).await.unwrap();
            page.page.evaluate_on_new_document(WATCH).await.unwrap();
            for visit in [&mut first, &mut second] {
                page.page.goto(server.path("/")).await.unwrap();
                page.until_true("window.usable > 0", "program", 60).await;
                visit.push(page.ask::<(Ms, Ms, f64)>(SEEN).await.unwrap());
                let kept = "navigator.serviceWorker.controller?.state === 'activated'";
                page.until_true(kept, "service worker", 120).await;
            }
            page.close().await;
        }
        for (visit, seen) in [("first", first), ("second", second)] {
            let what = format!("{visit} visit, processor ÷ {slower}, median of {VISITS}");
            let each = |of: fn(&(Ms, Ms, f64)) -> f64| median(seen.iter().map(of).collect());
            row(
                &format!("{what}: something is seen"),
                each(|seen| seen.0),
                None,
            );
            row(
                &format!("{what}: usable"),
                each(|seen| seen.1),
                Some(1500.0),
            );
            println!("  fetched until then: {:.2} MB", each(|seen| seen.2) / 1e6);
        }
    }
    stories().await;
}

/// What visitors come for, once each.
async fn stories() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let keep = |name: &str| folder.path().join(name);
    let mut all = story::the_gap_on_the_wall(&keep("wall"), &server).await;
    all.extend(story::an_own_answer(&keep("answer"), &server).await);
    all.extend(story::from_the_ranking_to_advice(&keep("advice"), &server).await);
    all.extend(story::an_own_task_and_its_score(&keep("task"), &server).await);
    for one in all {
        let what = format!("{}, {} of {} clicks", one.what, one.clicks, one.most);
        row(&what, one.seconds * 1e3, None);
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
