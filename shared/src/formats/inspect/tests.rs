use proptest::prelude::*;

use super::*;
use crate::formats::export::{ExportInfo, UnixSeconds};
use crate::formats::row::{EvalRow, RowAnswer, RowId};
use crate::formats::zip::{ArchiveReader, ArchiveWriter, ZipLimits};
use crate::task::Metric;
use crate::tokens::Tokens;

const GOLDEN: &[u8] = include_bytes!("../../../../tests/golden/formats/inspect/niah_single_1.eval");

fn writing() -> ExportInfo {
    ExportInfo {
        model: "org/model-a".to_owned(),
        metric: None,
        metrics: Default::default(),
        at: UnixSeconds(1_795_591_867),
    }
}

#[test]
fn reads_what_the_original_wrote() {
    let imported = read(GOLDEN).unwrap();
    assert_eq!(imported.model.as_deref(), Some("mockllm/model"));
    let [first, second, third, fourth] = &imported.rows[..] else {
        panic!("{} rows", imported.rows.len());
    };
    assert_eq!(first.task, "niah_single_1");
    assert_eq!(first.length, Some(Tokens(4096)));
    assert_eq!(first.answer, RowAnswer::Text(" 7301925.".to_owned()));
    assert_eq!(first.references, ["7301925"]);
    assert_eq!(first.stated, [("includes".to_owned(), 1.0)].into());
    assert!(
        first
            .input
            .as_ref()
            .unwrap()
            .contains("quiet-harbor is: 7301925.")
    );
    // Messages in place of a text, and two targets.
    assert!(
        second
            .input
            .as_ref()
            .unwrap()
            .contains("old-mill is: 7301925.")
    );
    assert_eq!(second.references, ["7301925", "1112223"]);
    assert_eq!(second.stated["includes"], 0.0);
    // A failure is no empty answer, and an empty answer is no failure.
    assert!(
        matches!(&third.answer, RowAnswer::Failed(why) if why == "RuntimeError('the engine is gone')")
    );
    assert_eq!(fourth.id, RowId::Text("four".to_owned()));
    assert_eq!(fourth.answer, RowAnswer::Text(String::new()));
    let told: Vec<&str> = imported
        .report
        .losses()
        .iter()
        .map(|loss| loss.what.as_str())
        .collect();
    for what in ["input", "depth", "events", "error.traceback", "stats"] {
        assert!(
            told.iter().any(|told| told.ends_with(what)),
            "{what}: {told:?}"
        );
    }
}

fn rows() -> Vec<EvalRow> {
    let mut rows = read(GOLDEN).unwrap().rows;
    for (at, row) in rows.iter_mut().enumerate() {
        row.stated.clear();
        row.index = Some(100 + at as i64);
        row.answer_prefix = Some(" Answer:".to_owned());
        row.prompt_and_answer = Some(Tokens(4000));
    }
    rows
}

#[test]
fn rows_come_back_as_they_were() {
    let rows = rows();
    let exported = write(&rows, &writing()).unwrap();
    assert!(exported.report.is_empty(), "{:?}", exported.report);
    let [file] = &exported.files[..] else {
        panic!("{} files", exported.files.len());
    };
    assert!(
        file.path
            .starts_with("2026-11-25T07-31-07-00-00_niah-single-1_"),
        "{}",
        file.path
    );
    let mut back = read(&file.bytes).unwrap().rows;
    assert_eq!(
        back[0].stated,
        [("string_match_all".to_owned(), 1.0)].into()
    );
    assert!(back[2].stated.is_empty());
    back.iter_mut().for_each(|row| row.stated.clear());
    assert_eq!(back, rows);
    // The same rows give the same bytes.
    assert_eq!(write(&rows, &writing()).unwrap(), exported);
}

#[test]
fn ids_that_cannot_name_members_are_kept_aside() {
    let mut rows = rows();
    rows[1].id = RowId::Text("../x".to_owned());
    rows[3].id = rows[0].id.clone();
    let exported = write(&rows, &writing()).unwrap();
    let mut back = read(&exported.files[0].bytes).unwrap().rows;
    back.iter_mut().for_each(|row| row.stated.clear());
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(back, rows);
}

/// A log that is made here, to be spoilt.
pub(super) fn log(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ArchiveWriter::default();
    for (name, text) in members {
        writer.add(name, text.as_bytes()).unwrap();
    }
    writer.finish().unwrap()
}

pub(super) const START: (&str, &str) = (
    "_journal/start.json",
    r#"{"version": 2, "eval": {"task": "pkg/vt", "model": "m", "task_args": {}, "dataset": {"samples": 3}, "config": {"epochs": 2}}}"#,
);

