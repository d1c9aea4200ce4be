//! The page in headless Chromium, with WebGPU on SwiftShader, against a real server.

mod accessible; // axe on every page, and titles
mod advisor; // the Advisor page
mod bad_input; // bad files, full storage, lost devices
mod builder; // the Builder page
mod decider; // ranking and comparing published models
mod driver; // drives a browser
mod from_run_to_report; // from a run to a report and advice
mod home; // Home
mod longbench; // the LongBench page
mod offline; // the page without a network
mod originals; // saved rows against RULER's own scripts
mod page_runs; // runs in the page
mod pictures; // screenshots to look at
mod presenting; // one part of a page alone: on a wall, in a frame
mod processor; // a model on the processor, and the choice of an engine
mod results; // the Results page
mod run_controls; // pausing, resuming and retrying a run
mod runs; // the Runs page
mod script; // tasks as scripts
mod shell; // the page before its program
mod side_by_side; // two tasks beside each other in the playground
mod static_host; // serves the page as plain files
mod stories; // how many clicks each visitor needs
mod story; // what visitors come for, click by click
mod under_a_path; // the page under a path of its host
mod visitor; // clicks as a person does, and counts

use crate::api::wait_for_rows;
use crate::server::{Server, new_run};
use driver::Page;

/// The shortest sample: the generator's smallest haystack.
const SHORT: &str = "/playground?task=niah_single_1&length=400&seed=42&sample=0";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_server_give_the_same_answer() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(folder.path(), &server.path(SHORT)).await;

    // Build: the needle is marked in the text and on the depth line.
    page.until(".viewer mark[data-kind=needle]", 60).await;
    page.until("[data-testid=evidence][data-kind=needle]", 5)
        .await;
    let tokens: u32 = page
        .text("input-tokens")
        .await
        .replace(',', "")
        .parse()
        .unwrap();
    assert!((150..=400).contains(&tokens), "{tokens} tokens");

    // Runs on the server while the page loads its model.
    page.click("run-server").await;
    page.until("[data-testid=status-server]:not([data-state=idle])", 20)
        .await;
    page.click("load-model").await;
    page.until("[data-testid=status-server][data-state=done]", 120)
        .await;
    page.until("[data-testid=model-state][data-state=ready]", 180)
        .await;
    let adapter = page.text("device").await;
    assert!(
        adapter.contains("swiftshader"),
        "the adapter's name is `{adapter}`"
    );

    // Cancelling works within a second, and the next answer is complete.
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

    // On another visit, the run is in the address and the model in the browser's storage.
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
    let run: fathom_shared::api::RunView = server.queue(&new_run(8)).await.json().await.unwrap();
    let path = format!("{SHORT}&count=8&run={}", run.id);
    let page = Page::open(folder.path(), &server.path(&path)).await;
    wait_for_rows(&server, run.id, 1).await;
    let addr = server.url.trim_start_matches("http://").to_owned();
    server.kill();
    page.until_text("server-fault", "reconnecting", 30).await;

    // At the same address, the page reconnects by itself and shows the rest.
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

    // The same model from disk, under its own file name.
    let disk = folder.path().join("from-disk.gguf");
    std::fs::copy(bad_input::real(), &disk).unwrap();
    page.pick_file("model-file", &disk).await;
    page.until_text("model-state", "from-disk is ready", 180)
        .await;
    // It is recognised by its hash and stored only once.
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
    page.until("[data-testid=evidence][data-kind=hop]", 60)
        .await;
    page.fill("length", "12").await;
    page.until_text("length-fault", "12", 20).await;
    page.close().await;
}
