//! Each type name means one thing in the workspace; GLOSSARY.md has the words.

use std::collections::BTreeMap;

use super::repo::{root, sources};

/// Names that a file may use for a private type although a visible type has the same name.
const PRIVATE: [&str; 3] = ["Error", "Model", "Row"];

/// The maximum share of names with several meanings, in percent.
const MOST: f64 = 5.0;

/// Where a type is defined.
struct Definition {
    at: String,
    visible: bool,
}

/// The name of the type that `line` defines, and whether other files can see it.
fn defined(line: &str) -> Option<(&str, bool)> {
    let line = line.trim_start();
    let (rest, visible) = match line.strip_prefix("pub") {
        Some(rest) => {
            let within = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
            (within.map_or(rest, |(_, rest)| rest).trim_start(), true)
        }
        None => (line, false),
    };
    let name = ["struct ", "enum ", "trait "]
        .iter()
        .find_map(|kind| rest.strip_prefix(kind))?
        .trim_start();
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &name[..end.unwrap_or(name.len())];
    let counts = name.len() > 1 && name.starts_with(|c: char| c.is_ascii_uppercase());
    counts.then_some((name, visible))
}

/// Every type of the four crates outside tests and examples, by name.
fn definitions() -> BTreeMap<String, Vec<Definition>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for krate in ["shared", "kernels", "backend", "frontend"] {
        for (path, text) in sources(krate) {
            let path = path.strip_prefix(root()).unwrap().to_path_buf();
            let apart = |part: &str| {
                ["test", "tests", "example", "examples", "benches"]
                    .contains(&part.trim_end_matches(".rs"))
            };
            if path.iter().any(|part| apart(&part.to_string_lossy())) {
                continue;
            }
            for (number, line) in text.lines().enumerate() {
                if let Some((name, visible)) = defined(line) {
                    let at = format!("{}:{}", path.display(), number + 1);
                    let found = all.entry(name.to_owned()).or_default();
                    found.push(Definition { at, visible });
                }
            }
        }
    }
    assert!(all.len() > 500, "only {} types were found", all.len());
    all
}

#[test]
fn a_visible_type_name_means_one_thing() {
    let mut faults = Vec::new();
    for (name, found) in definitions() {
        let visible = found.iter().filter(|one| one.visible).count();
        let most = if PRIVATE.contains(&name.as_str()) {
            found.len()
        } else {
            1
        };
        if visible > 1 || visible == 1 && found.len() > most {
            let at: Vec<_> = found.iter().map(|one| one.at.as_str()).collect();
            faults.push(format!(
                "`{name}` is {} types: {}",
                found.len(),
                at.join(", ")
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn few_names_stand_for_several_types() {
    let all = definitions();
    let several: Vec<_> = all.iter().filter(|(_, found)| found.len() > 1).collect();
    let share = 100.0 * several.len() as f64 / all.len() as f64;
    let names: Vec<_> = several.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        share <= MOST,
        "{share:.1}% of {} names stand for more than one type, at most {MOST}% are wanted: {}",
        all.len(),
        names.join(", ")
    );
}

#[test]
fn the_glossary_tells_how_many_names_there_are() {
    let glossary = std::fs::read_to_string(root().join("GLOSSARY.md")).unwrap();
    let row = glossary
        .lines()
        .find_map(|line| line.strip_prefix("| after | some "));
    let count = row.and_then(|row| row.split(' ').next()).unwrap();
    let count: f64 = count.replace(',', "").parse().unwrap();
    let names = definitions().len() as f64;
    assert!(
        (names / count - 1.0).abs() < 0.1,
        "GLOSSARY.md says some {count} names, there are {names}"
    );
}

#[test]
fn a_line_tells_its_type() {
    for (line, expected) in [
        ("pub struct RunSpec {", Some(("RunSpec", true))),
        ("    pub(in crate::cli) enum Kind {", Some(("Kind", true))),
        (
            "pub(crate) trait LanguageModel: Send {",
            Some(("LanguageModel", true)),
        ),
        ("struct Row<'a>(&'a str);", Some(("Row", false))),
        ("pub struct $name {", None),
        ("fn struct_of() {}", None),
        ("// struct of", None),
    ] {
        assert_eq!(defined(line), expected, "{line}");
    }
}
