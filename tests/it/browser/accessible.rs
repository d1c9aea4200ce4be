//! Every page, light and dark, against axe-core's rules; the exported report too; and a title for each.

use std::path::Path;

use super::driver::Page;
use super::results::VIEWS;
use super::static_host::{static_files, static_files_without};
use crate::api::wait_for_rows;
use crate::server::{Server, new_run, surroundings};

/// What breaks a rule: the rule, what it asks for, and where, as far as the first five.
const BROKEN: &str = "axe.run(document, { resultTypes: ['violations'] }).then(found => found.violations
    .map(one => `${one.id} (${one.help}): ${one.nodes.slice(0, 5).map(node => node.target.join(' ')).join(', ')}`))";

/// Colours that go over into one another have arrived; what turns for ever is not waited for.
const STILL: &str = "Promise.race([
    Promise.all(document.getAnimations().map(one => one.finished)),
    new Promise(done => setTimeout(done, 1000)),
]).then(() => true)";

/// What breaks a rule on the page that is shown, in both themes.
async fn broken(page: &Page, name: &str) -> Vec<String> {
    let axe = std::fs::read_to_string(surroundings("FATHOM_TEST_AXE")).unwrap();
    page.page.evaluate(axe).await.unwrap();
    let mut all = Vec::new();
    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        assert_eq!(page.ask::<bool>(STILL).await, Some(true));
        let found: Option<Vec<String>> = page.ask(BROKEN).await;
        let found = found.unwrap_or_else(|| panic!("axe does not run on {name}"));
        all.extend(
            found
                .into_iter()
                .map(|one| format!("{name}, {scheme}: {one}")),
        );
    }
    all
}

/// The same for each address, as soon as it shows `selector`.
async fn broken_of(page: &Page, addresses: &[(String, String)]) -> Vec<String> {
    let mut all = Vec::new();
    for (address, selector) in addresses {
        page.page.goto(address).await.unwrap();
        page.until(selector, 60).await;
        all.extend(broken(page, address).await);
    }
    all
}

fn nothing(broken: &[String]) {
    assert!(broken.is_empty(), "axe-core found:\n{}", broken.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let run: fathom_shared::api::RunView = server.queue(&new_run(1)).await.json().await.unwrap();
    wait_for_rows(&server, run.id, 1).await;
    let open = format!("/runs/{}?cell=0&sample=0", run.id);
    let pages = [
        ("/", "[data-testid=chart-recorded-gap] svg"),
        (
            "/playground?task=vt&length=1024",
            "[data-testid=evidence][data-kind=hop]",
        ),
        (
            "/playground?task=vt&length=12",
            "[data-testid=length-fault]:not(:empty)",
        ),
        ("/builder?task=vt&length=1024", "[data-testid=evidence]"),
        ("/builder?task=custom&length=1024", "[data-testid=example]"),
        (
            "/builder?order=open",
            "dialog[open] [data-testid=run-model]",
        ),
        ("/longbench", "[data-testid=card]"),
        ("/runs", "[data-testid=runs]"),
        (
            open.as_str(),
            "[data-testid=opened] .viewer mark[data-kind=needle]",
        ),
        ("/advisor", "[data-testid=verdict]"),
        ("/nowhere", "[data-testid=not-found] a"),
    ];
    let addresses = pages.map(|(path, selector)| (server.path(path), selector.to_owned()));
    let page = Page::open_without_webgpu(folder.path(), "about:blank").await;
    let found = broken_of(&page, &addresses).await;
    page.close().await;
    nothing(&found);
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_any_view_of_the_results_or_in_their_report() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let addresses = VIEWS.map(|view| {
        (
            format!("{files}/results?view={view}"),
            format!("[data-testid=view-{view}][aria-current=page]"),
        )
    });
    let page = Page::open_without_webgpu(folder.path(), "about:blank").await;
    let mut found = broken_of(&page, &addresses).await;

    page.keep_saved().await;
    page.click("save-report").await;
    let whole = "(async () => (await window.saved)?.startsWith('<!doctype html>') === true)()";
    page.until_true(whole, "the report", 30).await;
    let report: String = page.ask("window.saved").await.unwrap();
    let file = folder.path().join("report.html");
    std::fs::write(&file, report).unwrap();
    page.page.goto(address_of(&file)).await.unwrap();
    found.extend(broken(&page, "the report").await);
    page.close().await;
    nothing(&found);
}

/// A file as a browser is told it.
fn address_of(file: &Path) -> String {
    format!("file://{}", file.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_before_the_program_runs() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files_without(".wasm").await;
    let page = Page::open_without_webgpu(folder.path(), &files).await;
    page.until("#shell-status[data-failed=true]", 30).await;
    let found = broken(&page, "the picture without its program").await;
    page.close().await;
    nothing(&found);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_a_title_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let files = static_files().await;
    let page = Page::open_without_webgpu(folder.path(), &files).await;
    page.until("[data-testid=finding]", 60).await;
    let says = |title: &str| format!("document.title === {title:?}");
    let home = says("Fathom: how deep can your model really read?");
    page.until_true(&home, "Home's title", 5).await;
    // By links, so that the title follows without a new document.
    for title in [
        "Playground",
        "Builder",
        "LongBench",
        "Runs",
        "Results",
        "Advisor",
    ] {
        let link = format!(
            "document.querySelector('.top nav a[href=\"/{}\"]').click(), true",
            title.to_lowercase()
        );
        assert_eq!(page.ask::<bool>(&link).await, Some(true));
        page.until_true(&says(&format!("{title} · Fathom")), title, 10)
            .await;
    }
    // And by an address.
    for (path, title) in [
        ("/runs/7", "Run 7 · Fathom"),
        ("/nowhere", "Page not found · Fathom"),
    ] {
        page.page.goto(format!("{files}{path}")).await.unwrap();
        page.until_true(&says(title), title, 60).await;
    }
    page.close().await;
}
