//! The page reports errors by name, and leaves no partial state behind.

use std::fs;
use std::path::{Path, PathBuf};

use super::SHORT;
use super::driver::Page;
use super::static_host::static_files;
use crate::server::{MODEL, Server, surroundings};

const FAILED: &str = "[data-testid=model-state][data-state=failed]";
const READY: &str = "[data-testid=model-state][data-state=ready]";

/// The path of the real model's file.
pub(super) fn real() -> PathBuf {
    surroundings("FATHOM_MODELS").join(format!("{MODEL}.gguf"))
}

/// Models and partial models in the browser's storage, by file name.
async fn kept(page: &Page) -> Vec<String> {
    let script = "(async () => { const names = [];
        for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
        return names.filter(name => /gguf|part/.test(name)); })()";
    page.ask(script).await.unwrap()
}

/// Picks `file`, and waits for a message with `parts`; nothing of the file may be stored.
async fn refused(page: &Page, file: &Path, parts: &[&str]) {
    page.pick_file("model-file", file).await;
    for part in parts {
        page.until_text("model-state", part, 120).await;
    }
    page.until(FAILED, 5).await;
    assert_eq!(kept(page).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_models_are_named_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page::open(folder.path(), &format!("{}{SHORT}", static_files().await)).await;
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let foreign = file("photo.gguf", b"\x89PNG\r\n and so on");
    refused(&page, &foreign, &["no GGUF file", "expected \"GGUF\""]).await;

    let mut model = fs::read(real()).unwrap();
    let cut = file("cut.gguf", &model[..20_000_000]);
    refused(
        &page,
        &cut,
        &["the GGUF file is cut off: tensor", "are left"],
    )
    .await;

    // The embedding has one row fewer than its data.
    let name = b"token_embd.weight";
    let at = model
        .windows(name.len())
        .position(|window| window == name)
        .unwrap();
    // The name, the number of dimensions and the width come before the rows.
    let rows = at + name.len() + 4 + 8;
    let count = u64::from_le_bytes(model[rows..rows + 8].try_into().unwrap());
    model[rows..rows + 8].copy_from_slice(&(count - 1).to_le_bytes());
    let other = file("other.gguf", &model);
    let says = ["the GGUF file is damaged: tensor", "begins at", "expected"];
    refused(&page, &other, &says).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_storage_is_named_and_keeps_no_half_model() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(folder.path(), &server.path(SHORT)).await;
    page.quota(&server.url, Some(20_000_000.0)).await;
    page.click("load-model").await;
    page.until_text("model-state", "storage is full", 120).await;
    page.until(FAILED, 5).await;
    assert_eq!(kept(&page).await, [""; 0]);

    // Once there is space again, the same button works.
    page.quota(&server.url, None).await;
    page.click("load-model").await;
    page.until(READY, 180).await;
    assert_eq!(kept(&page).await.len(), 1);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_opened_again_and_the_answer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(folder.path(), &server.path(SHORT)).await;
    page.click("load-model").await;
    page.until(READY, 180).await;
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=prefill]", 30)
        .await;
    page.lose_the_device().await;
    page.until("[data-testid=status-here][data-state=done]", 240)
        .await;
    let right = "[data-testid=answer-here] [data-testid=in-text][data-kind=right]";
    page.until(right, 5).await;
    // The model is as ready as before.
    page.until(READY, 5).await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), true);
    let page = Page::open_without_webgpu(folder.path(), &server.path(SHORT)).await;
    page.until("[data-testid=run-server]:not(:disabled)", 60)
        .await;
    server.kill();
    page.click("run-server").await;
    page.until_text("server-fault", "No Fathom server is running here", 30)
        .await;
    // Shows no run that does not exist, neither in the address nor beside the sample.
    let address: String = page.ask("location.href").await.unwrap();
    assert!(!address.contains("run="), "{address}");
    page.until("[data-testid=status-server][data-state=idle]", 5)
        .await;
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_adapter_is_named_and_the_processor_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open_without_webgpu(folder.path(), &server.path(SHORT)).await;
    page.until("[data-testid=engine-choice]", 60).await;
    page.choose("engine-choice", "webgpu").await;
    page.click("load-model").await;
    page.until_text("model-state", "no WebGPU adapter was found", 60)
        .await;
    page.until(FAILED, 5).await;
    // The adapter is opened first, so no model was fetched for it.
    assert_eq!(kept(&page).await, [""; 0]);

    // Where the choice is free, the same button works.
    page.choose("engine-choice", "automatic").await;
    page.click("load-model").await;
    page.until(READY, 180).await;
    page.until_text("why-engine", "this browser offers no WebGPU adapter", 5)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_share_the_storage() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let url = server.path(SHORT);
    let mut page = Page::open(folder.path(), &url).await;
    // Both load the same model at once: it is fetched once, and both have it.
    page.click("load-model").await;
    let first = page.new_tab(&url).await;
    page.click("load-model").await;
    page.until(READY, 240).await;
    let second = std::mem::replace(&mut page.page, first);
    page.page.bring_to_front().await.unwrap();
    page.until(READY, 240).await;
    assert_eq!(kept(&page).await.len(), 1);

    // What one has loaded, the other can use still.
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=done]", 240)
        .await;
    page.page = second;
    page.page.bring_to_front().await.unwrap();
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=done]", 240)
        .await;
    page.until_text("model-state", "is ready", 5).await;
    page.close().await;
}
