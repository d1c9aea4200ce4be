//! Results from files, through the binary: gates by their exit codes, and the report.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::server::surroundings;

/// Predictions of RULER in `folder`: `right` of `n` needles found at 4K tokens.
fn predictions(folder: &Path, right: usize, n: usize) {
    let pred = folder.join("model/synthetic/4096/pred");
    fs::create_dir_all(&pred).unwrap();
    let rows = (0..n).map(|index| {
        let before = "word ".repeat(index % 10);
        let after = "word ".repeat(10 - index % 10);
        let answer = if index < right {
            "It is 4711."
        } else {
            "I do not know."
        };
        serde_json::json!({
            "index": index, "input": format!("{before}the number is 4711 {after}"),
            "outputs": ["4711"], "pred": answer, "others": {}, "truncation": -1, "length": 4096,
        })
    });
    let rows: Vec<String> = rows.map(|row| row.to_string()).collect();
    for task in ["niah_single_1", "vt"] {
        fs::write(pred.join(format!("{task}.jsonl")), rows.join("\n")).unwrap();
    }
}

fn fathom(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(surroundings("FATHOM_TEST_BIN"));
    command.args(arguments).current_dir(folder);
    command.output().unwrap()
}

fn gate(folder: &Path, policy: &str, candidate: &str) -> (Option<i32>, String) {
    fs::write(folder.join("gate.toml"), policy).unwrap();
    let got = fathom(
        folder,
        &[
            "gate",
            "--baseline",
            "before",
            "--candidate",
            candidate,
            "--policy",
            "gate.toml",
        ],
    );
    let mut said = String::from_utf8(got.stdout).unwrap();
    said.push_str(std::str::from_utf8(&got.stderr).unwrap());
    (got.status.code(), said)
}

const POLICY: &str = r#"
[[check]]
kind = "at_least"
suite = "ruler"
category = "single_needle"
lengths = [4096]
percent = 90

[[check]]
name = "no harm"
kind = "no_worse_than_baseline"
margin = 3

[[check]]
kind = "failures_at_most"
percent = 0
"#;

const SAID: &str = "\
good
passed     RULER single needle at 4K: at least 90: 98.0 (95% 95.0–99.2 Wilson, n = 200)
passed     no harm: baseline 98.0 (95% 96.3–99.1 bootstrap), candidate 98.0 (95% 96.3–99.1 bootstrap), difference 0.0 (95% -1.0 to +1.0 Wilson, as all pairs changed alike), n = 400 pairs; no pair differs, though up to 1.0% may
passed     all samples: failures at most 0%: 0 of 400 failed, 0.0%
gate passed: all 3 checks hold

bad
failed     RULER single needle at 4K: at least 90: 60.0 (95% 53.1–66.5 Wilson, n = 200)
failed     no harm: baseline 98.0 (95% 96.3–99.1 bootstrap), candidate 60.0 (95% 55.1–64.7 bootstrap), difference -38.0 (95% -42.7 to -33.2 bootstrap), n = 400 pairs; a loss of 3 points or more is shown (one-sided p < 0.0001, needed 0.025)
passed     all samples: failures at most 0%: 0 of 400 failed, 0.0%
gate failed: 2 of 3 checks do not hold

few
undecided  RULER single needle at 4K: at least 90: 100.0 (95% 72.2–100.0 Wilson, n = 10); at these figures, about 35 samples in total would settle it, and there are 10
undecided  no harm: baseline 100.0 (95% 83.9–100.0 Wilson), candidate 100.0 (95% 83.9–100.0 Wilson), difference 0.0 (95% -16.1 to +16.1 Wilson, as all pairs changed alike), n = 20 pairs; no pair differs, though up to 16.1% may; at these figures, about 130 pairs in total would settle it, and there are 20
passed     all samples: failures at most 0%: 0 of 20 failed, 0.0%
gate undecided: none failed, but these samples do not decide 2 of 3 checks

";

#[test]
fn a_gate_says_by_its_exit_code_what_a_candidate_is_worth() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, right, n) in [
        ("before", 196, 200),
        ("good", 196, 200),
        ("bad", 120, 200),
        ("few", 10, 10),
    ] {
        predictions(&folder.join(name), right, n);
    }
    let mut all = String::new();
    for (candidate, code) in [("good", 0), ("bad", 1), ("few", 3)] {
        let (got, said) = gate(folder, POLICY, candidate);
        assert_eq!(got, Some(code), "{candidate}: {said}");
        all.push_str(&format!("{candidate}\n{said}\n"));
    }
    assert_eq!(all, SAID);
    let (got, said) = gate(
        folder,
        "[[check]]\nkind = \"at_least\"\npercents = 9",
        "good",
    );
    assert_eq!(got, Some(2));
    assert!(said.contains("unknown field `percents`"), "{said}");
    let (got, said) = gate(folder, POLICY, "nowhere");
    assert_eq!(got, Some(2));
    assert!(
        said.contains("`nowhere`: expected a run's number, or a file"),
        "{said}"
    );
}

