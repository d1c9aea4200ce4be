//! The LongBench page over a picked file as large as the dataset, in headless Chromium, with no
//! server. `cargo xtask bench longbench` writes the file, builds and runs this.
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
#[path = "../it/browser/static_host.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod static_host; // serves the page as plain files

use std::path::Path;
use std::time::Instant;

use driver::Page;
use figure::{Ms, row};

#[tokio::main]
async fn main() {
    let file = std::env::args().nth(1);
    let file = file.expect("usage: longbench_page FILE, with the built page in $FATHOM_TEST_PAGE");
    let folder = tempfile::tempdir().unwrap();
    let files = static_host::static_files().await;
    let url = format!("{files}/longbench?from=samples");
    let page = Page::open_without_webgpu(folder.path(), &url).await;
    page.until("[data-testid=card]", 60).await;

    let began = Instant::now();
    page.pick_file("questions-file", Path::new(&file)).await;
    page.until("[data-testid=shelf][data-from=file]", 600).await;
    row("index", began.elapsed().as_secs_f64() * 1000.0, None);

    let opened = Instant::now();
    let (words, ms): (f64, Ms) = page.ask(OPEN_THE_LONGEST).await.unwrap();
    row(&format!("first lines of {words} words"), ms, Some(1000.0));
    page.until("[data-testid=outline] li", 60).await;
    page.until("[data-testid=seen]:not(:empty)", 120).await;
    page.until(".seen-row[aria-busy=false]", 120).await;
    // The driver looks every 0.1 s.
    let ms = opened.elapsed().as_secs_f64() * 1000.0;
    row("all its tokens, beside the page", ms, None);
    for (what, step) in [
        ("scrolling", "view.scrollTop += 300"),
        ("jumping", "view.scrollTop = at(frame) * view.scrollHeight"),
    ] {
        let (n, median, longest, waiting): (u32, Ms, Ms, u32) =
            page.ask(&frames(step)).await.unwrap();
        row(
            &format!("{what}, longest of {n} frames"),
            longest,
            Some(50.0),
        );
        row(&format!("{what}, median frame"), median, None);
        println!("  {what}, frames with a line still to come: {waiting}");
    }
    let ms: Ms = page.ask(&seen("rag")).await.unwrap();
    row("BM25: the best pieces, counted", ms, Some(5000.0));
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

/// Presses the card with the most words, and waits for the first of its lines.
const OPEN_THE_LONGEST: &str = "new Promise((done, fail) => {
    const words = card => Number(card.querySelector('small').textContent.split('·').pop().replace(/\\D/g, ''));
    const cards = [...document.querySelectorAll('[data-testid=card]')];
    const longest = cards.reduce((a, b) => words(a) < words(b) ? b : a);
    const start = performance.now();
    longest.click();
    const look = () => {
        const ms = performance.now() - start;
        if (document.querySelector('[data-testid=long-text] .row:not([data-waits])')) done([words(longest), ms]);
        else if (ms > 60000) fail('no line came');
        else setTimeout(look, 5);
    };
    look();
})";

/// Moves the text by `step` in each of 400 frames: how many were measured, the median, the longest,
/// and in how many a line was still to come.
fn frames(step: &str) -> String {
    format!(
        "new Promise(done => {{
            const view = document.querySelector('[data-testid=long-text]');
            // Far apart, all over the text, the same each time.
            const at = frame => (frame * 0.6180339887) % 1;
            const gaps = [];
            let last = performance.now(), frame = 0, waiting = 0;
            const next = () => {{
                const now = performance.now();
                gaps.push(now - last);
                last = now;
                waiting += view.querySelector('[data-waits]') !== null;
                {step};
                frame += 1;
                if (frame < 400) return requestAnimationFrame(next);
                gaps.shift();
                gaps.sort((a, b) => a - b);
                done([gaps.length, gaps[gaps.length >> 1], gaps[gaps.length - 1], waiting]);
            }};
            requestAnimationFrame(next);
        }})"
    )
}

/// Chooses a setting, and waits until the page says what the model reads in it.
fn seen(setting: &str) -> String {
    format!(
        "new Promise((done, fail) => {{
            const list = document.querySelector('[data-testid=setting]');
            list.value = {setting:?};
            list.dispatchEvent(new Event('change', {{ bubbles: true }}));
            const start = performance.now();
            let began = false;
            const look = () => {{
                const ms = performance.now() - start;
                const busy = document.querySelector('.seen-row').getAttribute('aria-busy') === 'true';
                began ||= busy;
                if (began && !busy) done(ms);
                else if (ms > 120000) fail('it was not said');
                else setTimeout(look, 5);
            }};
            look();
        }})"
    )
}
