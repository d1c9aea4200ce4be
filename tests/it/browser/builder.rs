//! The builder page on a static host.

use super::driver::Page;
use super::static_host::static_files;

/// Whether the shown sample has more than this many tokens.
fn longer_than(tokens: u32) -> String {
    format!(
        "Number(document.querySelector('[data-testid=length-tokens]')?.textContent.replaceAll(',', '') ?? 0) > {tokens}"
    )
}

async fn open(folder: &std::path::Path, query: &str) -> Page {
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder, &format!("{files}/builder{query}")).await;
    page.until("[data-testid=evidence]", 60).await;
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn knobs_evidence_tokens_and_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path(), "?task=vt&length=4096&seed=42&sample=0").await;
    page.until("[data-testid=evidence][data-kind=hop]", 10)
        .await;

    // The list contains every task by category, and names the text that replaces the original.
    let tasks: u32 = page
        .ask("document.querySelectorAll('[data-testid=task] optgroup option').length")
        .await
        .unwrap();
    assert!(tasks >= 13, "{tasks} tasks");

    // An option changes the sample, and the page highlights the change.
    page.fill("knob-num_hops", "2").await;
    page.until_text("change", "num_hops", 30).await;
    page.until_text("change-equal", "bytes are unchanged", 10)
        .await;
    page.until_text("command", "--set num_hops=2", 10).await;
    page.fill("knob-num_hops", "99").await;
    page.until("#knob-num_hops[aria-invalid=true]", 20).await;
    page.fill("knob-num_hops", "2").await;
    page.until("#knob-num_hops[aria-invalid=false]", 30).await;

    // Moves between pieces of evidence, by button and by key.
    page.click("next-piece").await;
    page.until_text("piece", "1 of ", 10).await;
    page.until(".viewer mark[aria-current]", 10).await;
    let pressed = "document.querySelector('.viewer').dispatchEvent(
        new KeyboardEvent('keydown', { key: 'n', bubbles: true }))";
    page.ask::<bool>(pressed).await.unwrap();
    page.until_text("piece", "2 of ", 10).await;

    // Shows token boundaries, and more than one sample.
    page.click("tokens").await;
    page.until(".viewer .token[data-odd=true]", 20).await;
    page.fill("beside", "0, 3").await;
    page.until_true(
        "document.querySelectorAll('[data-testid=beside-sample]').length === 2",
        "two samples side by side",
        60,
    )
    .await;
    page.picture("builder.png").await;

    // The address contains all of it.
    let address: String = page.ask("location.href").await.unwrap();
    for part in ["num_hops=2", "tokens=shown", "piece=1", "beside=0"] {
        assert!(address.contains(part), "{address} has {part}");
    }
    let text = "document.querySelector('[data-testid=prompt-tokens]').textContent";
    let before: String = page.ask(text).await.unwrap();
    page.reload().await;
    page.until(".viewer mark[aria-current]", 60).await;
    page.until(".viewer .token", 20).await;
    page.until_text("piece", "2 of ", 10).await;
    assert_eq!(page.ask::<String>(text).await.unwrap(), before);
    assert_eq!(page.ask::<String>("location.href").await.unwrap(), address);
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_sample_is_there_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(
        folder.path(),
        "?task=niah_single_2&length=4096&seed=42&sample=0",
    )
    .await;
    page.until_text("sources", "stand-in", 10).await;
    for (task, kind) in [("niah_single_2", "needle"), ("fwe", "word")] {
        page.choose("task", task).await;
        page.fill("length", "4096").await;
        page.until(&format!("[data-testid=evidence][data-kind={kind}]"), 60)
            .await;
        let there = longer_than(100_000);
        let (waited, still) = page.fill_and_wait("length", "131072", &there).await;
        // Printed for information only: it depends on how busy the machine is.
        println!("{task}: there after {waited:.0} ms, the page stood still for {still:.0} ms");
        assert!(waited < 30_000.0, "{task} of 131072 tokens never came");
        let rows: u32 = page
            .ask("document.querySelectorAll('.viewer .row').length")
            .await
            .unwrap();
        assert!(rows < 200, "{rows} lines are in the document");
        let marks: u32 = page
            .ask("document.querySelectorAll('[data-testid=evidence]').length")
            .await
            .unwrap();
        assert!((1..400).contains(&marks), "{marks} marks");
        page.click("next-piece").await;
        page.until(".viewer mark[aria-current]", 10).await;
        page.picture(&format!("builder-{task}-131072.png")).await;
    }
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_is_opened_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path(), "?task=vt&length=4096&seed=42&sample=0").await;
    page.give_file("import", "wrong.json", "{\"task\": 1}")
        .await;
    page.until_text("import-fault", "wrong.json is not a task spec", 10)
        .await;
    let spec = r#"{"task": "cwe", "max_seq_length": 2048, "random_seed": 7, "profile": "stratified", "set": {"num_cw": "5"}}"#;
    page.give_file("import", "right.json", spec).await;
    page.until_text("carried", "right.json was loaded into the form", 10)
        .await;
    let command = "--task cwe --max-seq-length 2048 --num-samples 1 --random-seed 7";
    page.until_text("command", command, 10).await;
    page.until_text("command", "--set num_cw=5 --profile stratified", 10)
        .await;
    page.until(".viewer mark[data-kind=word]", 60).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sight_is_an_example_with_its_sample() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path(), "").await;
    page.until_text("build-state", "Built in", 60).await;
    page.until(".viewer mark[data-kind=needle]", 20).await;
    page.until("[data-testid=script-name]", 5).await;
    // The sample stands beside the script.
    let side = "(() => { const place = id => document.getElementById(id).closest('section').getBoundingClientRect();
        const [script, preview] = [place('script-title'), place('preview-title')];
        return preview.left >= script.right && Math.abs(preview.top - script.top) < 2; })()";
    page.until_true(side, "the sample beside the script", 5)
        .await;
    page.picture("builder-first-sight.png").await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_one_s_own_outlives_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(
        folder.path(),
        "?task=niah_single_2&length=2048&seed=42&sample=0",
    )
    .await;
    let text = r#"{"text": "It was a dark night. Nobody slept. The sea was calm."}"#;
    page.give_file("essay-file", "mine.json", text).await;
    page.until_text("own-essay-file", "mine.json", 20).await;
    page.until_text("sources", "mine.json", 30).await;
    page.reload().await;
    page.until_text("own-essay-file", "mine.json", 30).await;
    page.until_text("sources", "mine.json", 30).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sticks_out_of_the_builder() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let url = format!("{files}/builder?task=vt&length=4096&seed=42&sample=0&tokens=shown&piece=2");
    for width in [320, 400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        let height = if width < 500 { 4200 } else { 1400 };
        let page = Page::launch(&keep, &url, &[], (width, height)).await;
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.until(".viewer .token", 60).await;
            page.until("[data-testid=beside-sample]", 60).await;
            let over = page.overhang().await;
            assert_eq!(over, 0, "the page is {over} px too wide at {width} px");
            page.picture(&format!("builder-{width}-{scheme}.png")).await;
        }
        // With a script, and without a hole beside the last panel.
        page.page
            .goto(format!("{files}/builder?task=custom"))
            .await
            .unwrap();
        page.until_text("build-state", "Built in", 60).await;
        page.until("[data-testid=beside-sample]", 60).await;
        let over = page.overhang().await;
        assert_eq!(over, 0, "the script is {over} px too wide at {width} px");
        let filled = "(look => Math.abs(look.getBoundingClientRect().right -
            look.lastElementChild.getBoundingClientRect().right) < 1)(document.querySelector('.look'))";
        assert_eq!(page.ask::<bool>(filled).await, Some(true), "at {width} px");
        page.picture(&format!("builder-script-{width}.png")).await;
        page.close().await;
    }
}
