//! The builder page, on a host that has nothing but files.

use super::driver::{Page, static_files};

/// Whether the sample that is shown has so many tokens.
fn longer_than(tokens: u32) -> String {
    format!(
        "Number(document.querySelector('[data-testid=length-tokens]')?.textContent ?? 0) > {tokens}"
    )
}

async fn open(folder: &std::path::Path, query: &str) -> Page {
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder, &format!("{files}/builder{query}")).await;
    page.until("[data-testid=evidence]", 60).await;
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_is_opened_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path(), "?task=vt&length=4096&seed=42&sample=0").await;
    page.give_file("import", "wrong.json", "{\"task\": 1}")
        .await;
    page.until_text("import-fault", "`wrong.json` is no spec", 10)
        .await;
    let spec = r#"{"task": "cwe", "max_seq_length": 2048, "random_seed": 7, "profile": "stratified", "set": {"num_cw": "5"}}"#;
    page.give_file("import", "right.json", spec).await;
    page.until_text("carried", "right.json is in the form", 10)
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
async fn nothing_sticks_out_of_the_builder() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!(
        "{}/builder?task=vt&length=4096&seed=42&sample=0&tokens=shown&piece=2",
        static_files().await
    );
    for width in [400, 1280, 1920] {
        let keep = folder.path().join(width.to_string());
        let height = if width == 400 { 4200 } else { 1400 };
        let page = Page::launch(&keep, &url, &[], (width, height)).await;
        for scheme in ["light", "dark"] {
            page.prefer(scheme).await;
            page.until(".viewer .token", 60).await;
            page.until("[data-testid=beside-sample]", 60).await;
            let over = page.overhang().await;
            assert_eq!(over, 0, "the page is {over} px too wide at {width} px");
            // Colours go over into one another.
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
            page.picture(&format!("builder-{width}-{scheme}.png")).await;
        }
        page.close().await;
    }
}
