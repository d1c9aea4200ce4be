//! The table of conditions has no row that nothing asks for.

use std::fs;
use std::path::Path;

use crate::advise::{Condition, tables};

/// The sources of the advisor outside the table's own folder and the tests.
fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_owned();
        if path.is_dir() && name != "condition" && name != "tests" {
            sources(&path, found);
        } else if path.extension().is_some_and(|one| one == "rs") && name != "tests" {
            found.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_condition_is_used_by_a_rule_or_by_the_advisor() {
    let mut text = String::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/advise");
    sources(&folder, &mut text);
    assert!(text.contains("Condition::HardFails"), "nothing was read");
    let named = |condition: &Condition| {
        let name = format!("Condition::{condition:?}");
        let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric());
        text.match_indices(&name)
            .any(|(at, found)| ends(&text[at + found.len()..]))
    };
    let rules = || tables().iter().flat_map(|table| &table.rules);
    let unused: Vec<&Condition> = Condition::ALL
        .iter()
        .filter(|one| !rules().any(|rule| rule.when.contains(one) || rule.unless.contains(one)))
        .filter(|one| !named(one))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn the_name_of_every_condition_in_a_rule_is_read_back() {
    for condition in Condition::ALL {
        let name = serde_json::to_string(condition).unwrap();
        let read: Condition = serde_json::from_str(&name).unwrap();
        assert_eq!(read, *condition, "{name}");
    }
}
