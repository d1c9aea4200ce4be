//! Files of questions: errors in a file are reported, and valid questions are asked.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use fathom_shared::longbench::{ChoiceLetter, LongBenchQuestion, samples};
use serde_json::Value as Json;

use crate::controlled_endpoint::{TOLD, told};
use crate::server::{MODEL, surroundings};

/// Three questions, whose answers the endpoint waits for.
fn questions() -> Vec<LongBenchQuestion> {
    let named = ["first", "second", "third"];
    let all = named
        .iter()
        .zip(ChoiceLetter::ALL)
        .map(|(id, answer)| LongBenchQuestion {
            id: (*id).to_owned(),
            context: format!(
                "{id}: what is hidden within the following text is \u{1f512}, \"{id}\"."
            ),
            evidence: Vec::new(),
            answer,
            ..samples::question(2).unwrap()
        });
    all.collect()
}

fn lines(questions: &[LongBenchQuestion]) -> Vec<String> {
    let lines = questions.iter();
    lines
        .map(|question| serde_json::to_string(&question.row()).unwrap())
        .collect()
}

fn fathom(arguments: &[&str]) -> Command {
    let mut command = Command::new(surroundings("FATHOM_TEST_BIN"));
    command.args(arguments);
    command
}

fn said(output: &Output) -> String {
    let both = [&output.stderr[..], &output.stdout];
    String::from_utf8(both.concat()).unwrap()
}

/// Both commands report `what`, fail, and store nothing.
#[track_caller]
fn refused(file: &Path, what: &[&str]) {
    let check = fathom(&["data", "check"]).arg(file).output().unwrap();
    let home = tempfile::tempdir().unwrap();
    let (data, database) = (home.path().join("data"), home.path().join("fathom.db"));
    let mut run = fathom(&["run", "--suite", "longbench-v2", "--model", MODEL]);
    run.arg("--questions").arg(file);
    run.arg("--data")
        .arg(&data)
        .arg("--database")
        .arg(&database);
    let run = run.arg("--models").arg(home.path()).output().unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    for output in [check, run] {
        let text = said(&output);
        assert!(!output.status.success(), "{text}");
        assert!(text.contains(&file.display().to_string()), "{text}");
        for what in what {
            assert!(
                text.contains(&format!("\n{name}: {what}")),
                "{what}: {text}"
            );
        }
    }
    let kept = fs::read_dir(home.path()).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

#[test]
fn a_file_with_faults_is_refused_by_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let good = lines(&questions());
    let with = |at: usize, from: &str, to: &str| {
        let mut lines = good.clone();
        assert!(lines[at].contains(from), "{from}");
        lines[at] = lines[at].replacen(from, to, 1);
        lines.join("\n").into_bytes()
    };
    let difficulty = format!("\"difficulty\":\"{}\"", questions()[1].difficulty);
    refused(
        &write(
            "word.jsonl",
            &with(1, &difficulty, "\"difficulty\":\"heavy\""),
        ),
        &["line 2: field `difficulty`: got \"heavy\", expected easy or hard"],
    );
    refused(
        &write("none.jsonl", &with(2, "\"answer\":\"C\",", "")),
        &["line 3: field `answer`: got nothing, expected A, B, C or D"],
    );
    refused(
        &write("twice.jsonl", &with(2, "\"third\"", "\"first\"")),
        &["line 3: field `_id`: got \"first\", which line 1 has already"],
    );
    // All errors of all lines are reported.
    let mut both = good.clone();
    both[0] = both[0].replace("\"choice_A\"", "\"choice_E\"");
    both[2] = "7".to_owned();
    refused(
        &write("both.jsonl", both.join("\n").as_bytes()),
        &[
            "line 1: field `choice_A`: got nothing, expected a text",
            "line 3: field `row`: got 7, expected an object",
        ],
    );
    let mut bytes = good.join("\n").into_bytes();
    let lock = bytes.iter().position(|byte| *byte == 0xf0).unwrap();
    bytes[lock + 1] = b'x';
    refused(
        &write("bytes.jsonl", &bytes),
        &[&format!(
            "line 1: the row is not JSON: bad UTF-8 after {lock} bytes"
        )],
    );
    let whole = format!("[\n{}\n]", good.join(",\n"));
    let half = &whole.as_bytes()[..whole.len() - 300];
    refused(
        &write("half.json", half),
        &["line 4: got the end of the file, expected `]`"],
    );
    let cut = good.join("\n");
    refused(
        &write("half.jsonl", &cut.as_bytes()[..cut.len() - 40]),
        &["line 3: the row is not JSON: EOF while parsing"],
    );
    refused(
        &write("empty.json", b""),
        &["line 1: got an empty file, expected an array of objects"],
    );
    refused(&write("page.json", b"<html>"), &["line 1: got `<`"]);
}

