//! Custom tasks: the editor, and the same bytes in the page as on the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::driver::Page;
use super::static_host::static_files;
use crate::server::{Server, surroundings};

const FORM: &str = "?task=custom&length=4096&seed=42&sample=2&mode=completion&tokenizer=o200k_base";

async fn open(folder: &Path) -> Page {
    let url = format!("{}/builder{FORM}", static_files().await);
    let page = Page::open_without_webgpu(folder, &url).await;
    page.keep_saved().await;
    page.until("[data-testid=script]", 60).await;
    page
}

/// The bundled example tasks.
fn examples() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tasks");
    // A browser does not read files whose path contains `..`.
    let folder = folder.canonicalize().unwrap();
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// The third row that the command line makes of a task file.
fn third_row(file: &Path) -> String {
    let output = Command::new(surroundings("FATHOM_TEST_BIN"))
        .args(["generate", "--task-file"])
        .arg(file)
        .args(["--max-seq-length", "4096", "--num-samples", "3"])
        .args(["--random-seed", "42", "--tokenizer", "o200k_base"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let rows = String::from_utf8(output.stdout).unwrap();
    rows.lines().nth(2).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_file_has_the_command_lines_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path()).await;
    let examples = examples();
    assert!(examples.len() >= 5, "{examples:?}");
    for path in examples {
        let name = path.file_name().unwrap().to_string_lossy();
        page.pick_file("import", &path).await;
        page.until_text("carried", &format!("{name} was loaded into the form"), 10)
            .await;
        page.fill("sample", "2").await;
        page.until_text("command", "--num-samples 3", 10).await;
        page.until_text("build-state", "Built in", 60).await;
        // Until the last sample is built, the one before it is saved.
        let wanted = third_row(&path);
        let mut saved = page.save("save-row").await;
        for _ in 0..50 {
            if saved.trim_end() == wanted {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            saved = page.save("save-row").await;
        }
        assert_eq!(saved.trim_end(), wanted, "{name}");
        // A saved file is equivalent to the one that was opened.
        let kept = folder.path().join(&*name);
        fs::write(&kept, page.save("save-task").await).unwrap();
        assert_eq!(saved.trim_end(), third_row(&kept), "{name}");
    }
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_editor_marks_the_line_and_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path()).await;
    page.choose("example", "0").await;
    page.until_text("build-state", "Built in", 60).await;
    let good: String = page
        .ask("document.querySelector('[data-testid=script]').value")
        .await
        .unwrap();

    // Printed text is shown in the console, with its line.
    let begin = "fn generate(ctx) {";
    assert!(good.contains(begin));
    let prints = good.replace(begin, &format!("{begin} print(`so far`);"));
    page.fill("script", &prints).await;
    page.until_text("console", "so far", 60).await;
    let coloured = "document.querySelectorAll('.paint [data-syntax]').length";
    assert!(page.ask::<u32>(coloured).await.unwrap() > 10);

    // A faulty line is marked and named; the last good sample stays.
    let lines = good.lines().count();
    page.fill("script", &format!("{}\nlet x = ;\n", good.trim_end()))
        .await;
    page.until("[data-testid=script][aria-invalid=true]", 60)
        .await;
    let says = format!("Line {}, character 9: Unexpected ';'", lines + 1);
    page.until_text("script-fault", &says, 10).await;
    assert_eq!(page.text("console").await, "");
    let marked = "[...document.querySelectorAll('.paint .code-line')]
        .findIndex(line => line.dataset.wrong === 'true')";
    assert_eq!(page.ask::<usize>(marked).await, Some(lines));
    page.until_text("build-state", "This is the last valid sample", 10)
        .await;
    page.picture("builder-script-fault.png").await;

    // An endless script is stopped.
    page.fill(
        "script",
        &good.replace(begin, &format!("{begin} loop {{ }}")),
    )
    .await;
    page.until_text("script-fault", "operations", 60).await;
    page.fill("script", &good).await;
    page.until("[data-testid=script][aria-invalid=false]", 60)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_with_an_error_cannot_be_run() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let url = server.path(&format!("/builder{FORM}"));
    let page = Page::open_without_webgpu(folder.path(), &url).await;
    page.until("[data-testid=script]", 60).await;
    page.choose("example", "0").await;
    page.until_text("build-state", "Built in", 60).await;
    let good: String = page
        .ask("document.querySelector('[data-testid=script]').value")
        .await
        .unwrap();
    page.fill("script", &format!("{}\nlet x = ;\n", good.trim_end()))
        .await;
    page.until("[data-testid=script][aria-invalid=true]", 60)
        .await;
    page.click("run-dialog").await;
    page.until_text("tasks-fault", "Your script: ", 30).await;
    page.until("[data-testid=start-run]:disabled", 5).await;
    page.close().await;
}

/// What stands in the editor.
const SCRIPT: &str = "document.querySelector('[data-testid=script]').value";

/// A script of one's own.
const MINE: &str = r#"fn about() { #{ title: "My own task" } }
fn generate(ctx) {
    #{ context: ctx.noise(ctx.size), question: "What?", references: ["r"] }
}
"#;

/// Whether the editor has this text.
fn stands(text: &str) -> String {
    format!("{SCRIPT} === {text:?}")
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_completed_by_keys_and_put_in_by_the_mouse() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path()).await;
    page.fill("script", "fn generate(ctx) {\n    let x = ")
        .await;
    page.press_mouse("[data-testid=script]").await;
    let end = "(area => { area.setSelectionRange(area.value.length, area.value.length); return true; })(document.querySelector('[data-testid=script]'))";
    assert_eq!(page.ask::<bool>(end).await, Some(true));
    page.type_keys("ctx.ran").await;
    page.until_text("completion", "ctx.random_int(low, high)", 10)
        .await;
    page.press("ArrowDown").await;
    page.press("ArrowDown").await;
    page.until_true(
        "document.querySelector('[role=option][aria-selected=true]').textContent.startsWith('ctx.random_int')",
        "the second name chosen",
        5,
    )
    .await;
    page.press("Enter").await;
    let ends = |text: &str| format!("{SCRIPT}.endsWith({text:?})");
    page.until_true(&ends("let x = ctx.random_int("), "the name", 5)
        .await;
    let closed = "document.querySelector('[data-testid=completion]') === null";
    page.until_true(closed, "a closed list", 5).await;

    // Escape closes the list, and Tab then leaves the editor.
    page.type_keys("ctx.bud").await;
    page.until("[data-testid=completion]", 5).await;
    page.press("Escape").await;
    page.until_true(closed, "a closed list", 5).await;
    page.press("Tab").await;
    let left = "document.activeElement.dataset.testid !== 'script'";
    page.until_true(left, "the focus elsewhere", 5).await;

    // A name beside the editor goes to where the caret was.
    page.fill("script", "").await;
    page.press_mouse("[data-testid=script-name]").await;
    page.until_true(&stands("ctx.size"), "the first name", 5)
        .await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_outlives_examples_other_tasks_and_other_pages() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path()).await;
    page.fill("script", MINE).await;
    page.until_text("build-state", "Built in", 60).await;

    // An example is taken back.
    page.choose("example", "0").await;
    page.until_true(&format!("!({})", stands(MINE)), "the example", 10)
        .await;
    page.click("undo-script").await;
    page.until_true(&stands(MINE), "my script", 10).await;

    // Another task, and back; an example, and the draft.
    page.choose("task", "vt").await;
    page.until_true(
        "document.querySelector('[data-testid=script]') === null",
        "no editor",
        10,
    )
    .await;
    page.choose("task", "custom").await;
    page.until("[data-testid=script]", 10).await;
    page.until_true(&stands(MINE), "my script", 10).await;
    page.choose("example", "1").await;
    page.until_text("example", "My own task", 10).await;
    page.choose("example", "draft-0").await;
    page.until_true(&stands(MINE), "my draft", 10).await;

    // Another page, and back by the menu.
    page.press_mouse("nav a[href=\"/runs\"]").await;
    page.until("#runs-title", 20).await;
    page.press_mouse("nav a[href=\"/builder\"]").await;
    page.until("[data-testid=script]", 20).await;
    page.until_true(&stands(MINE), "my script", 10).await;
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_tried_on_the_server_from_where_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), true);
    let url = server.path("/builder?task=vt&length=1024&seed=42&sample=0");
    let page = Page::open_without_webgpu(folder.path(), &url).await;
    page.until_text("build-state", "Built in", 60).await;
    // Why nothing runs here is said before the click.
    page.until("[data-testid=trial-here]:disabled", 30).await;
    page.until_text("model-state", "No model is loaded", 10)
        .await;
    page.press_mouse("[data-testid=trial-server]").await;
    page.until_text("trial-state", "5 of 5 answered", 240).await;
    // A chain of four hops is beyond this model: what it missed stands there with its answer.
    page.until("[data-testid=failing-row]", 10).await;
    page.until_true(
        "[...document.querySelectorAll('[data-testid=failing-row] td')]
            .every(cell => cell.textContent !== '' && cell.textContent !== 'Loading…')",
        "what was expected and answered",
        30,
    )
    .await;
    assert_eq!(server.rows(1).await.len(), 5);
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}
