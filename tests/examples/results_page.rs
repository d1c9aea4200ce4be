//! The Results page over sets of 100,000 rows, in headless Chromium, with no server.
//! `cargo xtask bench results` builds and runs this.
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

use driver::Page;
use fathom_shared::formats::RowId;
use fathom_shared::results::{ResultCell, ResultOrigin, ResultSet, ResultSetInfo, SampleScore};
use fathom_shared::run::SampleKey;
use fathom_shared::task::ruler;
use fathom_shared::tokens::Tokens;
use figure::{Ms, row};

const LENGTHS: [u32; 6] = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_host::static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/results")).await;
    page.until("[data-testid=chart-ruler-by-length] svg", 60)
        .await;

    // 13 × 6 × 1,283, scored as RULER scores.
    let whole = set("whole", 1283, |task, chance| {
        let steps = f64::from(steps(task));
        (chance * steps + 0.9).floor().min(steps) / steps
    });
    row(
        &format!("{} rows, from the file to its charts", whole.samples()),
        held(&page, folder.path(), &whole).await,
        Some(1000.0),
    );
    // 13 × 6 × 500 scores, no two alike: nothing about the intervals can be shortened.
    let fractions = set("fractions", 500, |_, chance| chance);
    let what = format!("{} fractions, every interval", fractions.samples());
    row(
        &what,
        held(&page, folder.path(), &fractions).await,
        Some(2000.0),
    );

    for view in [
        "overview",
        "lengths",
        "gap",
        "categories",
        "depth",
        "longbench",
        "checkpoints",
    ] {
        let ms: Ms = page.ask(&pressed(&format!("view-{view}"))).await.unwrap();
        row(&format!("view: {view}"), ms, None);
    }
    for view in ["overview", "lengths", "gap", "longbench"] {
        page.click(&format!("view-{view}")).await;
        page.until(&format!("[data-testid=view-{view}][aria-current=page]"), 10)
            .await;
        let (n, median, longest): (u32, Ms, Ms) = page.ask(FILTERED).await.unwrap();
        let what = format!("filter in {view}: longest of {n}, median {median:.1} ms");
        row(&what, longest, Some(100.0));
    }
    page.click("view-overview").await;
    let again = set("again", 1283, |_, chance| f64::from(u8::from(chance > 0.4)));
    held(&page, folder.path(), &again).await;
    page.click("view-comparison").await;
    let ms: Ms = page.ask(&came("[data-testid=versus]")).await.unwrap();
    row("comparison of the first with two others", ms, None);
    page.keep_saved().await;
    let (ms, bytes): (Ms, f64) = page.ask(REPORTED).await.unwrap();
    row("report of the three", ms, None);
    let verdict = if bytes < 2e6 { "below" } else { "ABOVE" };
    println!(
        "  its size: {:.2} MB, {verdict} the aim of 2 MB",
        bytes / 1e6
    );
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

/// What a right answer of a task is made of.
fn steps(task: &str) -> u8 {
    match task {
        "niah_multivalue" | "niah_multiquery" => 4,
        "vt" => 5,
        "cwe" => 10,
        "fwe" => 3,
        _ => 1,
    }
}

