mod chunks; // whole files beside their chunks, and paths that are no files
mod other_programs; // scores stated in other programs' files

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use super::*;
pub(crate) use other_programs::scored;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    score: ScoreArgs,
}

fn golden(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/formats");
    root.join(name)
}

fn score(arguments: &[&str]) -> anyhow::Result<()> {
    let line = std::iter::once(&"score").chain(arguments);
    Line::try_parse_from(line).unwrap().score.run()
}

#[track_caller]
fn fails(arguments: &[&str]) -> String {
    format!("{:#}", score(arguments).unwrap_err())
}

/// The text of every file below a folder, by its path.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let below = path.strip_prefix(folder).unwrap();
                found.push(below.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

const ROW: &str = r#"{"index": 1, "pred": "x", "input": "q", "outputs": ["x"], "others": {}}"#;

/// A folder `m/synthetic/4096/pred` with one file.
fn pred(name: &str, text: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("m/synthetic/4096/pred");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
    root
}

#[test]
fn tables_are_the_originals_byte_for_byte() {
    let out = tempfile::tempdir().unwrap();
    let (given, to) = (golden("ruler"), out.path().to_str().unwrap());
    score(&[given.to_str().unwrap(), "-o", to]).unwrap();
    let expected = [
        "4096/pred/submission.csv",
        "4096/pred/summary.csv",
        "8192/pred/submission.csv",
        "8192/pred/summary-cwe.csv",
    ];
    assert_eq!(files(out.path()), expected);
    for name in expected {
        let original = given.join("model-a/synthetic").join(name);
        assert_eq!(
            fs::read_to_string(out.path().join(name)).unwrap(),
            fs::read_to_string(original).unwrap(),
            "{name}"
        );
    }
    // A single folder needs no intermediate folders.
    let one = tempfile::tempdir().unwrap();
    let given = given.join("model-a/synthetic/4096");
    score(&[given.to_str().unwrap(), "-o", one.path().to_str().unwrap()]).unwrap();
    assert_eq!(files(one.path()), ["submission.csv", "summary.csv"]);
}

#[test]
fn there_and_back_again() {
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let path = |at: usize| folders[at].path().to_str().unwrap().to_owned();
    let given = golden("ruler");
    score(&[given.to_str().unwrap(), "--to", "inspect", "-o", &path(0)]).unwrap();
    assert_eq!(files(folders[0].path()).len(), 6);
    score(&[&path(0), "--to", "lm-eval", "-o", &path(1)]).unwrap();
    let names = files(folders[1].path());
    assert!(names[0].starts_with("model-a/results_"), "{names:?}");
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("model-a/samples_ruler_qa_squad_"))
    );
    score(&[
        &path(1),
        "--to",
        "ruler",
        "-o",
        &path(2),
        "--model",
        "model-a",
    ])
    .unwrap();
    let tables = tempfile::tempdir().unwrap();
    score(&[&path(2), "-o", tables.path().to_str().unwrap()]).unwrap();
    // After all these conversions, the original's own tables come out.
    let summary = fs::read_to_string(tables.path().join("4096/pred/summary.csv")).unwrap();
    let original = given.join("model-a/synthetic/4096/pred");
    assert_eq!(
        summary,
        fs::read_to_string(original.join("summary.csv")).unwrap()
    );
    // A file that never held anything else is identical byte for byte.
    let back = folders[2]
        .path()
        .join("model-a/synthetic/4096/pred/niah_multivalue.jsonl");
    assert_eq!(
        fs::read_to_string(back).unwrap(),
        fs::read_to_string(original.join("niah_multivalue.jsonl")).unwrap()
    );
}

#[test]
fn a_bad_row_is_named_and_nothing_is_written() {
    let root = pred(
        "vt.jsonl",
        "{\"index\": 2, \"pred\": {}, \"outputs\": [\"x\"]}\n",
    );
    let out = root.path().join("out");
    let given = root.path().join("m");
    for to in [&[][..], &["--to", "inspect"]] {
        let mut line = vec![given.to_str().unwrap(), "-o", out.to_str().unwrap()];
        line.extend(to);
        let error = fails(&line);
        assert!(
            error.ends_with("vt.jsonl`: line 1: field `pred`: got an object, expected a string, or null for a failure"),
            "{error}"
        );
        assert!(!out.exists());
    }
}

#[test]
fn a_failure_is_counted_and_has_no_table() {
    let failed = ROW.replace("\"x\", \"input\"", "null, \"input\"");
    let failed = failed.replace("\"index\": 1", "\"index\": 2");
    let root = pred("vt.jsonl", &format!("{ROW}\n{failed}\n"));
    let (given, out) = (root.path().join("m"), root.path().join("out"));
    score(&[given.to_str().unwrap()]).unwrap();
    let error = fails(&[given.to_str().unwrap(), "-o", out.to_str().unwrap()]);
    assert!(error.contains("1 row has no answer"), "{error}");
    assert!(!out.exists());
}

