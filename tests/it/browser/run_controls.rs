//! Manages a run from its page: pause, resume, retry, priority, cancel. The endpoint answers only
//! when told to, so that there is something left to pause.

use fathom_shared::api::{RowState, RunStatus, RunView};
use fathom_shared::engine::EngineKind;

use super::driver::Page;
use super::runs::counted;
use crate::controlled_endpoint::{TOLD, told};
use crate::endpoint::Endpoint;
use crate::server::{Server, new_run};

async fn queued(server: &Server, count: u32) -> RunView {
    let mut new = new_run(count);
    new.run_spec.model = TOLD.to_owned();
    new.run_spec.engine = EngineKind::Openai {
        endpoint: TOLD.to_owned(),
    };
    server.queue(&new).await.json().await.unwrap()
}

/// Waits until both the page and the API show the status.
async fn until(page: &Page, server: &Server, id: i64, status: RunStatus) {
    let selector = format!("[data-testid=run-status][data-state={}]", status.as_str());
    page.until(&selector, 60).await;
    until_run(server, id, |run| run.status == status).await;
}

/// Waits until a run in the API meets a condition; details of a running run may be half a second
/// old.
async fn until_run(server: &Server, id: i64, is_so: impl Fn(&RunView) -> bool) {
    let mut run = server.detail(id).await.run;
    for _ in 0..100 {
        if is_so(&run) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        run = server.detail(id).await.run;
    }
    panic!("not as expected: {run:?}");
}

