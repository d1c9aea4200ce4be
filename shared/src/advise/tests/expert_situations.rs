//! Situations as a team lead would bring them, each with an expert's verdict and reason.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::advise::{Evidence, Thresholds, Verdict, advise};

/// One file of `tests/golden/advice`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    title: String,
    /// Acceptable verdicts, the best first.
    verdict: Vec<String>,
    /// What the advice has to say, in lower case.
    #[serde(default)]
    says: Vec<String>,
    /// The expert's reason.
    why: String,
    /// The best argument for another verdict, and why it did not win.
    against: String,
    evidence: Evidence,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/advice")
}

fn situations() -> Vec<(String, Situation)> {
    let files = fs::read_dir(folder()).unwrap();
    let mut files: Vec<PathBuf> = files.map(|one| one.unwrap().path()).collect();
    files.retain(|one| one.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let situation = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, situation)
    };
    files.into_iter().map(read).collect()
}

fn word(action: Verdict) -> String {
    let told = serde_json::to_value(action).unwrap();
    told["do"].as_str().unwrap().to_owned()
}

#[test]
fn every_situation_gets_its_expert_s_verdict() {
    let all = situations();
    assert!(all.len() >= 40, "{}", all.len());
    let mut faults = String::new();
    for (name, situation) in all {
        assert!(
            !situation.why.is_empty() && !situation.against.is_empty(),
            "{name}"
        );
        let evidence = &situation.evidence;
        if let Err(error) = evidence.check() {
            if situation.verdict != ["refused"] {
                writeln!(faults, "{name}: refused: {error}").unwrap();
            }
            continue;
        }
        let advice = advise(evidence, &Thresholds::default());
        let text = advice.text();
        let got = word(advice.action);
        if !situation.verdict.contains(&got) {
            let lines: Vec<&str> = text
                .lines()
                .filter(|line| !line.is_empty())
                .take(6)
                .collect();
            writeln!(
                faults,
                "{name} ({}): got {got}, expected {:?}\n{}\n",
                situation.title,
                situation.verdict,
                lines.join("\n")
            )
            .unwrap();
        }
        let lower = text.to_lowercase();
        for part in &situation.says {
            if !lower.contains(&part.to_lowercase()) {
                writeln!(faults, "{name}: does not say `{part}`").unwrap();
            }
        }
        assert!(advice.reasons.len() <= 5, "{name}");
        assert!(!advice.next.what.starts_with("Go on"), "{name}");
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn the_docs_tell_every_situation() {
    let docs = fs::read_to_string(folder().join("../../../docs/situations.md")).unwrap();
    for (name, situation) in situations() {
        for part in [&situation.title, &situation.why, &situation.against, &name] {
            assert!(
                docs.contains(part.as_str()),
                "{name}: `{part}` is not in docs/situations.md"
            );
        }
    }
}

/// `docs/article.md` names a test for what it can: each of them is there.
#[test]
fn every_test_that_carries_a_claim_of_the_article_is_there() {
    let root = folder().join("../../..");
    let page = fs::read_to_string(root.join("docs/article.md")).unwrap();
    let rows = page.lines().filter(|line| {
        let first = line.trim_start_matches('|').trim_start();
        line.starts_with('|') && first.starts_with(|one: char| one.is_ascii_digit())
    });
    assert_eq!(rows.count(), 92);
    let mut cited = 0;
    for part in page.split('`') {
        let Some((file, name)) = part.split_once(".rs::") else {
            continue;
        };
        let file = format!("{file}.rs");
        let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|_| panic!("no {file}"));
        assert!(
            text.contains(&format!("fn {name}(")),
            "{file} has no test {name}"
        );
        cited += 1;
    }
    assert!(cited > 50, "{cited}");
}
