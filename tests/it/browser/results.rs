//! The results page on a static host: published figures, files of one's own, charts as tables and
//! files, and the address that contains the view.

use std::fmt::Write as _;

use super::driver::Page;
use super::static_host::static_files;

/// RULER predictions: the first `right` of eight are right.
fn predictions(right: usize) -> String {
    let mut text = String::new();
    for index in 0..8_usize {
        let answer = if index < right { "7301925" } else { "nothing" };
        let row = serde_json::json!({
            "index": index, "pred": answer,
            "input": format!("{}the number is 7301925 {}", "before ".repeat(index), "after ".repeat(9 - index)),
            "outputs": ["7301925"], "others": {}, "truncation": -1, "length": 4000
        });
        writeln!(text, "{row}").unwrap();
    }
    text
}

/// LongBench v2 predictions: three of four are right.
fn letters() -> String {
    let mut text = String::new();
    for (number, letter) in ["A", "A", "A", "B"].into_iter().enumerate() {
        let row = serde_json::json!({
            "_id": format!("q{number}"), "domain": "Code Repository Understanding",
            "difficulty": "easy", "length": "short", "answer": "A", "pred": letter,
            "judge": letter == "A", "response": format!("The correct answer is ({letter})")
        });
        writeln!(text, "{row}").unwrap();
    }
    text
}

/// Picks several files at once.
async fn pick(page: &Page, files: &[(&str, String)]) {
    let files: Vec<String> = files
        .iter()
        .map(|(name, text)| format!("new File([{text:?}], {name:?})"))
        .collect();
    let script = format!(
        "(() => {{ const data = new DataTransfer();
            for (const file of [{}]) data.items.add(file);
            const field = document.querySelector('[data-testid=results-files]');
            field.files = data.files;
            field.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()",
        files.join(",")
    );
    assert_eq!(page.ask::<bool>(&script).await, Some(true));
}

/// Whether a chart's table has a row that begins like this; figures may have more decimals.
fn line(cells: &[&str]) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=chart-table] tbody tr')].some(row =>
            {cells:?}.map((cell, at) => [cell, row.children[at].textContent])
                .every(([cell, got]) => got === cell || Number(got) === Number(cell)))"
    )
}

