//! Other programs' files state their own scores.

use super::*;

/// What `fathom score` reports for a file or folder with one task.
pub(crate) struct Scored {
    pub(crate) n: usize,
    /// The mean in percent, with two decimals.
    pub(crate) percent: f64,
    /// The messages.
    pub(crate) said: String,
}

pub(crate) fn scored(path: &Path) -> Scored {
    let line = Line::try_parse_from(["score", path.to_str().unwrap()]).unwrap();
    let (reads, told) = line.score.reads(&line.score.reading()).unwrap();
    let sets = table::sets(&reads, &line.score);
    let means = sets[0].means();
    let (_, summary) = means.cells().next().unwrap();
    Scored {
        n: summary.answered as usize,
        percent: (summary.mean.unwrap() * 10_000.0).round() / 100.0,
        said: told.said().join("\n"),
    }
}

/// Inputs as other programs write them, with the expected result.
#[test]
fn other_programs_files_have_their_own_scores() {
    let root = tempfile::tempdir().unwrap();
    let thinking = root
        .path()
        .join("samples_niah_single_1_2026-11-25T07-31-07.070607.jsonl");
    fs::write(&thinking, r#"{"doc_id": 0, "doc": {"input": "hay", "outputs": ["1234567"], "max_length": 4096}, "target": "1234567", "resps": [["<think>Is it 1234567? Or 7654321?</think> It is 7654321."]], "filtered_resps": [" It is 7654321."], "filter": "none", "metrics": ["4096"], "4096": 0.0}"#).unwrap();
    let surrogate = pred(
        "niah_single_1.jsonl",
        "{\"index\": 0, \"pred\": \" 1234567 \\ud83d\", \"input\": \"q\", \"outputs\": [\"1234567\"]}\n{\"index\": 1, \"pred\": \" 1234567\", \"input\": \"q\", \"outputs\": [\"1234567\"]}",
    );
    let cases = [
        (golden("cases/inspect-id-with-slash.eval"), 3, 66.67),
        (golden("cases/inspect-limit.eval"), 1, 100.0),
        (golden("cases/inspect-log.json"), 3, 66.67),
        (thinking, 1, 0.0),
        (surrogate.path().to_owned(), 2, 100.0),
    ];
    for (path, n, percent) in cases {
        let Scored {
            n: got,
            percent: mean,
            said,
        } = scored(&path);
        assert_eq!((got, mean), (n, percent), "{}", path.display());
        assert!(!said.contains("the file says"), "{said}");
        assert!(!said.contains("missing"), "{said}");
    }
}

#[test]
fn compressed_files_are_told() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("4096/pred");
    fs::create_dir_all(&folder).unwrap();
    let packed = folder.join("niah_single_1.jsonl.gz");
    fs::write(&packed, b"\x1f\x8b").unwrap();
    let says = "niah_single_1.jsonl.gz`: it is compressed; unpack it first";
    let (file, top) = (packed.to_str().unwrap(), root.path().to_str().unwrap());
    for line in [vec![file], vec![top], vec!["--format", "longbench", file]] {
        let told = fails(&line);
        assert!(told.contains(says), "{told}");
    }
}

#[test]
fn totals_of_a_results_file_are_compared_with_ours() {
    let root = tempfile::tempdir().unwrap();
    let time = "2026-11-25T07-31-07.070607";
    let at = |name: &str, ending: &str| root.path().join(format!("{name}_{time}.{ending}"));
    let row = |id: u32, text: &str| {
        format!(
            r#"{{"doc_id": {id}, "doc": {{"input": "hay", "outputs": ["7"], "max_length": 4096}}, "target": "7", "resps": [["{text}"]], "filtered_resps": ["{text}"], "filter": "none", "metrics": ["4096"], "4096": {}}}"#,
            u32::from(text == "7")
        )
    };
    let rows = [row(0, "7"), row(1, "8")].join("\n");
    fs::write(at("samples_niah_single_1", "jsonl"), rows).unwrap();
    let says = |value: &str| {
        let results = format!(
            r#"{{"results": {{"niah_single_1": {{"alias": "n", "4096,none": {value}, "4096_stderr,none": "N/A", "8192,none": -1}}}}}}"#
        );
        fs::write(at("results", "json"), results).unwrap();
        scored(root.path()).said
    };
    assert_eq!(says("0.5"), "");
    assert_eq!(
        says("1.0"),
        format!(
            "`4096` of niah_single_1: the file says 100.00 in all (`results_{time}.json`), ours is 50.00 over 2 rows"
        )
    );
    fs::write(at("results", "json"), "{").unwrap();
    assert!(
        scored(root.path())
            .said
            .contains("its totals are not compared")
    );
}

#[test]
fn programs_whose_files_are_not_read_are_named() {
    let root = tempfile::tempdir().unwrap();
    let helm = root.path().join("scenario_state.json");
    fs::write(&helm, r#"{"adapter_spec": {}, "request_states": []}"#).unwrap();
    let told = fails(&[helm.to_str().unwrap()]);
    let says = "got a file of HELM, which is not read, expected *.jsonl, *.eval";
    assert!(told.contains(says), "{told}");
    let told = fails(&[root.path().to_str().unwrap()]);
    for says in ["holds no pred/*.jsonl", "a file of HELM, which is not read"] {
        assert!(told.contains(says), "{told}");
    }
    let row = r#"{"pred": "x", "answers": ["x"], "all_classes": null, "length": 4000}"#;
    let first = pred("qasper.jsonl", row);
    let told = fails(&[first.path().to_str().unwrap()]);
    assert!(
        told.contains("predictions of LongBench v1, which are not read"),
        "{told}"
    );
}
