//! Runs `fathom generate`: the original's rows, several files at once, custom tasks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

use crate::golden;
use crate::server::surroundings;

fn generate(arguments: &[&str], files: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(surroundings("FATHOM_TEST_BIN"));
    command.arg("generate").args(arguments);
    for (flag, path) in files {
        command.arg(flag).arg(path);
    }
    command.output().unwrap()
}

fn rows(bytes: &[u8]) -> Vec<Json> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn sentence(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "a refusal writes nothing");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_command_line_writes_the_originals_rows() {
    let folder = tempfile::tempdir().unwrap();
    let squad = folder.path().join("squad.json");
    fs::write(&squad, golden::bytes("ruler/inputs/squad.json.gz")).unwrap();
    let common = ["--max-seq-length", "4096", "--tokenizer", "cl100k_base"];
    for (file, more) in [
        (
            "niah_multikey_1-4096-cl100k",
            &["--task", "niah_multikey_1", "--num-samples", "3"][..],
        ),
        (
            "cwe-10-2-5",
            &[
                "--task",
                "cwe",
                "--num-samples",
                "2",
                "--set",
                "freq_cw=10",
                "--set",
                "freq_ucw=2",
                "--set",
                "num_cw=5",
            ],
        ),
        (
            "vt-template17",
            &[
                "--task",
                "vt",
                "--num-samples",
                "2",
                "--set",
                "model_template_token=17",
            ],
        ),
        (
            "qa_1-pre3",
            &[
                "--task",
                "qa_1",
                "--num-samples",
                "2",
                "--set",
                "pre_samples=3",
            ],
        ),
    ] {
        let output = generate(&[&common[..], more].concat(), &[("--squad-file", &squad)]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let want = golden::bytes(&format!("ruler/cases/{file}.jsonl.gz"));
        assert_eq!(rows(&output.stdout), rows(&want), "{file}");
    }
}

#[test]
fn several_tasks_and_lengths_are_laid_out_as_ruler_does() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("made");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/tasks/two_document_reconciliation.rhai");
    let arguments = [
        "--task",
        "fwe",
        "--task",
        "niah_single_1",
        "--max-seq-length",
        "1024",
        "--max-seq-length",
        "2048",
        "--num-samples",
        "2",
        "--tokenizer",
        "o200k_base",
    ];
    let output = generate(&arguments, &[("--task-file", &script), ("-o", &out)]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for length in [1024, 2048] {
        for task in ["fwe", "niah_single_1", "two_document_reconciliation"] {
            let file = out.join(format!("{length}/data/{task}/validation.jsonl"));
            let rows = rows(&fs::read(&file).unwrap());
            assert_eq!(rows.len(), 2, "{}", file.display());
            for row in rows {
                assert!(row["length"].as_u64().unwrap() <= length);
                assert!(!row["outputs"].as_array().unwrap().is_empty());
            }
        }
    }
}

#[test]
fn refusals_name_the_thing() {
    let base = ["--tokenizer", "cl100k_base", "--max-seq-length"];
    let with = |more: &[&str]| sentence(&generate(&[&base[..], more].concat(), &[]));
    let short = with(&["1024", "--task", "qa_1"]);
    assert!(
        short.contains("`qa_1` does not fit in 1024 tokens") && !short.contains("output"),
        "{short}"
    );
    let option = with(&["4096", "--task", "vt", "--set", "num_hops=101"]);
    assert!(
        option.contains("option `num_hops` is `101`, expected 1 to 100"),
        "{option}"
    );
    let several = with(&["4096", "--task", "vt", "--task", "cwe"]);
    assert!(several.contains("-o"), "{several}");
    let file = with(&["4096", "--task", "qa_1", "--squad-file", "/nowhere.json"]);
    assert!(file.contains("/nowhere.json"), "{file}");
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("wrong.rhai");
    fs::write(&script, "fn about() {\n  #{ title: }\n}\n").unwrap();
    let output = generate(
        &[&base[..], &["1024"]].concat(),
        &[("--task-file", &script)],
    );
    let said = sentence(&output);
    assert!(
        said.contains("wrong.rhai") && said.contains("line 2"),
        "{said}"
    );
}
