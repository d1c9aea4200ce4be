//! A run in the page: started in the dialog, interrupted, resumed, and compared with the same grid
//! run on the server.

use std::collections::BTreeSet;

use fathom_shared::api::{NewRun, RunSpec, RunView, paths};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::results::{ResultOrigin, ResultSet, of_run};
use fathom_shared::run::{RunGrid, SampleKey, ScoredTranscript, TaskChoice};
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;
use serde::Deserialize;

use super::driver::Page;
use super::runs::counted;
use crate::server::{MODEL, Server, client};

/// The grid of both runs: two tasks, two lengths, two samples. One task hides a needle and the
/// other counts words, so that there are depths and a gap to compare.
fn grid() -> RunGrid {
    let mut grid = RunGrid::of(TaskSpec::new("niah_single_1", Tokens(400), 42), 0, 2);
    grid.tasks.push(TaskChoice::new("fwe"));
    grid.lengths.push(Tokens(512));
    grid
}

/// A line of the file in which the browser stores a run's rows.
#[derive(Deserialize)]
struct StoredLine {
    place: SampleKey,
    row: ScoredTranscript,
}

/// The rows of a run in the browser's storage.
async fn stored(page: &Page, id: i64) -> Vec<StoredLine> {
    let script = format!(
        "(async () => {{
            const folder = await navigator.storage.getDirectory();
            const handle = await folder.getFileHandle('run-{id}.jsonl');
            return (await handle.getFile()).text();
        }})()"
    );
    let text: String = page.ask(&script).await.unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Whether the page shows `count` charts whose id begins with `id`.
fn charts(id: &str, count: usize) -> String {
    format!("document.querySelectorAll('figure[data-testid^={id:?}]').length === {count}")
}

