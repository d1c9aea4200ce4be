//! Who may import whom inside the crates, from one table: ARCHITECTURE.md prints it, and every
//! path that leaves a module is held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::repo::{root, sources};

/// The layers of a crate from below. A module may name those of lower layers, none of its own or of
/// higher ones.
struct Layers {
    krate: &'static str,
    from_below: &'static [&'static [&'static str]],
}

const LAYERS: [Layers; 4] = [
    Layers {
        krate: "shared",
        from_below: &[
            &[
                "numbers",
                "template",
                "json",
                "lines",
                "python_random",
                "text_source",
                "chart",
                "engine",
            ],
            &["tokens", "thinking"],
            &["stats", "transcript"],
            &["longbench"],
            &["corpora", "published"],
            &["task"],
            &["prompt", "score"],
            &["run", "formats"],
            &["results", "api"],
            &["advise", "fuzzed"],
        ],
    },
    Layers {
        krate: "kernels",
        from_below: &[&["cancel", "cpu", "gpu", "model"], &["ops"], &["session"]],
    },
    Layers {
        krate: "backend",
        from_below: &[
            &["wanted"],
            &[
                "errors",
                "whole_file",
                "named_file",
                "script_time",
                "testing",
            ],
            &["config", "data", "store"],
            &["tokenizer"],
            &["engine"],
            &["jobs"],
            &["catalog"],
            &["http"],
            &["cli"],
        ],
    },
    Layers {
        krate: "frontend",
        from_below: &[
            &["protocol", "ui"],
            &["worker"],
            &["client"],
            &["state"],
            &["pages"],
            &["app"],
        ],
    },
];

/// Pairs that a layer alone would allow and that do not know each other all the same.
const APART: [(&str, &str, &str); 4] = [
    ("backend", "engine", "store"),
    ("frontend", "worker", "ui"),
    ("frontend", "client", "ui"),
    ("frontend", "state", "ui"),
];

/// Which modules of the crate each module names, with a file that does.
fn named(krate: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let folder = root().join(krate).join("src");
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let files = sources(&format!("{krate}/src"));
    let tests: Vec<Vec<String>> = files
        .iter()
        .flat_map(|(path, text)| only_tested(path.strip_prefix(&folder).unwrap(), text))
        .collect();
    for (path, text) in &files {
        let inside = path.strip_prefix(&folder).unwrap();
        let module = place(inside);
        let Some(module) = module.filter(|at| !tests.iter().any(|test| at.starts_with(test)))
        else {
            continue;
        };
        let entry = all.entry(module[0].clone()).or_default();
        for other in leaves(&without_tests(text), module.len()) {
            if other != module[0] {
                entry.insert(other, inside.display().to_string());
            }
        }
    }
    all
}

/// The modules that `file` declares for tests alone.
fn only_tested(file: &Path, text: &str) -> Vec<Vec<String>> {
    let own = place(file).unwrap_or_default();
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            continue;
        }
        let next = lines.next().unwrap_or_default();
        let name = next
            .split_once("mod ")
            .and_then(|(_, rest)| rest.split_once(';'));
        if let Some((name, _)) = name {
            found.push([own.as_slice(), &[name.to_owned()]].concat());
        }
    }
    found
}

/// The path of a file's module; nothing for a crate's root and for files of tests.
fn place(file: &Path) -> Option<Vec<String>> {
    let without = file.with_extension("");
    let mut parts: Vec<String> = without
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    let root = ["lib", "main", "bin"].contains(&parts[0].as_str());
    let tests = parts
        .iter()
        .any(|part| part == "tests" || part == "testing");
    (!root && !tests).then_some(parts)
}

/// The text without comments and without what is only compiled for tests: those look from above.
fn without_tests(text: &str) -> String {
    let (mut kept, mut skips, mut open) = (String::new(), false, 0_usize);
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        if code.starts_with("#[cfg(test)]") {
            skips = true;
            continue;
        }
        if skips {
            open += line.matches('{').count();
            open = open.saturating_sub(line.matches('}').count());
            // An item ends with its last brace, or is a line of its own.
            skips = open > 0 || !(code.ends_with('}') || code.ends_with(';'));
            continue;
        }
        let _infallible = writeln!(kept, "{line}");
    }
    kept
}

/// The crate's modules that `text`, of a module `depth` deep, names: by `crate::`, also in braces, and
/// by as many `super::` as lead to the root.
fn leaves(text: &str, depth: usize) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        let letters = text.chars();
        letters
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    let ups = "super::".repeat(depth);
    for lead in ["crate::", ups.as_str()] {
        for (at, _) in text.match_indices(lead) {
            let before = text[..at].chars().next_back();
            let rest = &text[at + lead.len()..];
            let longer = before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
            if longer || rest.starts_with("super::") {
                continue;
            }
            match rest.strip_prefix('{') {
                None => drop(found.insert(word(rest))),
                Some(list) => found.extend(heads(list).map(|head| word(head.trim_start()))),
            }
        }
    }
    found.retain(|name| name.chars().next().is_some_and(|c| c.is_ascii_lowercase()));
    found
}

/// The beginnings of a list in braces, not of the lists within it.
fn heads(list: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut end) = (0_i32, list.len());
    let mut cuts = vec![0];
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                end = at;
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => cuts.push(at + 1),
            _ => {}
        }
    }
    let list = &list[..end];
    cuts.into_iter().filter_map(move |at| list.get(at..))
}

#[test]
fn every_import_leads_downwards() {
    let mut wrong = String::new();
    for Layers { krate, from_below } in LAYERS {
        let height = |module: &str| from_below.iter().position(|row| row.contains(&module));
        for (module, others) in named(krate) {
            let Some(own) = height(&module) else {
                let _infallible = writeln!(wrong, "{krate}: `{module}` is in no layer");
                continue;
            };
            for (other, file) in others {
                // A macro or a function of the crate's root is no module.
                let apart = APART.contains(&(krate, module.as_str(), other.as_str()));
                if apart || height(&other).is_some_and(|at| at >= own) {
                    let _infallible = writeln!(
                        wrong,
                        "{krate}/src/{file}: `{module}` may not name `{other}`"
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_map_shows_the_layers() {
    let mut table = String::new();
    for Layers { krate, from_below } in LAYERS {
        let rows: Vec<String> = from_below.iter().map(|row| row.join(", ")).collect();
        let _infallible = writeln!(table, "{krate}:\n  {}", rows.join("\n  "));
    }
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(
        map.contains(&table),
        "ARCHITECTURE.md lacks this table:\n{table}"
    );
}

#[test]
fn imports_are_found_wherever_they_stand() {
    let text = "use crate::{a::{x, y}, b};\nfn f() {\n    super::super::c::g();\n}\n// crate::d::h\n\
                #[cfg(test)]\nmod tests {\n    use crate::e::i;\n}\n";
    let found = leaves(&without_tests(text), 2);
    assert_eq!(Vec::from_iter(found), ["a", "b", "c"]);
}
