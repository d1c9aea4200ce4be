//! Runs `fathom advise`.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value as Json;

use crate::server::surroundings;

fn advise(arguments: &[&str]) -> Output {
    let mut command = Command::new(surroundings("FATHOM_TEST_BIN"));
    command.arg("advise").args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_published_model_is_advised_with_n_interval_and_source() {
    let arguments = [
        "--published",
        "Llama3.1 70B",
        "--workload",
        "multi-document-synthesis",
        "--target",
        "128K",
    ];
    let text = told(&advise(&arguments));
    // 88.4 at 64K and 66.6 at 128K: the window that is claimed ends before, and STRING restores it.
    let verdict = "The advice for Llama3.1 70B: use STRING, which needs no training: it raises RULER multi-hop tracing at 128K from 59.2 to 95.6; it leaves aggregation at 50.0.";
    assert!(text.contains(verdict), "{text}");
    assert!(
        text.contains("36.4 points more with STRING") && text.contains("arXiv 2410.18745"),
        "{text}"
    );
    let cliff =
        "The window ends after 64K tokens: RULER's mean falls from 88.4 there to 66.6 at 128K";
    assert!(text.contains(cliff), "{text}");
    assert!(
        text.contains("RULER mean at 128K: 66.6, below 85.6 (95% interval"),
        "{text}"
    );
    assert!(text.contains("n = 6,500; RULER: Llama3.1 70B"), "{text}");
    // Size and window come from the tables, unless options override them.
    for part in [
        "The stated window is 128K tokens",
        "× H100",
        "Size, for costs: 70B parameters, NVIDIA/RULER README",
        "Claimed window: 128K tokens (NVIDIA/RULER README",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let own = told(&advise(&[&arguments[..], &["--params", "8e9"]].concat()));
    assert_ne!(own, text);
    assert!(!own.contains("Size, for costs"), "{own}");
    let json = told(&advise(&[&arguments[..], &["--format", "json"]].concat()));
    let json: Json = serde_json::from_str(&json).unwrap();
    assert_eq!(json["action"]["do"], "fix_positions");
    let reasons = json["reasons"].as_array().unwrap();
    let measured = reasons
        .iter()
        .flat_map(|one| one["measured"].as_array().unwrap());
    let mut counted = measured.filter(|one| one["n"].is_number());
    let one = counted.next().unwrap();
    assert!(one["low"].is_number() && one["source"].is_string(), "{one}");
    // However the name is spelled.
    for name in [
        "Llama-3.1-70B",
        "meta-llama/Llama-3.1-70B-Instruct",
        "llama 3.1 70b",
    ] {
        let same = [&["--published", name], &arguments[2..]].concat();
        assert!(
            told(&advise(&same)).contains("use STRING, which needs no training"),
            "{name}"
        );
    }
    let unknown = advise(&["--published", "Llama3.1"]);
    assert!(!unknown.status.success());
    let error = String::from_utf8(unknown.stderr).unwrap();
    assert!(error.contains("Llama3.1 70B"), "{error}");
    let empty = advise(&["--published", ""]);
    assert!(!empty.status.success());
    let error = String::from_utf8(empty.stderr).unwrap();
    assert!(error.contains("--published: got an empty name"), "{error}");
}

#[test]
fn a_file_of_evidence_is_advised_and_a_bad_one_named_by_field_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.toml");
    let path = file.to_str().unwrap();
    let good = "workload = \"document_lookup\"\ntarget_window = 131072\ntrained_window = 32768\n\
                tolerance = \"some_misses\"\nadaptation = \"none\"\n\
                [[ruler]]\nlength = 32768\nvalue = 95.0\nn = 6500\n";
    fs::write(&file, good).unwrap();
    let text = told(&advise(&["--evidence", path, "--format", "markdown"]));
    assert!(
        text.contains("extend the window from 32K to 128K tokens by YaRN (factor 4.0)"),
        "{text}"
    );
    fs::write(&file, good.replace("target_window", "target")).unwrap();
    let output = advise(&["--evidence", path]);
    assert!(!output.status.success() && output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    for part in ["evidence.toml", "line 2", "`target`", "target_window"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_needle_that_disagrees_with_ruler_is_told_beside_any_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.toml");
    let figure = |category: &str, value: f64| {
        format!("[[ruler]]\ncategory = \"{category}\"\nlength = 131072\nvalue = {value}\nn = 500\n")
    };
    let text = [figure("single_needle", 99.0), figure("multi_hop", 55.0)].concat();
    fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    for more in [&[][..], &["--workload", "document-lookup"]] {
        let text = told(&advise(&[&["--evidence", path][..], more].concat()));
        let warned = "Warnings\n\n- RULER and the vanilla needle test disagree";
        assert!(text.contains(warned), "{text}");
        assert!(
            text.contains("RULER multi-hop tracing at 128K: 55.0, below 85.6"),
            "{text}"
        );
    }
}