/// Waits until this many samples were requested.
async fn until_asked(endpoint: &Endpoint, samples: usize) {
    for _ in 0..600 {
        if endpoint.asked() >= samples {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!(
        "{} samples were asked, expected {samples}",
        endpoint.asked()
    );
}

/// Whether the page lacks this element.
fn without(id: &str) -> String {
    format!("document.querySelector('[data-testid={id}]') === null")
}

async fn until_counts(page: &Page, counts: [(&str, u32); 3]) {
    for (name, number) in counts {
        page.until_true(&counted(name, number), &format!("{name} {number}"), 30)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_button_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (endpoint, config) = told(folder.path()).await;
    let server = Server::start_with(folder.path(), &config);
    let id = queued(&server, 4).await.id;
    let page = Page::open_without_webgpu(folder.path(), &server.path(&format!("/runs/{id}"))).await;
    until_asked(&endpoint, 1).await;
    until(&page, &server, id, RunStatus::Running).await;
    page.until_text("where", "the endpoint told", 10).await;

    // Pause: the page says at once that the run is paused, and that a sample is in progress. That
    // sample gets its answer, and no other is started.
    page.click("pause-run").await;
    until(&page, &server, id, RunStatus::Paused).await;
    page.until("[data-testid=pause-run]:disabled", 5).await;
    page.until_text("still", "one sample is still being answered", 5)
        .await;
    endpoint.answer("nothing of the kind");
    until_counts(&page, [("Answered", 1), ("Failed", 0), ("Remaining", 3)]).await;
    page.until_true(&without("still"), "no sample under way", 30)
        .await;
    until(&page, &server, id, RunStatus::Paused).await;
    assert_eq!(endpoint.asked(), 1);

    // Priority: stored by the server, and shown again after a reload.
    page.choose("priority", "7").await;
    let priority = "document.querySelector('[data-testid=priority]').value";
    until_run(&server, id, |run| run.priority == 7).await;
    page.reload().await;
    page.until_true(&format!("{priority} === '7'"), "priority 7", 30)
        .await;
    // An invalid number changes nothing.
    let clear =
        "(() => { const field = document.querySelector('[data-testid=priority]'); field.value = '';
        field.dispatchEvent(new Event('change', { bubbles: true })); return field.value; })()";
    assert_eq!(page.ask::<String>(clear).await.as_deref(), Some("7"));

    // Resume: it continues with the next sample; a refusal is stored as a failed row.
    page.click("resume-run").await;
    until(&page, &server, id, RunStatus::Running).await;
    until_asked(&endpoint, 2).await;
    endpoint.refuse("a word in it is filtered");
    endpoint.answer("nothing of the kind");
    endpoint.answer("nothing of the kind");
    until(&page, &server, id, RunStatus::Done).await;
    until_counts(&page, [("Answered", 3), ("Failed", 1), ("Remaining", 0)]).await;
    let rows = server.rows(id).await;
    let failed: Vec<_> = rows
        .iter()
        .filter(|row| row.state == RowState::Failed)
        .collect();
    assert_eq!(failed.len(), 1);
    let place = failed[0].place;
    page.click("square").await;
    let shown = format!(
        "[data-testid=sample][data-state=failed][aria-label^='Sample {}:']",
        place.sample
    );
    page.until(&shown, 10).await;

    // Retry: only the failure is asked again.
    page.until_text("retry-run", "Retry 1 failure", 5).await;
    page.click("retry-run").await;
    until_asked(&endpoint, 5).await;
    until_counts(&page, [("Answered", 3), ("Failed", 0), ("Remaining", 1)]).await;
    endpoint.answer("nothing of the kind");
    until(&page, &server, id, RunStatus::Done).await;
    until_counts(&page, [("Answered", 4), ("Failed", 0), ("Remaining", 0)]).await;
    page.until("[data-testid=retry-run]:disabled", 5).await;
    assert_eq!(endpoint.asked(), 5);
    let again = server.row(id, place).await.row;
    assert_eq!((again.state, again.attempts), (RowState::Answered, 2));

    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_priority_goes_first_and_a_cancelled_run_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let (endpoint, config) = told(folder.path()).await;
    let server = Server::start_with(folder.path(), &config);
    let before = queued(&server, 3).await.id;
    until_asked(&endpoint, 1).await;
    let id = queued(&server, 2).await.id;
    let page = Page::open_without_webgpu(folder.path(), &server.path(&format!("/runs/{id}"))).await;
    until(&page, &server, id, RunStatus::Queued).await;

    // Priority: the next sample belongs to the later run.
    page.choose("priority", "3").await;
    until_run(&server, id, |run| run.priority == 3).await;
    endpoint.answer("nothing of the kind");
    until(&page, &server, id, RunStatus::Running).await;
    until_asked(&endpoint, 2).await;
    let first = |run: &RunView| (run.status, run.counts.answered) == (RunStatus::Queued, 1);
    until_run(&server, before, first).await;

    // Cancel: the sample in progress is abandoned, and the other run continues.
    page.click("cancel-run").await;
    until(&page, &server, id, RunStatus::Cancelled).await;
    page.until("[data-testid=cancel-run]:disabled", 5).await;
    until_asked(&endpoint, 3).await;
    until_counts(&page, [("Answered", 0), ("Failed", 0), ("Remaining", 2)]).await;
    page.until_true(&without("still"), "no sample under way", 30)
        .await;
    let first = |run: &RunView| (run.status, run.counts.answered) == (RunStatus::Running, 1);
    until_run(&server, before, first).await;

    // Resume: the cancelled run continues when it is its turn.
    page.click("resume-run").await;
    until(&page, &server, id, RunStatus::Queued).await;
    for _ in 0..3 {
        endpoint.answer("nothing of the kind");
    }
    until(&page, &server, id, RunStatus::Done).await;
    until_counts(&page, [("Answered", 2), ("Failed", 0), ("Remaining", 0)]).await;
    assert_eq!(server.detail(before).await.run.counts.answered, 2);
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_outlives_a_reload_and_the_map_is_walked_by_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (endpoint, config) = told(folder.path()).await;
    let server = Server::start_with(folder.path(), &config);
    let page = Page::open_without_webgpu(folder.path(), &server.path("/runs")).await;
    page.click("run-dialog").await;
    page.until("dialog[open] [data-testid=run-model] option", 30)
        .await;
    page.choose("run-engine", "openai:told").await;
    page.until_text("run-where", "are sent to the endpoint told", 10)
        .await;
    page.click("no-tasks").await;
    page.click("run-task-niah_single_1").await;
    page.click("run-task-niah_multikey_2").await;
    page.fill("run-lengths", "512, 1024").await;
    page.fill("run-count", "1").await;
    page.fill("run-first", "3").await;
    page.choose("run-profile", "stratified").await;
    page.until_text("estimate", "EUR", 30).await;

    // Another engine and other positions: errors are shown beside the fields.
    page.choose("run-engine", "candle-cpu").await;
    page.choose("run-rope", "yarn").await;
    page.until_text("factor-fault", "factor is missing", 10)
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
    // Positions that the engine does not support are not dropped silently.
    page.choose("run-engine", "openai:told").await;
    page.until_text("run-rope-fault", "does not support RoPE scaling", 10)
        .await;
    page.until("[data-testid=start-run]:disabled", 5).await;
    page.choose("run-rope", "").await;
    page.click("start-run").await;
    page.until("[data-testid=heat][role=grid]", 30).await;
    let run_spec = server.detail(1).await.run.run_spec;
    assert_eq!((run_spec.grid.first, run_spec.grid.count), (3, 1));
    assert_eq!((run_spec.rope, run_spec.grid.len()), (None, 4));

    // The map is a single tab stop; arrow keys move within it, and Enter opens the samples.
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
    let label = "document.activeElement.querySelector('.sr-only').textContent";
    let label: String = page.ask(label).await.unwrap();
    assert!(
        label.starts_with("niah_multikey_2 at 1,024 tokens: 0.0 (95% 0.0–79.3"),
        "{label}"
    );
    page.press("Enter").await;
    page.until_text("samples", "niah_multikey_2 at 1,024 tokens", 10)
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