#[test]
fn unknown_tasks_need_a_metric() {
    let root = pred("mine.jsonl", ROW);
    let given = root.path().to_str().unwrap();
    let error = fails(&[given]);
    assert!(
        error.contains("mine.jsonl`: unknown task `mine`; RULER's tasks are niah_single_1, "),
        "{error}"
    );
    score(&[given, "--metric", "part"]).unwrap();
}

#[test]
fn what_is_not_there_is_said() {
    let root = tempfile::tempdir().unwrap();
    let empty = root.path().to_str().unwrap();
    assert!(
        fails(&[empty])
            .ends_with("holds no pred/*.jsonl, samples_*.jsonl, *.eval or JSON log of Inspect")
    );
    assert!(fails(&["/no/such/file.jsonl"]).starts_with("cannot read `/no/such/file.jsonl`"));
    let other = root.path().join("x.txt");
    fs::write(&other, "").unwrap();
    assert!(fails(&[other.to_str().unwrap()]).ends_with(
        "got a file of another kind, expected *.jsonl, *.eval or a JSON log of Inspect"
    ));
    for (content, got) in [
        ("[1, 2]", "got a JSON list of 2, expected"),
        (
            r#"{"a": 7, "b": {}}"#,
            "got a JSON object with the fields a, b, expected",
        ),
    ] {
        let json = root.path().join("x.json");
        fs::write(&json, content).unwrap();
        let told = fails(&[json.to_str().unwrap()]);
        assert!(told.contains(got), "{told}");
    }
    #[cfg(unix)]
    assert!(fails(&["/dev/zero"]).contains("got a device or a socket, expected"));
}

#[test]
fn the_same_file_twice_counts_once_and_two_of_one_task_are_refused() {
    let root = pred("vt.jsonl", ROW);
    let file = root.path().join("m/synthetic/4096/pred/vt.jsonl");
    let (folder, file) = (root.path().to_str().unwrap(), file.to_str().unwrap());
    score(&[folder, file, folder]).unwrap();
    let samples = golden("lm_eval");
    let copy = root.path().join("model");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        for year in ["2026-", "2027-"] {
            fs::copy(&path, copy.join(name.replace("2026-", year))).unwrap();
        }
    }
    // Repeated identical rows count once.
    let copy_of = |folder: &Path| {
        let line = Line::try_parse_from(["score", folder.to_str().unwrap()]).unwrap();
        let (reads, told) = line.score.reads(&line.score.reading()).unwrap();
        let rows: usize = reads.iter().map(|read| read.rows.len()).sum();
        (rows, told.said().join("\n"))
    };
    let (rows, told) = copy_of(&copy);
    assert_eq!(rows, 3);
    assert!(
        told.contains("3 rows are in a file before this one as well; counted once"),
        "{told}"
    );
    let second = copy.join("samples_niah_multivalue_2027-11-25T07-31-07.070607.jsonl");
    let text = fs::read_to_string(&second).unwrap();
    let other = text.replacen("lol", "not at all", 2);
    assert_ne!(text, other);
    fs::write(&second, other).unwrap();
    let error = fails(&[copy.to_str().unwrap()]);
    assert!(
        error.contains("both have niah_multivalue at 4096; give one of them"),
        "{error}"
    );
}

/// A chunk beside its whole file, an unreadable file, a link that leads back up, escape sequences.
#[test]
fn a_folder_is_read_without_what_cannot_be_read_and_nothing_counts_twice() {
    let root = pred("vt.jsonl", ROW);
    let folder = root.path().join("m/synthetic/4096/pred");
    fs::write(folder.join("vt-0.jsonl"), ROW).unwrap();
    fs::write(
        folder.join("vt-1.jsonl"),
        ROW.replace("\"index\": 1", "\"index\": 2"),
    )
    .unwrap();
    fs::write(
        folder.join("cwe.jsonl"),
        "{\"index\": 1, \"pred\": \"\u{1b}[2J\"}",
    )
    .unwrap();
    let choices = r#"{"doc_id": 0, "doc": {}, "target": "a", "resps": [[["-1.5", "False"]]], "filter": "none"}"#;
    fs::write(
        root.path().join("samples_arc_2026-11-25T07-31-07.jsonl"),
        choices,
    )
    .unwrap();
    #[cfg(unix)]
    for name in ["a", "b", "c", "d"] {
        std::os::unix::fs::symlink("..", root.path().join("m").join(name)).unwrap();
    }
    let line = Line::try_parse_from(["score", root.path().to_str().unwrap()]).unwrap();
    let (reads, told) = line.score.reads(&line.score.reading()).unwrap();
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].rows.len(), 2);
    let said = told.said().join("\n");
    for word in [
        "cwe.jsonl`: line 1: not JSON",
        "samples_arc_2026-11-25T07-31-07.jsonl`: line 1: field `resps[0][0]`",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains("vt.jsonl"), "rows in chunks too: {said}");
    // A file given by name must be readable.
    let bad = folder.join("cwe.jsonl").display().to_string();
    assert!(fails(&[&bad]).contains("cwe.jsonl`: line 1"));
}

