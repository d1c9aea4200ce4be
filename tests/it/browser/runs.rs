//! Runs in the page: ordered in the dialog, watched while they fill, read sample by sample.

use super::driver::Page;
use super::static_host::static_files;
use crate::server::{MODEL, Server};

/// The number of squares of the map that hold a score.
const SCORED: &str = "document.querySelectorAll('[data-testid=square][data-known=true]').length";

/// Whether a run's page counts so.
pub(super) fn counted(name: &str, number: u32) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=run-counts] div')]
            .some(fact => fact.textContent === '{name}{number}')"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_is_ordered_watched_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open_without_webgpu(folder.path(), &server.path("/runs")).await;

    // The dialog: faults stand beside their field, and the estimate comes before the start.
    page.click("hand-off").await;
    page.until("dialog[open] [data-testid=run-model] option", 30)
        .await;
    page.click("no-tasks").await;
    page.until_text("tasks-fault", "no task", 10).await;
    page.click("run-task-niah_single_1").await;
    page.click("run-task-niah_multikey_2").await;
    page.fill("run-lengths", "16384").await;
    page.until_text("run-lengths-fault", "reads 8192 tokens", 10)
        .await;
    page.fill("run-lengths", "400").await;
    page.fill("run-count", "2").await;
    page.until_text("estimate", "Samples4", 20).await;
    page.until_text("estimate", "not known yet", 10).await;
    page.picture("hand-off.png").await;

    // What was chosen is there again when the dialog is.
    let close = "document.querySelector('dialog').close(), true";
    assert_eq!(page.ask::<bool>(close).await, Some(true));
    page.click("hand-off").await;
    let lengths = "document.querySelector('[data-testid=run-lengths]')?.value === '400'";
    page.until_true(lengths, "the length that was typed", 10)
        .await;

    // Held before its end, and gone on with.
    page.click("start-run").await;
    page.until("[data-testid=heat]", 30).await;
    page.click("cancel-run").await;
    page.until("[data-testid=run-status][data-state=cancelled]", 30)
        .await;
    page.until("[data-testid=cancel-run]:disabled", 5).await;
    page.click("resume-run").await;
    page.until("[data-testid=run-status][data-state=done]", 180)
        .await;
    page.until_true(&counted("Answered", 4), "4 answers", 10)
        .await;
    page.until_true(&format!("{SCORED} === 2"), "two scores", 10)
        .await;
    let rows = server.rows(1).await;
    assert_eq!(rows.len(), 4);

    // From the map to a sample: its evidence, its answer, and what was cut.
    page.click("square").await;
    page.until("[data-testid=sample][data-state=answered]", 10)
        .await;
    page.click("sample").await;
    page.until("[data-testid=opened] .viewer mark[data-kind=needle]", 60)
        .await;
    page.until_text("cut", "Nothing was cut", 10).await;
    page.until(
        "[data-testid=found] li:is([data-state=found], [data-state=missed])",
        10,
    )
    .await;
    let detail = server.row(1, rows[0].place).await;
    let hash = detail.scored.unwrap().transcript.prompt_hash.unwrap();
    page.until_text("sample-facts", &hash, 5).await;
    page.picture("run.png").await;

    // The address carries it all.
    let address: String = page
        .ask("location.pathname + location.search")
        .await
        .unwrap();
    assert_eq!(address, "/runs/1?cell=0&sample=0");
    let answer = page.text("answer-sample").await;
    assert!(!answer.trim().is_empty());
    page.reload().await;
    page.until("[data-testid=opened] .viewer mark[data-kind=needle]", 60)
        .await;
    page.until("[data-testid=status-sample][data-state=done]", 10)
        .await;
    assert_eq!(page.text("answer-sample").await, answer);
    page.until_true(&format!("{SCORED} === 2"), "two scores", 10)
        .await;

    // The next run's estimate rests on what was answered.
    page.ask::<bool>("document.querySelector('.crumbs a').click(), true")
        .await
        .unwrap();
    page.until_text("runs", MODEL, 20).await;
    page.click("hand-off").await;
    page.until_text("estimate", "at the pace of 4 earlier answers", 20)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nothing_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/runs")).await;
    page.until_text("no-server", "without one", 30).await;
    let buttons = "document.querySelectorAll('main button').length";
    assert_eq!(page.ask::<u32>(buttons).await, Some(0));
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}