#[test]
fn a_running_log_tells_how_much_is_missing() {
    let sample = r#"{"id": 1, "epoch": 2, "input": "attachment://aa", "target": "x", "output": {"choices": [{"message": {"content": [{"type": "reasoning", "reasoning": "r"}, {"type": "text", "text": "attachment://bb"}]}}]}, "scores": {"s": {"value": NaN}}, "attachments": {"aa": "the input", "bb": "the answer"}}"#;
    let imported = read(&log(&[START, ("samples/1_epoch_2.json", sample)])).unwrap();
    let row = &imported.rows[0];
    assert_eq!((row.task.as_str(), row.epoch), ("vt", 2));
    assert_eq!(row.input.as_deref(), Some("the input"));
    assert_eq!(row.answer, RowAnswer::Text("the answer".to_owned()));
    let losses: Vec<String> = imported
        .report
        .losses()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        losses,
        [
            "thinking: before the answer; not scored and not kept (1 row)",
            "the log is not finished: 5 of 6 samples are missing",
            "scores.s: a score that is no number (1 row)",
        ]
    );
}

#[test]
fn an_output_without_a_choice_is_a_failure() {
    for output in [
        r#""output": {"choices": []}"#,
        r#""output": {"choices": [], "completion": ""}"#,
        r#""x": 1"#,
    ] {
        let sample = format!(r#"{{"id": 1, "epoch": 1, "input": "q", "target": "x", {output}}}"#);
        let imported = read(&log(&[START, ("samples/1_epoch_1.json", &sample)])).unwrap();
        assert!(
            matches!(imported.rows[0].answer, RowAnswer::Failed(_)),
            "{output}"
        );
    }
}

#[test]
fn what_is_wrong_is_named() {
    let bad = |sample: &str| {
        read(&log(&[START, ("samples/1_epoch_1.json", sample)]))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        bad(r#"{"id": 1, "epoch": 1, "input": "q", "target": 7}"#),
        "member `samples/1_epoch_1.json`: field `target`: got the number 7, expected a list of strings"
    );
    assert_eq!(
        bad(r#"{"id": 1, "epoch": 1, "input": 7, "target": "a"}"#),
        "member `samples/1_epoch_1.json`: field `input`: got the number 7, expected a text or messages"
    );
    let good =
        r#"{"id": 2, "epoch": 1, "input": "q", "target": "a", "output": {"completion": "a"}}"#;
    let beside = [
        START,
        ("samples/1_epoch_1.json", "{]"),
        ("samples/2_epoch_1.json", good),
    ];
    let imported = read(&log(&beside)).unwrap();
    assert_eq!(imported.rows.len(), 1);
    let told =
        |loss: &crate::formats::Loss| loss.to_string().contains("1 sample is not read: member");
    assert!(imported.report.losses().iter().any(told));
    let chunked = log(&[START, ("samples/1_epoch_1/sample.json", "{}")]);
    let error = read(&chunked).unwrap_err().to_string();
    assert!(
        error.starts_with("member `samples/1_epoch_1/sample.json`: field `id`"),
        "{error}"
    );
    assert!(
        read(b"PK")
            .unwrap_err()
            .to_string()
            .contains("not a whole zip archive")
    );
    let none = log(&[("summaries.json", "[]")]);
    assert!(
        read(&none)
            .unwrap_err()
            .to_string()
            .contains("not a log of Inspect")
    );
}

proptest! {
    #[test]
    fn damage_gives_an_error_and_no_panic(
        changes in prop::collection::vec((0_usize..20_000, any::<u8>()), 1..4),
    ) {
        let mut bytes = GOLDEN.to_vec();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let _either = read_within(&bytes, ZipLimits { member: 1 << 20, total: 4 << 20 });
    }
}

/// Every compression that Inspect has used is read: zstandard in the golden file, deflate in ours.
#[test]
fn the_golden_file_is_of_the_kind_that_is_written_today() {
    let mut archive = ArchiveReader::open(GOLDEN, ZipLimits::default()).unwrap();
    let names = archive.names();
    assert!(names.contains(&"reductions.json".to_owned()));
    for name in names {
        assert!(archive.read(&name).unwrap().is_some(), "{name}");
    }
}

/// What inspect_ai 0.3.285 wrote: ids with `/`, `--limit 1` of three, and JSON.
#[test]
fn logs_of_every_shape_are_read_whole() {
    let cases: [(&[u8], &[f64]); 3] = [
        (
            include_bytes!("../../../../tests/golden/formats/cases/inspect-id-with-slash.eval"),
            &[1.0, 1.0, 0.0],
        ),
        (
            include_bytes!("../../../../tests/golden/formats/cases/inspect-log.json"),
            &[1.0, 1.0, 0.0],
        ),
        (
            include_bytes!("../../../../tests/golden/formats/cases/inspect-limit.eval"),
            &[1.0],
        ),
    ];
    for (bytes, expected) in cases.iter().copied() {
        let imported = read(bytes).unwrap();
        let scores: Vec<f64> = imported
            .rows
            .iter()
            .map(|row| {
                assert_eq!(
                    (row.task.as_str(), row.length),
                    ("niah_single_1", Some(Tokens(4096)))
                );
                let text = row.answer.text().unwrap();
                let ours = crate::score::score(Metric::StringMatchAll, text, &row.references).value;
                assert_eq!(row.stated["includes"], ours);
                ours
            })
            .collect();
        assert_eq!(scores, expected);
        let losses = imported.report.losses();
        assert!(
            losses.iter().all(|loss| loss.what != "samples"),
            "{losses:?}"
        );
    }
    let slash = read(cases[0].0).unwrap();
    assert_eq!(slash.rows[0].id, RowId::Text("a/1".to_owned()));
}

#[test]
fn what_a_limit_leaves_out_is_not_missing() {
    let missing = |dataset: &str, config: &str| {
        let start = format!(
            r#"{{"version": 2, "eval": {{"task": "vt", "dataset": {dataset}, "config": {config}}}}}"#
        );
        let imported = read(&log(&[("_journal/start.json", &start)])).unwrap();
        let missing = imported
            .report
            .losses()
            .iter()
            .find(|loss| loss.why.ends_with("missing"));
        missing.map_or(0, |loss| loss.rows)
    };
    assert_eq!(missing(r#"{"samples": 9}"#, "{}"), 9);
    assert_eq!(
        missing(r#"{"samples": 9}"#, r#"{"limit": 4, "epochs": 2}"#),
        8
    );
    assert_eq!(missing(r#"{"samples": 9}"#, r#"{"limit": [6, 20]}"#), 3);
    assert_eq!(missing(r#"{"samples": 9}"#, r#"{"limit": [20, 30]}"#), 0);
    assert_eq!(
        missing(
            r#"{"samples": 9, "sample_ids": [3, 7]}"#,
            r#"{"limit": null}"#
        ),
        2
    );
    assert_eq!(missing(r#"{"samples": null}"#, "null"), 0);
    for (chosen, count) in [("[1, 2, 3]", 3), ("7", 1), (r#""a""#, 1), (r#"["a*"]"#, 0)] {
        let config = format!(r#"{{"sample_id": {chosen}}}"#);
        assert_eq!(missing(r#"{"samples": 5}"#, &config), count, "{chosen}");
    }
}

/// Version 3, as inspect_ai's converter lays it out: a shell for each sample, and its texts in
/// chunks named by the number of their first.
#[test]
fn a_log_in_chunks_is_read() {
    let start = r#"{"version": 3, "status": "success", "eval": {"task": "vt"}}"#;
    let shell = r#"{"id": "a/1", "epoch": 1, "input": "attachment://0", "target": "x", "message_refs": [[0, 2]],
        "output": {"choices": [{"message": {"content": "attachment://2"}}]}, "scores": {"s": {"value": "C"}}}"#;
    let log = log(&[
        ("header.json", start),
        ("samples/a/1_epoch_1/sample.json", shell),
        (
            "samples/a/1_epoch_1/metadata.json",
            r#"{"fathom": {"max_length": 512}}"#,
        ),
        ("samples/a/1_epoch_1/skeleton.json", "{}"),
        ("samples/a/1_epoch_1/messages/0.json", "[]"),
        ("samples/a/1_epoch_1/events/stats.json", "{}"),
        (
            "samples/a/1_epoch_1/attachments/0.json",
            r#"["the input", "other"]"#,
        ),
        (
            "samples/a/1_epoch_1/attachments/2.json",
            r#"["the answer"]"#,
        ),
        (
            "samples/2_epoch_1.json",
            r#"{"id": 2, "epoch": 1, "input": "q", "target": "y", "output": null}"#,
        ),
        ("samples/notes.txt", "what is this"),
    ]);
    let imported = read(&log).unwrap();
    let [whole, chunked] = &imported.rows[..] else {
        panic!("{} rows", imported.rows.len());
    };
    assert_eq!(chunked.id, RowId::Text("a/1".to_owned()));
    assert_eq!(chunked.input.as_deref(), Some("the input"));
    assert_eq!(chunked.answer, RowAnswer::Text("the answer".to_owned()));
    assert_eq!(chunked.length, Some(Tokens(512)));
    assert!(matches!(whole.answer, RowAnswer::Failed(_)));
    let told: Vec<String> = imported
        .report
        .losses()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        ["samples: a member that is no sample; not read (1 row)"]
    );
}

/// Thinking that came as text, and an old log with one score.
#[test]
fn thinking_is_no_answer_and_an_old_score_is_kept() {
    let sample = r#"{"id": 1, "epoch": 1, "input": "q", "target": "7", "score": {"value": "I"},
        "output": {"choices": [{"message": {"content": "<think>7 or 8?</think>\n8"}}]}}"#;
    let row = read(&log(&[START, ("samples/1_epoch_1.json", sample)]))
        .unwrap()
        .rows
        .remove(0);
    assert_eq!(row.answer, RowAnswer::Text("8".to_owned()));
    assert_eq!(row.stated, [("score".to_owned(), 0.0)].into());
}