#[test]
fn the_table_says_n_interval_and_what_is_missing() {
    let line = Line::try_parse_from(["score", golden("ruler").to_str().unwrap()]).unwrap();
    let (reads, _) = line.score.reads(&line.score.reading()).unwrap();
    let sets = table::sets(&reads, &line.score);
    assert_eq!(sets.len(), 1);
    assert_eq!(
        table::show(&sets[0], 50.0),
        r"
task                   length  score           95% interval   n  failed  nulls
niah_single_1            4096  33.33      6.15–79.23 Wilson   3       0    2/3
niah_multivalue          4096  66.67  30.49–89.92 bootstrap   3       0    0/3
vt                       4096  72.22  33.19–91.44 bootstrap   3       0    0/3
cwe                      8192  71.43  39.82–90.86 bootstrap   7       0    1/7
fwe                      4096  33.33      6.15–79.23 Wilson   3       0    1/3
qa_1                     4096  66.67     20.77–93.85 Wilson   3       0    0/3
mean of 5 of 13 tasks    4096  54.44  32.97–76.88 bootstrap  15       0
mean of 1 of 13 tasks    8192  71.43  39.82–90.86 bootstrap   7       0
wAvg (inc)                     65.77  42.04–82.86 bootstrap  22       0
wAvg (dec)                     60.11  41.77–77.47 bootstrap  22       0
effective length at 50: 8K tokens by the mean; not sure at any length, possibly 8K or more, as it was the longest measured (1 of RULER’s 13 tasks: not RULER’s figure)
missing at 4096: niah_single_2, niah_single_3, niah_multikey_1, niah_multikey_2, niah_multikey_3, niah_multiquery, cwe, qa_2
missing at 8192: niah_single_1, niah_single_2, niah_single_3, niah_multikey_1, niah_multikey_2, niah_multikey_3, niah_multivalue, niah_multiquery, vt, fwe, qa_1, qa_2
the lengths have different tasks: their means, averages and the effective length compare unlike things
"
        .trim_start()
    );
}

fn longbench(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/longbench2");
    root.join(name).to_str().unwrap().to_owned()
}

#[test]
fn the_report_of_longbench_is_the_originals_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("result.txt");
    let files = ["beta_cot.jsonl", "alpha.jsonl", "gamma_rag_4.jsonl"].map(longbench);
    for (name, more) in [
        ("false", &[][..]),
        ("true", &["--compensated", "--extract"]),
    ] {
        let mut arguments = vec!["--format", "longbench", "-o", out.to_str().unwrap()];
        arguments.extend(more);
        arguments.extend(files.iter().map(String::as_str));
        score(&arguments).unwrap();
        let want = longbench(&format!("result_compensated_{name}.txt"));
        assert_eq!(fs::read(&out).unwrap(), fs::read(want).unwrap());
    }
}

#[test]
fn where_nothing_was_answered_the_exit_code_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.jsonl");
    let line = |id: usize, more: &str| {
        format!(
            r#"{{"_id": "{id}", "difficulty": "easy", "length": "short", "answer": "A", {more}}}"#
        )
    };
    let failed = r#""response": "", "pred": null, "error": "no key""#;
    let right = r#""response": "The correct answer is (A)", "pred": "A""#;
    let rows = |rows: &[&str]| {
        let lines: Vec<String> = rows
            .iter()
            .enumerate()
            .map(|(id, row)| line(id, row))
            .collect();
        fs::write(&file, lines.join("\n")).unwrap();
        ["--format", "longbench", file.to_str().unwrap()].map(str::to_owned)
    };
    let of = |given: &[String; 3]| score(&given.each_ref().map(String::as_str));
    assert!(of(&rows(&[failed, right])).is_ok());
    let error = of(&rows(&[failed, failed])).unwrap_err();
    assert_eq!(error.to_string(), "all 2 rows are failures: no key");
    let reasons = ["no key", "busy", "no key"].map(Some);
    let error = ensure_answered(reasons.into_iter()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "all 3 rows are failures, 2 of them alike: no key"
    );
    assert!(ensure_answered([Some("busy"), None].into_iter()).is_ok());
}

#[test]
fn a_prediction_of_longbench_that_is_none_is_named_by_file_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.jsonl");
    let file = path.to_str().unwrap();
    let good =
        r#"{"_id": "q", "difficulty": "easy", "length": "long", "answer": "B", "pred": null}"#;
    let bad = good.replace("\"B\"", "\"E\"");
    fs::write(&path, format!("\n{bad}\n")).unwrap();
    let told = fails(&["--format", "longbench", file]);
    assert!(
        told.contains("m.jsonl`: line 2: field `answer`: got \"E\""),
        "{told}"
    );
    // Among other files it is left out.
    fs::write(&path, format!("{good}\n{bad}\n")).unwrap();
    score(&["--format", "longbench", file]).unwrap();
    fs::write(&path, "").unwrap();
    assert!(fails(&["--format", "longbench", file]).contains("holds no predictions"));
    // A single list of all rows is read as well.
    fs::write(&path, format!("[{good}]")).unwrap();
    score(&["--format", "longbench", file]).unwrap();
    assert!(fails(&["--compensated", file]).contains("for --format longbench"));
}
