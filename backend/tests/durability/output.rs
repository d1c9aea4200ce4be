//! What the command prints: quiet where nobody reads it, and nothing that a terminal obeys.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::testing::{TestGgufValue, tiny};

fn fathom(arguments: &[&str], models: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
    command
        .args(arguments)
        .arg("--models")
        .arg(models)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn output_that_nobody_reads_ends_the_command_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let generate = "generate --task niah_single_1 --max-seq-length 500 --num-samples 3 --tokenizer cl100k_base";
    for line in ["model list", generate] {
        let arguments: Vec<&str> = line.split(' ').collect();
        let mut child = fathom(&arguments, folder.path()).spawn().unwrap();
        // As `head` does when it has seen enough.
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(status.success(), "{line}: {status}: {said}");
        assert!(!said.contains("pipe") && !said.contains("panic"), "{said}");
    }
}

#[test]
fn a_run_that_nobody_reads_goes_on_and_writes_its_answers() {
    let folder = tempfile::tempdir().unwrap();
    crate::testing::write_model(folder.path(), "tiny");
    let line =
        "run --tasks niah_single_1 --lengths 1500 --num-samples 4 --model tiny --mode completion";
    let mut command = fathom(&line.split(' ').collect::<Vec<_>>(), folder.path());
    let database = folder.path().join("fathom.db");
    command.arg("--database").arg(&database);
    let out = folder.path().join("out");
    let mut child = command.arg("-o").arg(&out).spawn().unwrap();
    // As `head` does when it has seen enough.
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{status}: {said}");
    let mut files = fs::read_dir(&out).expect("its output is written");
    assert!(files.next().is_some());
    let shown = Command::new(env!("CARGO_BIN_EXE_fathom"))
        .args(["runs", "show", "1", "--database"])
        .arg(&database)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&shown.stdout);
    assert!(told.contains("asked 4, answered 4, failed 0"), "{told}");
}

/// `fathom generate` into a file where there is no room, by the shell commands that make it so. The
/// old file is whole, nothing lies beside it, and the error names it and the cause.
#[cfg(target_os = "linux")]
fn no_room(within: &[&str], make: &str, cause: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "{make}
        echo old > \"$1/a.jsonl\"
        \"$0\" generate --task niah_single_1 --max-seq-length 4000 --num-samples 40 \\
            --tokenizer cl100k_base -o \"$1/a.jsonl\"
        echo \"ended $?\"
        cat \"$1/a.jsonl\"
        ls -A \"$1\""
    );
    let output = Command::new(within[0])
        .args(&within[1..])
        .args(["sh", "-c", &script])
        .arg(env!("CARGO_BIN_EXE_fathom"))
        .arg(folder.path())
        .output()
        .unwrap();
    let (told, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if told.is_empty() || told.contains("no disk") {
        println!("a full disk was not tried: {said}");
        return;
    }
    assert_eq!(told, "ended 1\nold\na.jsonl\n", "{said}");
    assert!(said.contains("a.jsonl") && said.contains(cause), "{said}");
}

/// A disk of its own, which only root may mount; this process does not see it.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_leaves_the_old_file() {
    let small = "mount -t tmpfs -o size=64k none \"$1\" || { echo no disk; exit; }";
    no_room(&["unshare", "--mount"], small, "No space left on device");
}

/// The kernel's limit on the size of files does the same to everyone.
#[test]
#[cfg(target_os = "linux")]
fn a_file_that_may_not_grow_leaves_the_old_one() {
    no_room(&["env"], "trap '' XFSZ; ulimit -f 64", "File too large");
}

#[test]
fn a_models_words_reach_no_terminal_as_commands() {
    const EVIL: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31mname\u{202e}";
    let folder = tempfile::tempdir().unwrap();
    let mut model = tiny();
    for (key, value) in &mut model.metadata {
        if key == "general.name" {
            *value = TestGgufValue::Text(EVIL.to_owned());
        }
    }
    fs::write(folder.path().join("named.gguf"), model.bytes()).unwrap();
    for (key, value) in &mut model.metadata {
        if key == "general.architecture" {
            *value = TestGgufValue::Text(EVIL.to_owned());
        }
    }
    fs::write(folder.path().join("family.gguf"), model.bytes()).unwrap();
    let lists = ["model", "list"];
    let inspects = |id| ["model", "inspect", id];
    for arguments in [&lists[..], &inspects("named"), &inspects("family")] {
        let Output { stdout, stderr, .. } = fathom(arguments, folder.path()).output().unwrap();
        let said = String::from_utf8([stdout, stderr].concat()).unwrap();
        let commands = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.contains(commands), "{said:?}");
        assert!(said.contains("name"), "{said:?}");
    }
}
