//! The page in headless Chromium, WebGPU on SwiftShader, against a real server.

mod advisor;
mod bad_input;
mod builder;
mod decider;
mod driver;
mod from_run_to_report;
mod home;
mod longbench;
mod originals;
mod page_runs;
mod pictures;
mod results;
mod runs;
mod runs_led;
mod script;
mod shell;
mod static_host;

use crate::api::wait_for_rows;
use crate::server::{Server, order};
use driver::Page;

/// The shortest sample: the generator's smallest haystack.
const SHORT: &str = "/playground?task=niah_single_1&length=400&seed=42&sample=0";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_server_give_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(folder.path(), &server.path(SHORT)).await;

    // Build: the needle is marked, in the text and on the line.
    page.until(".viewer mark[data-kind=needle]", 60).await;
    page.until("[data-testid=evidence][data-kind=needle]", 5)
        .await;
    let tokens: u32 = page.text("input-tokens").await.parse().unwrap();
    assert!((150..=400).contains(&tokens), "{tokens} tokens");

    // Run on the server while the page loads its model.
    page.click("run-server").await;
    page.until("[data-testid=status-server]:not([data-state=idle])", 20)
        .await;
    page.click("load-model").await;
    page.until("[data-testid=status-server][data-state=done]", 120)
        .await;
    page.until("[data-testid=model-state][data-state=ready]", 180)
        .await;
    let adapter = page.text("adapter").await;
    assert!(
        adapter.contains("swiftshader"),
        "the adapter's name is `{adapter}`"
    );

    // Cancel is heard within a second, and the next answer is whole.
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=prefill]", 30)
        .await;
    let waited = page
        .click_and_wait(
            "cancel-here",
            "[data-testid=status-here][data-state=cancelled]",
        )
        .await;
    assert!(waited < 1000.0, "cancelling took {waited} ms");
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=done]", 240)
        .await;

    let (here, there) = (
        page.text("answer-here").await,
        page.text("answer-server").await,
    );
    assert_eq!(here, there);
    assert!(!here.trim().is_empty());
    assert_eq!(
        page.text("score-here").await,
        page.text("score-server").await
    );
    page.until("[data-testid=same][data-same=true]", 5).await;

    page.picture("playground.png").await;

    // Another visit: the run is in the address, the model in the browser's storage.
    page.reload().await;
    page.until("[data-testid=status-server][data-state=done]", 60)
        .await;
    assert_eq!(page.text("answer-server").await, there);
    page.until_text("load-model", "from this browser", 20).await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_survives_the_server_and_the_tab() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), true);
    let run: fathom_shared::api::RunView = server.order(&order(8)).await.json().await.unwrap();
    let path = format!("{SHORT}&count=8&run={}", run.id);
    let page = Page::open(folder.path(), &server.path(&path)).await;
    wait_for_rows(&server, run.id, 1).await;
    let addr = server.url.trim_start_matches("http://").to_owned();
    server.kill();
    page.until_text("server-fault", "trying again", 30).await;

    // The same address: the page connects again by itself and sees the rest.
    let server = Server::start_at(folder.path(), true, &addr);
    page.until_text("summary", "asked 8, answered 8, failed 0", 240)
        .await;
    assert_eq!(server.rows(run.id).await.len(), 8);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_comes_from_an_address_or_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(folder.path(), &server.path(SHORT)).await;
    let ready = "[data-testid=model-state][data-state=ready]";
    let file = fathom_shared::api::paths::with_id(
        fathom_shared::api::paths::MODEL_FILE,
        crate::server::MODEL,
    );
    page.until("[data-testid=model-url]", 60).await;
    page.fill("model-url", &server.path(&file)).await;
    page.click("load-url").await;
    page.until(ready, 180).await;

    // The same from disk, under its own name there.
    let disk = folder.path().join("from-disk.gguf");
    std::fs::copy(bad_input::real(), &disk).unwrap();
    page.pick_file("model-file", &disk).await;
    page.until_text("model-state", "from-disk is ready", 180)
        .await;
    // Known by its hash, it is kept once.
    let kept = "(async () => { let count = 0;
        for await (const name of (await navigator.storage.getDirectory()).keys())
            count += name.endsWith('.gguf');
        return count; })()";
    assert_eq!(page.ask::<u32>(kept).await, Some(1));
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_webgpu_or_a_server_the_page_still_builds() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_host::static_files().await;
    let path = format!("{files}/playground?task=vt&length=1024&seed=7&sample=1");
    let page = Page::open_without_webgpu(folder.path(), &path).await;
    page.until("[data-testid=model-state][data-state=nowebgpu]", 30)
        .await;
    page.until("[data-testid=evidence][data-kind=hop]", 60)
        .await;
    page.fill("length", "12").await;
    page.until_text("length-fault", "12", 20).await;
    page.close().await;
}
