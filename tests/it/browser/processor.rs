//! A model on the processor, in a browser without WebGPU and in one whose adapter is slower.

use super::SHORT;
use super::driver::Page;
use crate::server::Server;

const READY: &str = "[data-testid=model-state][data-state=ready]";

#[tokio::test(flavor = "multi_thread")]
async fn without_webgpu_a_model_answers_on_the_processor() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open_without_webgpu(folder.path(), &server.path(SHORT)).await;
    page.click("load-model").await;
    page.until(READY, 180).await;
    assert_eq!(page.text("device").await, "CPU, 1 thread (wasm)");
    assert_eq!(
        page.text("why-engine").await,
        "Runs on the processor: this browser offers no WebGPU adapter."
    );

    // A cancel is heard while the prompt is read, and the next answer is whole.
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=prefill]", 30)
        .await;
    let waited = page
        .click_and_wait(
            "cancel-here",
            "[data-testid=status-here][data-state=cancelled]",
        )
        .await;
    assert!(waited < 600.0, "cancelling took {waited} ms");
    page.click("run-here").await;
    page.until("[data-testid=status-here][data-state=done]", 240)
        .await;

    // The server's engine is the same code on other vectors.
    page.click("run-server").await;
    page.until("[data-testid=status-server][data-state=done]", 120)
        .await;
    let (here, there) = (
        page.text("answer-here").await,
        page.text("answer-server").await,
    );
    assert_eq!(here, there);
    assert!(!here.trim().is_empty());
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_is_measured_and_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(folder.path(), &server.path(SHORT)).await;
    page.until("[data-testid=engine-choice]", 60).await;
    page.choose("engine-choice", "automatic").await;
    page.click("load-model").await;
    page.until(READY, 180).await;
    // Either may win on a machine; the sentence says which, and by how much.
    let (device, why) = (page.text("device").await, page.text("why-engine").await);
    match device.contains("swiftshader") {
        true => assert!(why.ends_with("times faster than the processor."), "{why}"),
        false => assert!(why.ends_with("times slower."), "{why}"),
    }
    for (choice, word, why) in [
        ("processor", "wasm", "Runs on the processor, as chosen."),
        (
            "webgpu",
            "swiftshader",
            "Runs on the graphics adapter, as chosen.",
        ),
    ] {
        // The model that is loaded is loaded again.
        page.choose("engine-choice", choice).await;
        page.until_text("why-engine", why, 180).await;
        page.until_text("device", word, 5).await;
    }
    // The browser keeps the choice.
    page.reload().await;
    let kept = "document.querySelector('[data-testid=engine-choice]')?.value === 'webgpu'";
    page.until_true(kept, "choice that was kept", 60).await;
    page.close().await;
}