#[test]
fn a_line_of_200_megabytes_is_refused_for_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.jsonl");
    let [first, ..] = &lines(&questions())[..] else {
        unreachable!("there are three")
    };
    let mut out = BufWriter::new(fs::File::create(&path).unwrap());
    writeln!(out, "{first}").unwrap();
    out.write_all(b"{\"_id\": \"long\", \"context\": \"")
        .unwrap();
    let text = b"word ".repeat(200_000);
    (0..200).for_each(|_| out.write_all(&text).unwrap());
    out.write_all(b"\"}\n").unwrap();
    out.flush().unwrap();
    let long = fs::metadata(&path).unwrap().len() - first.len() as u64 - 2;
    let fault = format!("line 2: the row has {long} bytes, expected at most 67108864");
    refused(&path, &[&fault]);
}

#[test]
fn what_a_file_holds_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.jsonl");
    fs::write(&path, lines(&questions()).join("\n")).unwrap();
    let output = fathom(&["data", "check"]).arg(&path).output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    let (domain, difficulty) = {
        let question = samples::question(2).unwrap();
        (question.domain, question.difficulty)
    };
    for part in [
        ": 3 questions, ",
        &format!("domain      {domain} 3"),
        &format!("difficulty  {difficulty} 3"),
        "words       min 11, median 11, max 11",
        "evidence    known for 0 of 3, 0 pieces",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A run over `mine.jsonl` in `home` with the endpoint.
fn run(home: &Path, config: &Path) -> Command {
    let mut command = fathom(&["run", "--suite", "longbench-v2", "--lengths", "2048"]);
    command.args(["--mode", "completion", "--lease", "1"]);
    command.args(["--model", TOLD, "--engine"]);
    command.arg(format!("openai:{TOLD}"));
    command.arg("-o").arg(home.join("out"));
    asking(command, home, config)
}

fn asking(mut command: Command, home: &Path, config: &Path) -> Command {
    command.arg("--config").arg(config);
    command.arg("--models").arg(surroundings("FATHOM_MODELS"));
    command.arg("--database").arg(home.join("fathom.db"));
    command.arg("--data").arg(home.join("data"));
    command.arg("--questions").arg(home.join("mine.jsonl"));
    command
}

/// The output of `fathom runs list`.
fn listed(home: &Path) -> String {
    let mut command = fathom(&["runs", "list", "--database"]);
    said(&command.arg(home.join("fathom.db")).output().unwrap())
}

async fn until(home: &Path, part: &str) {
    for _ in 0..600 {
        if listed(home).contains(part) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("`{part}` did not come: {}", listed(home));
}

/// Kills the process, as a power cut would.
fn cut_off(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_ones_own_questions_is_cut_off_resumed_and_exported() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let mine = home.join("mine.jsonl");
    fs::write(&mine, lines(&questions()).join("\n")).unwrap();
    let (endpoint, config) = told(home).await;
    let begun = run(home, &config)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    endpoint.answer("The correct answer is (A)");
    until(home, "1/3 answered").await;
    cut_off(begun);
    // One more than there are questions: the killed process may have taken one.
    (0..3).for_each(|_| endpoint.answer("**The correct answer is D**"));
    let mut again = run(home, &config);
    let ended = tokio::task::spawn_blocking(move || again.output().unwrap());
    let ended = ended.await.unwrap();
    assert!(ended.status.success(), "{}", said(&ended));
    let list = listed(home);
    assert!(list.contains("3/3 answered, 0 failed"), "{list}");
    assert_eq!(
        list.lines().count(),
        1,
        "it went on with the same run: {list}"
    );

    let file = home.join(format!("out/{TOLD}.jsonl"));
    let text = fs::read_to_string(&file).unwrap();
    let rows: Vec<Json> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |field: &str| -> Vec<Json> { rows.iter().map(|row| row[field].clone()).collect() };
    assert_eq!(of("_id"), ["first", "second", "third"]);
    assert_eq!(of("judge"), [true, false, false]);
    assert_eq!(of("pred"), ["A", "D", "D"]);

    // An export has the same lines, and none from other questions.
    let export = |to: &str| {
        let command = fathom(&["runs", "export", "1", "--to", "longbench"]);
        let mut command = asking(command, home, &config);
        command.arg("-o").arg(home.join(to)).output().unwrap()
    };
    let exported = export("again");
    assert!(exported.status.success(), "{}", said(&exported));
    let copy = home.join(format!("again/{TOLD}.jsonl"));
    assert_eq!(fs::read_to_string(copy).unwrap(), text);
    fs::write(&mine, lines(&questions()[..2]).join("\n")).unwrap();
    let other = export("other");
    assert!(!other.status.success());
    assert!(
        said(&other).contains("the run needs texts with SHA-256"),
        "{}",
        said(&other)
    );
    assert!(!home.join("other").exists());
}
