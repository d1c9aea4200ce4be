//! What happens to output that nobody reads, and what `-o -` means.

use std::fs;
use std::process::{Command, Output};

use crate::server::surroundings;

/// Runs `line` in `sh`; `$F` is the program.
fn shell(line: &str) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command.env("F", surroundings("FATHOM_TEST_BIN"));
    command.output().unwrap()
}

#[track_caller]
fn refused(got: &Output, why: &str) {
    let told = String::from_utf8_lossy(&got.stderr);
    assert!(!got.status.success(), "{told}");
    assert!(got.stdout.is_empty());
    assert!(told.contains(why), "{told}");
}

const GENERATE: &str =
    "generate --task vt --max-seq-length 900 --num-samples 1 --tokenizer cl100k_base";

#[test]
fn what_cannot_be_written_is_an_error_that_names_the_output() {
    for command in [
        GENERATE,
        "model list --models /tmp",
        "data list",
        "--help",
        "run --help",
    ] {
        if cfg!(target_os = "linux") {
            let got = shell(&format!("\"$F\" {command} >/dev/full"));
            refused(&got, "the standard output: No space left");
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for command in [GENERATE, "data list", "--help"] {
        // The reader is gone before the first byte.
        let got = shell(&format!(
            "{{ {{ sleep 1; \"$F\" {command} 2>&1; echo $? >&3; }} | true; }} 3>&1"
        ));
        assert_eq!(String::from_utf8_lossy(&got.stdout), "0\n", "{command}");
    }
    // A device that accepts everything is not an error.
    assert!(
        shell(&format!("\"$F\" {GENERATE} >/dev/null"))
            .status
            .success()
    );
}

#[test]
fn one_file_may_be_the_standard_output_and_a_folder_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    let plain = shell(&format!("cd {here} && \"$F\" {GENERATE}"));
    let named = shell(&format!("cd {here} && \"$F\" {GENERATE} -o -"));
    assert!(plain.status.success() && !plain.stdout.is_empty());
    assert_eq!(plain.stdout, named.stdout);
    let row = r#"{"_id": "a", "domain": "Code", "difficulty": "hard", "length": "short", "answer": "A", "pred": "A", "judge": true, "response": "(A)"}"#;
    fs::write(folder.path().join("m.jsonl"), format!("{row}\n")).unwrap();
    let score = "score --format longbench m.jsonl -o";
    let file = shell(&format!(
        "cd {here} && \"$F\" {score} table && cat table >&2"
    ));
    let piped = shell(&format!("cd {here} && \"$F\" {score} -"));
    assert!(file.status.success() && piped.status.success());
    assert_eq!(fs::read(folder.path().join("table")).unwrap(), piped.stdout);
    let report = shell(&format!("cd {here} && \"$F\" report m.jsonl -o -"));
    assert!(report.stdout.starts_with(b"<!doctype html>"), "{report:?}");
    for command in [
        "run --lengths 400 --model m -o -",
        "runs export 1 -o -",
        "score m.jsonl --to lm-eval -o -",
        "generate --task vt --task fwe --max-seq-length 900 --tokenizer cl100k_base -o -",
    ] {
        refused(&shell(&format!("cd {here} && \"$F\" {command}")), "folder");
    }
    assert!(!folder.path().join("-").exists());
}