/// Removes the bundled run.
async fn without_recorded(page: &Page) {
    page.until("[data-testid=set][data-key=recorded]", 30).await;
    page.click("remove-set").await;
    let none = "document.querySelectorAll('[data-testid=set]').length === 0";
    page.until_true(none, "published figures alone", 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn published_figures_and_ones_own_are_read_compared_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let url = format!("{files}/results?view=overview");
    let page = Page::open_without_webgpu(folder.path(), &url).await;

    // Published figures are visible immediately, each marked as such.
    page.until(
        "[data-testid=chart-ruler-by-length] svg .line.published",
        30,
    )
    .await;
    page.until(
        "[data-testid=chart-longbench-by-group] svg .bar.published",
        10,
    )
    .await;
    page.until(
        "[data-testid=chart-ruler-and-longbench] svg .dot.published",
        10,
    )
    .await;
    page.until_text("legend", "GPT-4-1106-preview", 5).await;
    // The recorded run is beside them, and can be removed.
    without_recorded(&page).await;
    let own = "document.querySelectorAll('[data-whose=own]').length";
    assert_eq!(page.ask::<u32>(own).await, Some(0));

    // Keys move from figure to figure, and Escape leaves.
    let focus = "document.querySelector('[data-testid=plot]').focus(), true";
    assert_eq!(page.ask::<bool>(focus).await, Some(true));
    page.until_text("tip", "Gemini-1.5-pro at 4K tokens, published: 96.7", 5)
        .await;
    page.press("ArrowRight").await;
    page.until_text("tip", "Gemini-1.5-pro at 8K tokens, published: 95.8", 5)
        .await;
    page.press("ArrowDown").await;
    page.until_text("tip", "GPT-4-1106-preview at 8K tokens", 5)
        .await;
    page.press("Escape").await;
    page.until_true(
        "document.querySelector('[data-testid=tip]').textContent === ''",
        "an empty tip",
        5,
    )
    .await;

    // The legend hides a series and shows it again.
    let dots = "document.querySelectorAll('[data-testid=chart-ruler-by-length] .dot.s0').length";
    let shown = page.ask::<u32>(dots).await.unwrap();
    page.click("series").await;
    page.until("[data-testid=series][aria-pressed=false]", 5)
        .await;
    // One is left: the swatch in the legend.
    page.until_true(&format!("{dots} === 1"), "a hidden series", 5)
        .await;
    page.click("series").await;
    page.until_true(&format!("{dots} === {shown}"), "the series", 5)
        .await;

    // A file that is not a results file is reported.
    pick(&page, &[("notes.txt", "hello".to_owned())]).await;
    page.until_text("results-fault", "notes.txt: got this file", 20)
        .await;

    // Predictions whose names do not say their length: it is asked for.
    pick(&page, &[("vt.jsonl", predictions(2))]).await;
    page.until("[data-testid=length-question]", 20).await;
    page.fill("length-answer", "8192").await;
    page.press_mouse("[data-testid=use-answer]").await;
    page.until_true(
        "document.querySelector('[data-testid=length-question]') === null
            && document.querySelectorAll('[data-testid=set]').length === 1",
        "no question any more",
        20,
    )
    .await;
    page.click("remove-set").await;
    page.until_true(
        "document.querySelectorAll('[data-testid=set]').length === 0",
        "no set",
        5,
    )
    .await;

    // Or it is said before.
    page.fill("results-length", "4096").await;
    let first = [
        ("niah_single_1.jsonl", predictions(8)),
        ("vt.jsonl", predictions(2)),
        ("gpt.jsonl", letters()),
    ];
    pick(&page, &first).await;
    page.until("[data-testid=set][data-key='file:RULER predictions']", 20)
        .await;
    page.until("[data-testid=set][data-key='file:gpt']", 5)
        .await;
    page.until("[data-testid=series][data-whose=own]", 5).await;

    // The gap, in a sentence and as a table.
    page.click("view-gap").await;
    page.until_text("meaning", "a gap of 75.0 points", 10).await;
    page.click("as-table").await;
    page.until_true(&line(&["RULER predictions", "4K", "75"]), "the gap", 5)
        .await;
    page.keep_saved().await;
    let csv = page.save("save-csv").await;
    assert!(
        csv.starts_with(
            "Series,Context length in tokens,\"Gap, percentage points\",Low,High,n,Source\r\n"
        ),
        "{csv}"
    );
    assert!(csv.contains("RULER predictions,4K,75,"), "{csv}");
    let svg = page.save("save-svg").await;
    assert!(
        svg.starts_with("<svg xmlns=") && svg.contains("<desc>"),
        "{svg}"
    );

    // Everything as one self-contained file, made by the worker.
    page.click("save-report").await;
    page.until_true(
        "(async () => (await window.saved).startsWith('<!doctype html>'))()",
        "the report",
        20,
    )
    .await;
    let report: String = page.ask("window.saved").await.unwrap();
    for part in ["RULER predictions", "gpt", "published", "n = 8", "<svg"] {
        assert!(report.contains(part), "no {part} in the report");
    }
    assert!(report.len() < 2_000_000 && !report.contains("<script"));

    // LongBench by group.
    page.click("view-longbench").await;
    page.choose("by", "domain").await;
    page.until("[data-testid=chart-longbench-by-group] svg .bar.own", 10)
        .await;
    page.click("as-table").await;
    let code = ["gpt, direct", "Code Repository Understanding", "75"];
    page.until_true(&line(&code), "three of four", 5).await;

    // The same files again, with better answers: sample by sample.
    let second = [
        ("niah_single_1.jsonl", predictions(8)),
        ("vt.jsonl", predictions(8)),
    ];
    pick(&page, &second).await;
    page.until("[data-testid=set][data-key='file:RULER predictions 2']", 20)
        .await;
    page.click("view-comparison").await;
    page.until_text("versus", "vt at 4K", 20).await;
    page.until_text("versus", "+75.0", 5).await;
    page.until_text("versus", "6 / 0", 5).await;
    page.until_text("discordant", "6 differ", 5).await;

    // And as a checkpoint of the first: both means and the difference have intervals.
    page.click("view-checkpoints").await;
    page.until_text("losses", "25.0 (7.1–59.1)", 20).await;
    page.until_text("losses", "100.0 (67.6–100.0)", 5).await;
    page.until_text("losses", "+75.0 (+23.9 to +93.6)", 5).await;
    page.until_text("lost", "no loss against RULER predictions is shown", 5)
        .await;
    page.choose("short-length", "8192").await;
    page.until_true("location.search.includes('short=8192')", "what is short", 5)
        .await;
    page.until_text("losses", "vt at 4K", 20).await;

    // The address carries the view and the choice across a visit, the browser the files.
    page.click("view-lengths").await;
    page.choose("from-length", "16384").await;
    page.until_true("location.search.includes('from=16384')", "the length", 5)
        .await;
    page.reload().await;
    page.until("[data-testid=view-lengths][aria-current=page]", 30)
        .await;
    let sets = "document.querySelectorAll('[data-testid=set]').length";
    page.until_true(&format!("{sets} === 3"), "the files again", 30)
        .await;
    // What is removed does not come again.
    for left in [2, 1, 0] {
        page.click("remove-set").await;
        page.until_true(&format!("{sets} === {left}"), "a set less", 10)
            .await;
    }
    page.reload().await;
    page.until("[data-testid=view-lengths][aria-current=page]", 30)
        .await;
    without_recorded(&page).await;
    page.until("[data-testid=chart-ruler-by-length] svg", 10)
        .await;
    page.click("as-table").await;
    page.until_true(&line(&["GPT-4-1106-preview", "16K", "95.2"]), "16K", 5)
        .await;
    let short = line(&["GPT-4-1106-preview", "4K"]);
    assert_eq!(page.ask::<bool>(&short).await, Some(false));
    page.click("view-gap").await;
    page.until_text("needs", "which no published table includes", 5)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_page_cannot_reach_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    // A link to a file stays on its site.
    let path = format!("{files}/results?view=gap&file=//elsewhere.example/x.jsonl");
    let page = Page::open_without_webgpu(folder.path(), &path).await;
    page.until_text("results-fault", "expected a path on this site", 30)
        .await;

    // Runs are not shown without the server that stores them.
    page.page
        .goto(format!("{files}/results?run=3,5"))
        .await
        .unwrap();
    page.until_text("no-server", "Runs 3, 5 are stored on a server.", 30)
        .await;
    page.page
        .goto(format!("{files}/advisor?run=3"))
        .await
        .unwrap();
    page.until_text("no-server", "Run 3 is stored on a server.", 30)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

pub(super) const VIEWS: [&str; 11] = [
    "ranking",
    "overview",
    "lengths",
    "gap",
    "categories",
    "depth",
    "longbench",
    "thinking",
    "both",
    "checkpoints",
    "comparison",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sticks_out_of_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    for width in [320, 400, 1280, 1680] {
        let keep = folder.path().join(width.to_string());
        let url = format!("{files}/results?view=overview");
        let page = Page::launch(&keep, &url, &[], (width, 1600)).await;
        page.until("[data-testid=chart-ruler-by-length] svg", 30)
            .await;
        page.fill("results-length", "4096").await;
        for (number, right) in [(1, 2), (2, 8)] {
            let own = [
                ("niah_single_1.jsonl", predictions(8)),
                ("niah_multikey_1.jsonl", predictions(7)),
                ("vt.jsonl", predictions(right)),
                ("gpt.jsonl", letters()),
                ("gpt_cot.jsonl", letters()),
            ];
            pick(&page, &own).await;
            let sets = "document.querySelectorAll('[data-testid=set]').length";
            page.until_true(&format!("{sets} === {}", number + 1), "the sets", 20)
                .await;
        }
        for view in VIEWS {
            page.click(&format!("view-{view}")).await;
            page.until(&format!("[data-testid=view-{view}][aria-current=page]"), 10)
                .await;
            let shown = ":is([data-testid^=chart-] svg, [data-testid=versus])";
            page.until(shown, 20).await;
            for scheme in ["light", "dark"] {
                page.prefer(scheme).await;
                page.picture(&format!("results-{view}-{width}-{scheme}.png"))
                    .await;
            }
            let over = page.overhang().await;
            assert_eq!(over, 0, "{view} is {over} px too wide at {width} px");
        }
        page.close().await;
    }
}
