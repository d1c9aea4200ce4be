//! Tasks of one's own: the editor, and the same bytes in the page as on the command line.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::driver::Page;
use super::static_host::static_files;
use crate::server::surroundings;

const FORM: &str = "?task=custom&length=4096&seed=42&sample=2&mode=completion&tokenizer=o200k_base";

async fn open(folder: &std::path::Path) -> Page {
    let url = format!("{}/builder{FORM}", static_files().await);
    let page = Page::open_without_webgpu(folder, &url).await;
    page.keep_saved().await;
    page.until("[data-testid=script]", 60).await;
    page
}

/// The tasks that ship.
fn examples() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tasks");
    // A browser reads no file whose path goes upwards.
    let folder = folder.canonicalize().unwrap();
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
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
        page.until_text("build-state", "Made in", 60).await;
        let saved = page.save("save-row").await;
        // What the page hands out is as good as what it was given.
        let kept = folder.path().join(&*name);
        fs::write(&kept, page.save("save-task").await).unwrap();
        for file in [&path, &kept] {
            let output = Command::new(surroundings("FATHOM_TEST_BIN"))
                .args(["generate", "--task-file"])
                .arg(file)
                .args(["--max-seq-length", "4096", "--num-samples", "3"])
                .args(["--random-seed", "42", "--tokenizer", "o200k_base"])
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            let rows = String::from_utf8(output.stdout).unwrap();
            assert_eq!(Some(saved.trim_end()), rows.lines().nth(2), "{name}");
        }
    }
    assert_eq!(page.faults().await, [""; 0]);
    page.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_editor_marks_the_line_and_prints() {
    let folder = tempfile::tempdir().unwrap();
    let page = open(folder.path()).await;
    page.choose("example", "0").await;
    page.until_text("build-state", "Made in", 60).await;
    let good: String = page
        .ask("document.querySelector('[data-testid=script]').value")
        .await
        .unwrap();

    // What it prints stands in the console, with its line.
    let begin = "fn generate(ctx) {";
    assert!(good.contains(begin));
    let prints = good.replace(begin, &format!("{begin} print(`so far`);"));
    page.fill("script", &prints).await;
    page.until_text("console", "so far", 60).await;
    let coloured = "document.querySelectorAll('.paint [data-syntax]').length";
    assert!(page.ask::<u32>(coloured).await.unwrap() > 10);

    // A broken line is marked and named; the last good sample stays.
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

    // A script without an end is ended.
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