const TRACKED: &str = "\
fine: no loss against before is shown; 2 of RULER's 13 tasks at 4K changed by -2.0 points (95% -5.9 to +0.9, 100 pairs), so a loss of up to 5.9 points there is not ruled out. Single cells leave more open, most of all vt at 4K, which changed by -2.0 points (95% -8.3 to +3.1, 50 pairs).
bad is worse than before. Lost: niah_single_1 at 4K by 36.0 points (96.0 to 60.0; 95% 22.4 to 49.2, 50 pairs); vt at 4K by 36.0 points (96.0 to 60.0; 95% 22.4 to 49.2, 50 pairs); 2 of RULER's 13 tasks at 4K by 36.0 points (95% 26.4 to 45.4, 100 pairs).
before, then fine: a loss is shown in 0 of 2 tracked cells
no loss shown  2 of RULER's 13 tasks at 4K (short): 96.0 (95% 90.7–98.6 bootstrap) before, 94.0 (95% 88.0–97.5 bootstrap) after, difference -2.0 (95% -5.9 to +0.9 bootstrap), n = 100 pairs, 0 better, 2 worse, p 1, corrected 1
no loss shown  niah_single_1 at 4K (short): 96.0 (95% 86.5–98.9 Wilson) before, 94.0 (95% 83.8–97.9 Wilson) after, difference -2.0 (95% -8.3 to +3.1 bootstrap), n = 50 pairs, 0 better, 1 worse, p 1, corrected 1
no loss shown  vt at 4K (short): 96.0 (95% 86.5–98.9 Wilson) before, 94.0 (95% 83.8–97.9 Wilson) after, difference -2.0 (95% -8.3 to +3.1 bootstrap), n = 50 pairs, 0 better, 1 worse, p 1, corrected 1
before, then bad: a loss is shown in 2 of 2 tracked cells
lost           2 of RULER's 13 tasks at 4K (short): 96.0 (95% 90.7–98.6 bootstrap) before, 60.0 (95% 50.2–69.3 bootstrap) after, difference -36.0 (95% -45.4 to -26.4 bootstrap), n = 100 pairs, 0 better, 36 worse, p < 0.0001, corrected < 0.0001
lost           niah_single_1 at 4K (short): 96.0 (95% 86.5–98.9 Wilson) before, 60.0 (95% 46.2–72.4 Wilson) after, difference -36.0 (95% -49.2 to -22.4 bootstrap), n = 50 pairs, 0 better, 18 worse, p < 0.0001, corrected < 0.0001
lost           vt at 4K (short): 96.0 (95% 86.5–98.9 Wilson) before, 60.0 (95% 46.2–72.4 Wilson) after, difference -36.0 (95% -49.2 to -22.4 bootstrap), n = 50 pairs, 0 better, 18 worse, p < 0.0001, corrected < 0.0001
“Corrected” p-values use Holm’s method, over both rows that combine cells and, separately, over all 4 cells. For a row that combines several cells, p is twice the smaller of two p-values: one for their mean, and one for a mean that gives more weight to cells whose pairs vary less. It can therefore exceed 0.05 even though the interval excludes 0.
";

#[test]
fn a_checkpoint_that_lost_at_short_lengths_is_flagged() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, right) in [("before", 48), ("fine", 47), ("bad", 30)] {
        predictions(&folder.join(name), right, 50);
    }
    let got = fathom(folder, &["track", "before", "fine", "bad"]);
    assert!(got.status.success(), "{got:?}");
    assert_eq!(String::from_utf8(got.stdout).unwrap(), TRACKED);

    // Beyond short lengths, only the single-needle tasks are watched; JSON says the same.
    let got = fathom(
        folder,
        &["track", "before", "bad", "--short", "1024", "--json"],
    );
    let told: serde_json::Value = serde_json::from_slice(&got.stdout).unwrap();
    let changes = told["checkpoints"][0]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (
            &changes[0]["cell"],
            &changes[0]["why"],
            &changes[0]["degraded"]
        ),
        (&"niah_single_1 at 4K".into(), &"easy".into(), &true.into())
    );

    let got = fathom(folder, &["track", "before"]);
    assert_eq!(got.status.code(), Some(2), "{got:?}");
    let got = fathom(folder, &["track", "before", "nowhere"]);
    assert!(!got.status.success());
}

#[test]
fn a_report_is_one_small_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    predictions(&folder.join("a & b"), 40, 50);
    predictions(&folder.join("other"), 30, 50);
    let got = fathom(folder, &["report", "a & b", "other", "-o", "report.html"]);
    assert!(got.status.success(), "{got:?}");
    let page = fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.len() < 2_000_000, "{}", page.len());
    for said in [
        "a &amp; b",
        "80.0 (95% 67.0–88.8 Wilson, n = 50)",
        "RULER predictions",
        "(published)",
        "Depth",
        "McNemar",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("<script"));
    // The same sets compared on the command line.
    let got = fathom(folder, &["compare", "a & b", "other"]);
    let said = String::from_utf8(got.stdout).unwrap();
    assert!(
        said.contains("vt at 4K: 80.0 (95% 67.0–88.8 Wilson), then 60.0 (95% 46.2–72.4 Wilson), difference -20.0 (95% -31.9 to -9.4 bootstrap), n = 50 pairs"),
        "{said}"
    );
    let got = fathom(folder, &["report", "nowhere", "-o", "x.html"]);
    assert!(!got.status.success() && !folder.join("x.html").exists());
}
