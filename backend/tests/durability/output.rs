//! What the command prints: quiet where nobody reads it, and nothing that a terminal obeys.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use fathom_backend::store::{DatabaseUrl, Store};
use fathom_shared::transcript::EngineInfo;

use crate::testing::{TestGgufValue, tiny, without_template};
use crate::worker::new_run;

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

#[test]
fn a_model_without_a_chat_template_is_not_asked_in_chat_mode() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plain.gguf"), without_template().bytes()).unwrap();
    let line = "run --tasks niah_single_1 --lengths 1500 --num-samples 2 --model plain --mode";
    let run = |mode: &str| {
        let arguments: Vec<&str> = line.split(' ').chain([mode]).collect();
        let mut command = fathom(&arguments, folder.path());
        command
            .arg("--database")
            .arg(folder.path().join("fathom.db"));
        command.output().unwrap()
    };
    let Output { status, stderr, .. } = run("chat");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success(), "{said}");
    for part in ["the model `plain` has no chat template", "completion mode"] {
        assert!(said.contains(part), "{said}");
    }
    let Output { status, stderr, .. } = run("completion");
    let said = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{said}");
}

#[test]
fn a_folder_in_parts_is_inspected_by_its_path() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope/qwen2");
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("mine");
    fs::create_dir(&model).unwrap();
    let config = fs::read_to_string(golden.join("config.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
    config["rope_scaling"] = serde_json::json!({ "rope_type": "yarn", "factor": 4.0,
        "original_max_position_embeddings": 64 });
    fs::write(model.join("config.json"), config.to_string()).unwrap();
    let whole = fs::read(golden.join("model.safetensors")).unwrap();
    fs::write(model.join("model-1.safetensors"), whole).unwrap();
    let map = serde_json::json!({ "weight_map": { "model.norm.weight": "model-1.safetensors" } });
    fs::write(model.join("model.safetensors.index.json"), map.to_string()).unwrap();
    let inspect = |path: &str| {
        let mut command = fathom(&["model", "inspect", path], folder.path());
        let Output { stdout, stderr, .. } = command.current_dir(folder.path()).output().unwrap();
        String::from_utf8([stdout, stderr].concat()).unwrap()
    };
    for path in ["mine", "./mine", model.to_str().unwrap()] {
        let told = inspect(path);
        for line in [
            "name          mine",
            "window        256 tokens, stretched from 64",
            "rope scaling  yarn, factor 4, from a window of 64 tokens",
        ] {
            assert!(told.lines().any(|one| one == line), "{line}: {told}");
        }
    }
    fs::create_dir(folder.path().join("empty")).unwrap();
    let told = inspect("./empty");
    assert!(told.contains("config.json"), "{told}");
}

/// A pipe is waited for, and a device fills the memory.
#[test]
#[cfg(unix)]
fn what_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    for name in ["p.toml", "p.json", "p.gguf"] {
        let made = Command::new("mkfifo").arg(at(name)).status();
        assert!(made.unwrap().success());
    }
    for name in ["z.toml", "z.json", "z.gguf"] {
        std::os::unix::fs::symlink("/dev/zero", at(name)).unwrap();
    }
    let short = "--max-seq-length 500 --num-samples 1";
    let task = format!("generate --task niah_single_1 {short} --tokenizer");
    for (line, file) in [
        ("endpoint list --config".to_owned(), "p.toml"),
        ("endpoint list --config".to_owned(), "z.toml"),
        (
            "gate --baseline 1 --candidate 2 --policy".to_owned(),
            "z.toml",
        ),
        (
            format!("generate {short} --tokenizer cl100k_base --task-file"),
            "z.toml",
        ),
        (task.clone(), "p.json"),
        (task.clone(), "z.json"),
        (task.clone(), "p.gguf"),
        (task, "/dev/zero"),
        ("model inspect".to_owned(), "p.gguf"),
        ("model inspect".to_owned(), "p.json"),
        ("model inspect".to_owned(), "z.gguf"),
        ("model inspect".to_owned(), "/dev/zero"),
        ("advise --evidence".to_owned(), "z.json"),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fathom"))
            .args(line.split(' '))
            .arg(at(file))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if began.elapsed() > Duration::from_secs(30) {
                child.kill().unwrap();
                panic!("{line} {file} is waited for");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert!(!status.success(), "{line} {file}: {said}");
        assert!(said.contains("expected a file"), "{line} {file}: {said}");
        assert!(said.contains(file), "{line}: {said}");
    }
}

/// Whoever started them may be gone before their first line: they serve others.
#[tokio::test(flavor = "multi_thread")]
async fn servers_and_workers_that_nobody_reads_go_on() {
    let serve = &["serve", "--addr", "127.0.0.1:0"];
    for arguments in [&["worker"], &serve[..]] {
        let folder = tempfile::tempdir().unwrap();
        crate::testing::write_model(folder.path(), "tiny");
        let database = folder.path().join("fathom.db");
        let store = Store::open(&DatabaseUrl::Sqlite(database.clone())).await;
        let store = store.unwrap();
        let mut new = new_run(1);
        new.run_spec.grid.lengths.truncate(1);
        new.run_spec.grid.count = 2;
        let engine = EngineInfo::default();
        let id = store.add_run(&new.run_spec, 0, &engine).await.unwrap();
        let mut command = fathom(arguments, folder.path());
        // All that they could say is said.
        command.env("FATHOM_LOG", "trace");
        let mut child = command.arg("--database").arg(&database).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let began = Instant::now();
        while store.run(id).await.unwrap().counts.open() > 0 {
            let ended = child.try_wait().unwrap();
            assert_eq!(ended, None, "{arguments:?}");
            assert!(began.elapsed() < Duration::from_secs(120), "{arguments:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(store.run(id).await.unwrap().counts.answered, 2);
        assert_eq!(child.try_wait().unwrap(), None, "{arguments:?}");
        child.kill().unwrap();
        child.wait().unwrap();
    }
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
