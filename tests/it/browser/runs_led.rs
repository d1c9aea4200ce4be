//! A run ordered by its form and read by keys. An endpoint answers when it is told to.

use fathom_shared::api::RunStatus;

use super::driver::Page;
use crate::endpoint::Endpoint;
use crate::server::Server;

/// Waits until the page shows the status and the API has it.
async fn until(page: &Page, server: &Server, id: i64, status: RunStatus) {
    let selector = format!("[data-testid=run-status][data-state={}]", status.as_str());
    page.until(&selector, 60).await;
    assert_eq!(server.detail(id).await.run.status, status);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_outlives_a_reload_and_the_map_is_walked_by_keys() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(folder.path()).await;
    let server = Server::start_with(folder.path(), endpoint.config());
    let page = Page::open_without_webgpu(folder.path(), &server.path("/runs")).await;
    page.click("hand-off").await;
    page.until("dialog[open] [data-testid=run-model] option", 30)
        .await;
    page.choose("run-engine", "openai:told").await;
    page.until_text("run-where", "go to the endpoint told", 10)
        .await;
    page.click("no-tasks").await;
    page.click("run-task-niah_single_1").await;
    page.click("run-task-niah_multikey_2").await;
    page.fill("run-lengths", "512, 1024").await;
    page.fill("run-count", "1").await;
    page.fill("run-first", "3").await;
    page.choose("run-profile", "stratified").await;
    page.until_text("estimate", "EUR", 30).await;

    // Another engine, other positions: what is wrong with them stands beside them.
    page.choose("run-engine", "candle-cpu").await;
    page.choose("run-rope", "yarn").await;
    page.until_text("factor-fault", "`factor` is missing", 10)
        .await;
    page.fill("factor", "2").await;
    page.until_text("estimate", "Samples4", 30).await;

    page.reload().await;
    page.until("dialog[open] [data-testid=more][open] #factor", 30)
        .await;
    let value = |id: &str| format!("document.querySelector('[data-testid={id}]').value");
    for (id, wanted) in [
        ("run-lengths", "512, 1024"),
        ("run-count", "1"),
        ("run-first", "3"),
        ("run-profile", "stratified"),
        ("run-engine", "candle-cpu"),
        ("run-rope", "yarn"),
        ("factor", "2"),
    ] {
        page.until_true(&format!("{} === '{wanted}'", value(id)), id, 20)
            .await;
    }
    // Positions that the engine does not take are not dropped without a word.
    page.choose("run-engine", "openai:told").await;
    page.until_text("run-rope-fault", "own positions only", 10)
        .await;
    page.until("[data-testid=start-run]:disabled", 5).await;
    page.choose("run-rope", "").await;
    page.click("start-run").await;
    page.until("[data-testid=heat][role=grid]", 30).await;
    let order = server.detail(1).await.run.order;
    assert_eq!((order.grid.first, order.grid.count), (3, 1));
    assert_eq!((order.rope, order.grid.len()), (None, 4));

    // The map: one stop of the tabulator; arrows lead on, Enter opens the samples.
    for _ in 0..4 {
        endpoint.answer("nothing of the kind");
    }
    until(&page, &server, 1, RunStatus::Done).await;
    page.until_text("interval", "0–79", 10).await;
    let stops = "document.querySelectorAll('[data-testid=square][tabindex=\"0\"]').length === 1";
    page.until_true(stops, "one stop", 5).await;
    let focus = "document.querySelector('[data-testid=square][tabindex=\"0\"]').focus(), true";
    assert_eq!(page.ask::<bool>(focus).await, Some(true));
    page.press("ArrowRight").await;
    page.press("ArrowDown").await;
    page.press("ArrowRight").await;
    let label = "document.activeElement.getAttribute('aria-label')";
    let label: String = page.ask(label).await.unwrap();
    assert!(
        label.starts_with("niah_multikey_2 at 1024 tokens: 0.0 (95% 0.0–79.3"),
        "{label}"
    );
    page.press("Enter").await;
    page.until_text("samples", "niah_multikey_2 at 1024 tokens", 10)
        .await;
    let address: String = page
        .ask("location.pathname + location.search")
        .await
        .unwrap();
    assert_eq!(address, "/runs/1?cell=3");
    page.until_true(stops, "one stop", 5).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}
