//! Runs in the page: started in the dialog, watched while they fill, read sample by sample.

use super::driver::Page;
use super::static_host::static_files;
use crate::server::{MODEL, Server};

/// The number of map squares with a score.
const SCORED: &str = "document.querySelectorAll('[data-testid=square][data-known=true]').length";

/// Whether a run's page shows this count.
pub(super) fn counted(name: &str, number: u32) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=run-counts] div')]
            .some(fact => fact.textContent === '{name}{number}')"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grid_is_started_watched_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open_without_webgpu(folder.path(), &server.path("/runs")).await;

    // The dialog begins with what two minutes are enough for, and says how long each choice takes.
    page.press_mouse("[data-testid=run-dialog]").await;
    page.until("dialog[open] [data-testid=run-model] option", 30)
        .await;
    page.until_text("estimate", "Samples20", 20).await;
    let told = "[...document.querySelectorAll('[data-testid=run-choice]')].filter(one =>
        one.textContent.includes(', about ')).length === 3";
    page.until_true(told, "three choices with their time", 5)
        .await;
    page.until_text("run-choices-by", "SmolLM2-135M", 5).await;
    let others = "document.querySelector('[data-testid=run-task-kv_retrieval]').closest('fieldset').textContent.startsWith('Not part of RULER')";
    page.until_true(others, "a task that is not RULER's", 5)
        .await;
    page.press_mouse("[data-testid=run-choice]:last-child")
        .await;
    page.until("[data-testid=run-choice]:last-child[aria-pressed=true]", 5)
        .await;
    page.until_text("estimate", "Samples130", 20).await;
    page.click("close-run-dialog").await;

    // Faults stand beside their field, and the estimate comes before the start.
    page.click("run-dialog").await;
    page.until("dialog[open] [data-testid=run-model] option", 30)
        .await;
    page.click("no-tasks").await;
    page.until_text("tasks-fault", "no task", 10).await;
    page.click("run-task-niah_single_1").await;
    page.click("run-task-niah_multikey_2").await;
    page.fill("run-lengths", "16384").await;
    page.until_text("run-lengths-fault", "can read 8192 tokens", 10)
        .await;
    page.fill("run-lengths", "400").await;
    page.fill("run-count", "2").await;
    page.until_text("estimate", "Samples4", 20).await;
    page.until_text("estimate", "not known yet", 10).await;
    page.picture("run-dialog.png").await;

    // The choices are kept when the dialog is opened again.
    let close = "document.querySelector('dialog').close(), true";
    assert_eq!(page.ask::<bool>(close).await, Some(true));
    page.until_true(
        "!new URLSearchParams(location.search).has('order')",
        "an address without the dialog",
        10,
    )
    .await;
    page.click("run-dialog").await;
    let lengths = "document.querySelector('[data-testid=run-lengths]')?.value === '400'";
    page.until_true(lengths, "the length that was typed", 10)
        .await;

    // Paused before its end, and resumed.
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

    // The address contains all of it.
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

    // The next run's estimate is based on these answers.
    page.ask::<bool>("document.querySelector('.crumbs a').click(), true")
        .await
        .unwrap();
    page.until_text("runs", MODEL, 20).await;
    page.click("run-dialog").await;
    page.until_text("estimate", "based on 4 earlier answers", 20)
        .await;
    page.until_text("run-choices-by", "earlier answers here", 5)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nothing_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &format!("{files}/runs")).await;
    page.until_text("no-server", "No Fathom server is running here", 30)
        .await;
    let buttons = "document.querySelectorAll('main button').length";
    assert_eq!(page.ask::<u32>(buttons).await, Some(0));
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}
