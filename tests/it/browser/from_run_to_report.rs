//! From a finished run to its results, the comparison with another run down to a sample, the
//! report, and the advice.

use fathom_shared::api::{NewRun, RunStatus, RunView};
use fathom_shared::engine::EngineKind;
use fathom_shared::run::TaskChoice;
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;

use super::driver::Page;
use crate::controlled_endpoint::{TOLD, told};
use crate::endpoint::Endpoint;
use crate::server::{MODEL, Server, new_run};

/// Number of samples per task.
const COUNT: u32 = 2;
/// Number of samples in both tasks.
const ALL: usize = 4;

/// Two tasks over the shortest haystacks.
fn grid() -> NewRun {
    let mut new = new_run(COUNT);
    let spec = TaskSpec::new("niah_multikey_2", Tokens(400), 42);
    new.run_spec.grid.tasks.push(TaskChoice::from(spec));
    new
}

async fn queued(server: &Server, new: &NewRun) -> i64 {
    let run: RunView = server.queue(new).await.json().await.unwrap();
    run.id
}

async fn until_done(server: &Server, id: i64) {
    for _ in 0..1800 {
        if server.detail(id).await.run.status == RunStatus::Done {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("not done: {:?}", server.detail(id).await.run);
}

/// A run of the model, and one of an endpoint that is right exactly where the model is wrong: every
/// sample differs, whatever the model answers.
async fn two_runs(server: &Server, endpoint: &Endpoint) -> (i64, i64) {
    let mut new = grid();
    let model = queued(server, &new).await;
    until_done(server, model).await;
    let rows = server.rows(model).await;
    assert_eq!(rows.len(), ALL);
    for row in &rows {
        let detail = server.row(model, row.place).await;
        let (sample, _) = detail.made.unwrap();
        match row.score.unwrap() {
            wrong if wrong < 1.0 => endpoint.answer(&sample.references.join(", ")),
            _ => endpoint.answer("nothing of the kind"),
        }
    }
    new.run_spec.model = TOLD.to_owned();
    new.run_spec.engine = EngineKind::Openai {
        endpoint: TOLD.to_owned(),
    };
    let told = queued(server, &new).await;
    until_done(server, told).await;
    (model, told)
}

async fn address(page: &Page) -> String {
    let script = "decodeURIComponent(location.pathname + location.search)";
    page.ask(script).await.unwrap()
}

/// The text of every row of the comparison, without the lists of samples.
const LINES: &str = "[...document.querySelectorAll('[data-testid=versus] tr[data-verdict]')]
    .map(row => row.textContent).join('|')";

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_run_becomes_a_report_and_an_advice() {
    let folder = tempfile::tempdir().unwrap();
    let (endpoint, config) = told(folder.path()).await;
    let server = Server::start_with(folder.path(), &config);
    let (model, told) = two_runs(&server, &endpoint).await;

    // From the run's page to its results, shown with published ones.
    let page =
        Page::open_without_webgpu(folder.path(), &server.path(&format!("/runs/{model}"))).await;
    page.until("[data-testid=run-status][data-state=done]", 60)
        .await;
    page.click("to-results").await;
    let set = |id: i64| format!("[data-testid=set][data-key='run:{id}']");
    page.until(&set(model), 30).await;
    assert_eq!(address(&page).await, format!("/results?run={model}"));
    let chart = "[data-testid=chart-ruler-by-length] svg";
    page.until(&format!("{chart} .dot.own"), 10).await;
    page.until(&format!("{chart} .line.published"), 10).await;
    page.until_text(
        "held",
        &format!("yours: run {model} by candle-cpu, 4 samples"),
        5,
    )
    .await;

    // Adds the other run from the list.
    page.until(&format!("[data-testid=add-run] option[value='{told}']"), 20)
        .await;
    let add = format!(
        "(() => {{ const list = document.querySelector('[data-testid=add-run]'); list.value = '{told}';
            list.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
    );
    assert_eq!(page.ask::<bool>(&add).await, Some(true));
    page.until(&set(told), 30).await;

    // Sample by sample: each differs, and each links to its place in its run.
    page.click("view-comparison").await;
    page.until_text("versus", "niah_single_1 at 400", 30).await;
    let links = "document.querySelectorAll('[data-testid=discordant] a').length";
    page.until_true(&format!("{links} === {}", 2 * ALL), "two links a sample", 5)
        .await;
    let lines: String = page.ask(LINES).await.unwrap();
    let compared = address(&page).await;
    assert_eq!(
        compared,
        format!("/results?view=comparison&run={model},{told}")
    );
    page.picture("comparison.png").await;
    let open = "(() => { const list = document.querySelector('[data-testid=discordant]');
        list.open = true; list.querySelector('a').click(); return true; })()";
    assert_eq!(page.ask::<bool>(open).await, Some(true));
    page.until("[data-testid=opened] .viewer mark[data-kind=needle]", 60)
        .await;
    assert_eq!(
        address(&page).await,
        format!("/runs/{model}?cell=0&sample=0")
    );
    let row = server.rows(model).await[0].place;
    let asked = server.row(model, row).await;
    let hash = asked.scored.unwrap().transcript.prompt_hash.unwrap();
    page.until_text("sample-facts", &hash, 5).await;

    // Going back loses nothing.
    assert_eq!(page.ask::<bool>("history.back(), true").await, Some(true));
    page.until_true(&format!("{links} === {}", 2 * ALL), "the comparison", 30)
        .await;

    // Everything as one self-contained file.
    page.keep_saved().await;
    page.click("save-report").await;
    let whole = "(async () => (await window.saved ?? '').startsWith('<!doctype html>'))()";
    page.until_true(whole, "the report", 30).await;
    let report: String = page.ask("window.saved").await.unwrap();
    let model_run = format!("run {model} by candle-cpu");
    for part in [
        MODEL,
        model_run.as_str(),
        "run 2 by openai",
        "n = 2",
        "(95% ",
        "Wilson",
        "(published)",
        "McNemar",
        "<svg",
    ] {
        assert!(report.contains(part), "no {part} in the report");
    }
    // The first page: verdict, charts, what is missing, before all tables.
    let (first, _) = report.split_once("</section>").unwrap();
    for part in ["<h2>Verdict</h2>", "role=\"img\"", "<h3>Not measured</h3>"] {
        assert!(first.contains(part), "no {part} on the first page");
    }
    for outside in ["<script", " src=", "url(", "<link", "@import", "<a "] {
        assert!(!report.contains(outside), "{outside} in the report");
    }
    assert!(report.len() < 2_000_000, "{} bytes", report.len());

    // To the advisor with the same runs; saves its advice.
    page.click("ask-advisor").await;
    page.until_text("verdict", "for smollm2-135m-instruct", 60)
        .await;
    assert_eq!(address(&page).await, format!("/advisor?run={model},{told}"));
    let verdict = page.text("verdict").await;
    let markdown = page.save("save-markdown").await;
    assert!(markdown.contains(&format!("**{verdict}**")), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&page.save("save-json").await).unwrap();
    assert!(json["action"]["do"].is_string(), "{json}");

    assert_eq!(page.faults().await, [""; 0]);

    // The address alone restores the comparison.
    page.page.goto(server.path(&compared)).await.unwrap();
    page.until_true(&format!("{links} === {}", 2 * ALL), "the comparison", 60)
        .await;
    assert_eq!(page.ask::<String>(LINES).await, Some(lines));
    assert_eq!(page.faults().await, [""; 0]);

    // A run that does not exist is reported, and the other one is shown.
    let path = format!("/results?run={told},99");
    page.page.goto(server.path(&path)).await.unwrap();
    page.until_text("results-fault", "Run 99: ", 30).await;
    page.until(&set(told), 30).await;
    page.close().await;
}