/// The charts whose id begins with `id`, as their tables: the id and the cells of each row.
async fn tables(page: &Page, id: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let all = format!("[...document.querySelectorAll('figure[data-testid^={id:?}]')]");
    let open = format!(
        "{all}.forEach(chart => {{
            const button = chart.querySelector('[data-testid=as-table]');
            if (button.getAttribute('aria-pressed') !== 'true') button.click();
        }}), true"
    );
    assert_eq!(page.ask::<bool>(&open).await, Some(true));
    let filled = format!("{all}.every(chart => chart.querySelector('tbody tr') !== null)");
    page.until_true(&filled, "tables of the charts", 10).await;
    let read = format!(
        "{all}.map(chart => [chart.dataset.testid, [...chart.querySelectorAll('tbody tr')].map(row =>
            [...row.children].map(cell => cell.textContent))])"
    );
    page.ask(&read).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_the_page_comes_to_what_the_server_s_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let page = Page::open(
        folder.path(),
        &server.path("/playground?task=niah_single_1&length=400"),
    )
    .await;
    page.click("load-model").await;
    page.until("[data-testid=model-state][data-state=ready]", 240)
        .await;

    // The loaded model is one of the engines of the dialog.
    let go = "document.querySelector('nav a[href=\"/runs\"]').click(), true";
    assert_eq!(page.ask::<bool>(go).await, Some(true));
    page.click("run-dialog").await;
    page.until(
        "dialog[open] [data-testid=run-engine] option[value=page]",
        30,
    )
    .await;
    page.choose("run-engine", "page").await;
    page.until_text("run-where", "in this browser", 10).await;
    page.click("no-tasks").await;
    page.click("run-task-niah_single_1").await;
    page.click("run-task-fwe").await;
    page.fill("run-lengths", "400, 512").await;
    page.fill("run-count", "2").await;
    page.until_text("estimate", "Samples8", 20).await;
    page.until_text("estimate", "it runs in this browser", 10)
        .await;
    page.click("start-run").await;
    page.until_true(
        "location.pathname === '/runs/page-1'",
        "the page of the run",
        30,
    )
    .await;
    page.until("[data-testid=run-status][data-state=running]", 60)
        .await;

    // Interrupted: the answers are stored, and the other samples wait for the model.
    let some = "[...document.querySelectorAll('[data-testid=run-counts] div')].some(fact =>
        fact.textContent.startsWith('Answered') && parseInt(fact.textContent.slice(8)) >= 2)";
    page.until_true(some, "two answers", 600).await;
    page.reload().await;
    page.until("[data-testid=run-status][data-state=queued]", 60)
        .await;
    let before = stored(&page, 1).await;
    assert!((2..8).contains(&before.len()), "{} rows", before.len());
    page.click("load-model").await;
    page.until("[data-testid=run-status][data-state=running]", 240)
        .await;

    // Cancelled during a sample, it resumes with that sample.
    page.click("cancel-run").await;
    page.until("[data-testid=run-status][data-state=cancelled]", 30)
        .await;
    page.click("resume-run").await;
    page.until("[data-testid=run-status][data-state=done]", 1200)
        .await;
    page.until_true(&counted("Answered", 8), "8 answers", 10)
        .await;
    page.picture("page-run.png").await;

    // The same grid on the server, with the same kernels.
    let new = NewRun {
        run_spec: RunSpec {
            grid: grid(),
            model: MODEL.to_owned(),
            engine: EngineKind::Wgpu,
            mode: PromptMode::Chat,
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
    };
    let run: RunView = server.queue(&new).await.json().await.unwrap();
    for _ in 0..1200 {
        if server.detail(run.id).await.run.status.is_final() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let url = server.path(&paths::with_id(paths::RUN_RESULTS, run.id));
    let theirs: ResultSet = client()
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let rows = stored(&page, 1).await;
    let places: Vec<SampleKey> = rows.iter().map(|line| line.place).collect();
    assert_eq!(places, grid().places().collect::<Vec<_>>(), "each once");
    assert!(
        before.iter().zip(&rows).all(|(a, b)| a.row == b.row),
        "what was answered before the reload stays"
    );
    let scores = rows.into_iter().map(|line| (line.place, line.row.score));
    let ours = of_run(theirs.about.clone(), &grid(), &[], scores);
    assert_eq!(ours.cells, theirs.cells);
    for (ours, theirs) in ours.cells.iter().zip(&theirs.cells) {
        assert_eq!(ours.summary(), theirs.summary());
        let needles = ours.task == "niah_single_1";
        assert!(
            ours.samples
                .iter()
                .all(|sample| sample.parts.is_empty() != needles)
        );
    }

    // A sample with its evidence, made again in the page.
    page.click("square").await;
    page.click("sample").await;
    page.until("[data-testid=opened] .viewer mark[data-kind=needle]", 60)
        .await;
    page.until("[data-testid=status-sample][data-state=done]", 10)
        .await;

    // Results shows both, with the same depth map and the same gap.
    let go = "document.querySelector('[data-testid=to-results]').click(), true";
    assert_eq!(page.ask::<bool>(go).await, Some(true));
    page.until("[data-testid=set][data-key='run:page-1']", 60)
        .await;
    let add = format!(
        "(() => {{ const list = document.querySelector('[data-testid=add-run]'); list.value = '{}';
            list.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()",
        run.id
    );
    page.until(
        &format!("[data-testid=add-run] option[value='{}']", run.id),
        30,
    )
    .await;
    assert_eq!(page.ask::<bool>(&add).await, Some(true));
    page.until(&format!("[data-testid=set][data-key='run:{}']", run.id), 60)
        .await;
    page.click("view-depth").await;
    page.until_true(&charts("chart-depth-", 2), "two depth maps", 30)
        .await;
    page.picture("results-page-run.png").await;
    let maps = tables(&page, "chart-depth-").await;
    // The first column is the depth, the last one says where the figures come from.
    let figures = |map: &[Vec<String>]| -> Vec<Vec<String>> {
        map.iter()
            .map(|row| row[..row.len() - 1].to_vec())
            .collect()
    };
    let [(ours, in_page), (theirs, on_server)] = maps.as_slice() else {
        panic!("{} depth maps", maps.len())
    };
    assert!(ours.ends_with("niah_single_1") && theirs.ends_with("niah_single_1"));
    let lengths: BTreeSet<&str> = in_page.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(Vec::from_iter(lengths), ["400", "512"]);
    assert_eq!(figures(in_page), figures(on_server));

    page.click("view-gap").await;
    page.until_true(&charts("chart-needle-hops-gap", 1), "the gap", 30)
        .await;
    let gaps = tables(&page, "chart-needle-hops-gap").await;
    // The first column names the set.
    let gap = |set: &str| -> Vec<Vec<String>> {
        let rows = gaps[0].1.iter().filter(|row| row[0].ends_with(set));
        rows.map(|row| row[1..row.len() - 1].to_vec()).collect()
    };
    let (in_page, on_server) = (gap("run page-1"), gap(&format!("run {}", run.id)));
    assert_eq!(in_page.len(), 2, "a gap for each length: {gaps:?}");
    assert_eq!(in_page, on_server);
    assert_eq!(page.faults().await, [""; 0]);

    // The list shows it; it is exported, and deleted permanently.
    let go = "document.querySelector('nav a[href=\"/runs\"]').click(), true";
    assert_eq!(page.ask::<bool>(go).await, Some(true));
    page.until_text("page-runs", "Run page-1", 30).await;
    let open = "document.querySelector('[data-testid=page-runs] a').click(), true";
    assert_eq!(page.ask::<bool>(open).await, Some(true));
    page.until("[data-testid=delete-run]:not(:disabled)", 30)
        .await;
    page.keep_saved().await;
    let export = "(() => { const list = document.querySelector('[data-testid=export-run]');
        list.value = 'ruler'; list.dispatchEvent(new Event('change', { bubbles: true }));
        return true; })()";
    assert_eq!(page.ask::<bool>(export).await, Some(true));
    page.until_true("window.saved instanceof Promise", "an archive", 60)
        .await;
    let saved: String = page.ask("window.saved").await.unwrap();
    assert!(saved.starts_with("PK"), "{:?}", saved.get(..40));
    page.click("delete-run").await;
    page.click("delete-run").await;
    page.until_true(
        "document.querySelector('[data-testid=page-runs]') === null",
        "no run of the page",
        30,
    )
    .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

/// The description of a set that is a browser's run.
#[test]
fn a_run_of_the_page_has_its_own_address() {
    let origin = ResultOrigin::PageRun {
        id: 1,
        engine: EngineKind::Wgpu.to_string(),
        created_ms: 0,
        window: Some(Tokens(8192)),
    };
    let json = serde_json::to_value(&origin).unwrap();
    assert_eq!(json["is"], "page_run");
    assert_eq!(origin.href().as_deref(), Some("/runs/page-1"));
}