/// A set of `each` samples a cell, as a run of a server has them: scores by a number of at least 0
/// and below 1, places of what was found.
fn set(name: &str, each: u32, score: fn(&str, f64) -> f64) -> ResultSet {
    let mut state = name.len() as u64;
    let mut chance = move || {
        // Knuth's linear congruential generator (MMIX).
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let cells =
        ruler::tasks().flat_map(|task| LENGTHS.map(|length| (task.id(), task.metric(), length)));
    let cells = (0..).zip(cells).map(|(number, (task, metric, length))| {
        let mut cell = ResultCell::new(task, Some(Tokens(length)), "", metric);
        let samples = (0..each).map(|sample| {
            let score = score(task, chance());
            let parts = match task {
                "cwe" | "fwe" => 0,
                task => steps(task),
            };
            let parts = (0..parts).map(|part| {
                let found = f64::from(part) < score * f64::from(steps(task));
                ((chance() as f32 * 1e4).round() / 1e4, found).into()
            });
            SampleScore {
                id: RowId::Number(sample.into()),
                score: Some(score),
                blank: false,
                parts: parts.collect(),
                cluster: None,
                question: None,
                place: Some(SampleKey {
                    cell: number,
                    sample,
                }),
            }
        });
        cell.samples = samples.collect();
        cell
    });
    let about = ResultSetInfo {
        name: name.to_owned(),
        model: "a model".to_owned(),
        origin: ResultOrigin::Run {
            id: 1,
            engine: "candle-cpu".to_owned(),
            created_ms: 0,
            window: None,
        },
    };
    ResultSet::new(about, cells.collect())
}

/// Gives the page a set as a file: milliseconds until its curve is drawn.
async fn held(page: &Page, folder: &Path, set: &ResultSet) -> Ms {
    let file = folder.join(format!("{}.json", set.about.name));
    std::fs::write(&file, serde_json::to_vec(set).unwrap()).unwrap();
    let begin = "document.querySelector('[data-testid=results-files]')
        .addEventListener('change', () => window.began = performance.now(), { capture: true, once: true });
        window.curves = document.querySelectorAll('[data-testid=series][data-whose=own]').length, true";
    assert_eq!(page.ask::<bool>(begin).await, Some(true));
    page.pick_file("results-files", &file).await;
    page.ask(&waited(
        "window.began",
        "document.querySelectorAll('[data-testid=series][data-whose=own]').length > window.curves",
    ))
    .await
    .unwrap()
}

/// The milliseconds from `began` until something is so, and a frame has shown it.
fn waited(began: &str, so: &str) -> String {
    format!(
        "new Promise((done, fail) => {{
            const look = () => {{
                if ({so}) return requestAnimationFrame(() => setTimeout(() => done(performance.now() - {began})));
                if (performance.now() - {began} > 120000) return fail('it did not come');
                setTimeout(look, 2);
            }};
            look();
        }})"
    )
}

fn came(selector: &str) -> String {
    format!(
        "(() => {{ window.began = performance.now(); return {}; }})()",
        waited(
            "window.began",
            &format!("document.querySelector('{selector}')")
        )
    )
}

/// Presses something: the milliseconds until a frame has shown what came of it.
fn pressed(id: &str) -> String {
    format!(
        "new Promise(done => {{
            const start = performance.now();
            document.querySelector('[data-testid={id}]').click();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
        }})"
    )
}

/// Chooses everything in every list above the charts: how many choices, and the median and the
/// longest of their milliseconds until a frame has shown them.
const FILTERED: &str = "(async () => {
    const times = [];
    for (const [id, word] of [['of', 'of'], ['from-length', 'from'], ['to-length', 'to'], ['by', 'by']]) {
        const list = document.querySelector(`[data-testid=${id}]`);
        if (!list) continue;
        const first = list.options[0].value;
        for (const value of [...list.options].map(option => option.value).concat([first])) {
            const start = performance.now();
            list.value = value;
            list.dispatchEvent(new Event('change', { bubbles: true }));
            times.push(await new Promise(done => requestAnimationFrame(() =>
                setTimeout(() => done(performance.now() - start)))));
            const kept = new URLSearchParams(location.search).get(word) ?? first;
            if (kept !== value) throw new Error(`${id} is ${kept}, not ${value}`);
        }
    }
    times.sort((a, b) => a - b);
    return [times.length, times[times.length >> 1], times[times.length - 1]];
})()";

/// Asks for the report: milliseconds, and its length in bytes.
const REPORTED: &str = "(async () => {
    const start = performance.now();
    document.querySelector('[data-testid=save-report]').click();
    const before = window.saved;
    while (window.saved === before) {
        if (performance.now() - start > 120000) throw new Error('no report came');
        await new Promise(done => setTimeout(done, 2));
    }
    const text = await window.saved;
    return [performance.now() - start, new Blob([text]).size];
})()";
