//! Which modules may import which, from one table: ARCHITECTURE.md prints it, and every path that
//! leaves a module is checked against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::repo::{root, sources};

/// The layers of a crate, or of a module of it, from below. A module may name those of lower layers,
/// none of its own or of higher ones.
struct Layers {
    krate: &'static str,
    /// The module whose submodules these are; empty for the crate itself.
    module: &'static str,
    from_below: &'static [&'static [&'static str]],
}

const LAYERS: [Layers; 7] = [
    Layers {
        krate: "shared",
        module: "",
        from_below: &[
            &[
                "numbers",
                "template",
                "json",
                "lines",
                "python_random",
                "text_source",
                "engine",
            ],
            &["chart", "tokens", "thinking"],
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
        krate: "shared",
        module: "advise",
        from_below: &[
            &["benchmarks", "costs", "step", "thresholds"],
            &["adaptation_paths", "evidence", "sentences"],
            &["assumed_samples", "derived_facts", "training", "verdict"],
            &["chain_probability", "inconsistent_evidence"],
            &["condition"],
            &["extension_method", "feasible_steps", "rules"],
            &["published_fix_gains", "untried_fixes"],
            &["decide", "reasons"],
            &["further_targets", "missing", "sensitivity"],
            &["uncertain_figures"],
            &["held_back"],
            &["draws", "next"],
            &[
                "cost_items",
                "cost_options",
                "decision_map",
                "headline",
                "plan",
                "window_end",
            ],
            &["advice"],
            &["memory_limit", "unmentioned_figures"],
            &["advisor", "explain"],
        ],
    },
    Layers {
        krate: "kernels",
        module: "",
        from_below: &[
            &["cancel", "cpu", "gpu", "model"],
            &["generation", "ops"],
            &["session"],
        ],
    },
    Layers {
        krate: "kernels/candle",
        module: "",
        from_below: &[
            &["cpu", "pause", "shape"],
            &[
                "device",
                "kv_cache",
                "linear",
                "product_rate",
                "weight_source",
            ],
            &["attention", "memory_needs"],
            &["decoder"],
            &["model"],
            &["load"],
        ],
    },
    Layers {
        krate: "kernels/train",
        module: "",
        from_below: &[
            &["random"],
            &["cpu", "form", "vocabulary"],
            &["network"],
            &["optimizer"],
            &["stage"],
            &["stream"],
            &["evaluation", "checkpoint"],
            &["metrics"],
            &["trainer"],
        ],
    },
    Layers {
        krate: "backend",
        module: "",
        from_below: &[
            &["work_cancellation"],
            &[
                "errors",
                "whole_file",
                "http_client",
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
        module: "",
        from_below: &[
            &["protocol", "ui"],
            &["worker_host"],
            &["client", "worker"],
            &["state"],
            &["pages"],
            &["app"],
        ],
    },
];

/// Pairs that the layers alone would allow but that must not use each other.
const APART: [(&str, &str, &str); 4] = [
    ("backend", "engine", "store"),
    ("frontend", "worker", "ui"),
    ("frontend", "client", "ui"),
    ("frontend", "state", "ui"),
];

impl Layers {
    /// The folder of the files.
    fn folder(&self) -> String {
        let folder = format!("{}/src/{}", self.krate, self.module);
        folder.trim_end_matches('/').to_owned()
    }

    /// What the map calls it.
    fn name(&self) -> String {
        match self.module {
            "" => self.krate.to_owned(),
            module => format!("{}::{module}", self.krate),
        }
    }

    /// Which of the modules each module names, with a file that does.
    fn named(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let folder = root().join(self.folder());
        let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let files = sources(&self.folder());
        let tests: Vec<Vec<String>> = files
            .iter()
            .flat_map(|(path, text)| only_tested(path.strip_prefix(&folder).unwrap(), text))
            .collect();
        let top = fs::read_to_string(folder.join("mod.rs")).unwrap_or_default();
        let reexports = reexports(&without_tests(&top));
        for (path, text) in &files {
            let inside = path.strip_prefix(&folder).unwrap();
            let module = place(inside);
            let Some(module) = module.filter(|at| !tests.iter().any(|test| at.starts_with(test)))
            else {
                continue;
            };
            let entry = all.entry(module[0].clone()).or_default();
            for other in leaves(&without_tests(text), self.module, module.len()) {
                // A name that the module above hands on belongs to the module that it comes from.
                let other = reexports.get(&other).cloned().unwrap_or(other);
                if other != module[0] {
                    entry.insert(other, inside.display().to_string());
                }
            }
        }
        all
    }
}

/// The names that a `mod.rs` hands on, each with the module that it comes from.
fn reexports(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for statement in text.split(';') {
        let Some((_, path)) = statement.split_once("pub use ") else {
            continue;
        };
        let Some((module, names)) = path.split_once("::") else {
            continue;
        };
        let names = names.trim_matches(['{', '}']).split(',');
        let names = names.map(|name| name.rsplit(" as ").next().unwrap_or(name).trim());
        found.extend(names.map(|name| (name.to_owned(), module.to_owned())));
    }
    found
}

/// The modules that `file` declares for tests alone.
pub(super) fn only_tested(file: &Path, text: &str) -> Vec<Vec<String>> {
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
pub(super) fn place(file: &Path) -> Option<Vec<String>> {
    let without = file.with_extension("");
    let mut parts: Vec<String> = without
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    let root = parts
        .first()
        .is_none_or(|first| ["lib", "main", "bin"].contains(&first.as_str()));
    let tests = parts
        .iter()
        .any(|part| part == "tests" || part == "testing");
    (!root && !tests).then_some(parts)
}

/// The text without comments and without what is only compiled for tests: those look from above.
pub(super) fn without_tests(text: &str) -> String {
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
            // An item ends with its last brace, or is a single line.
            skips = open > 0 || !(code.ends_with('}') || code.ends_with(';'));
            continue;
        }
        let _infallible = writeln!(kept, "{line}");
    }
    kept
}

/// What `text`, of a module `depth` deep, names of the crate, or of its module `within`: by `crate::`,
/// also in braces, and by as many `super::` as lead to the root.
fn leaves(text: &str, within: &str, depth: usize) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        let letters = text.chars();
        letters
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    let mut leads = vec!["super::".repeat(depth)];
    match within {
        "" => leads.push("crate::".to_owned()),
        within => leads.extend([format!("crate::{within}::"), format!("{within}::")]),
    }
    for lead in leads.iter().map(String::as_str) {
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
    found.remove("");
    found
}

/// The first segments of a list in braces, without those of nested lists.
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
    for layers in LAYERS {
        let rows = layers.from_below;
        let height = |module: &str| rows.iter().position(|row| row.contains(&module));
        let (name, folder) = (layers.name(), layers.folder());
        for (module, others) in layers.named() {
            let Some(own) = height(&module) else {
                let _infallible = writeln!(wrong, "{name}: `{module}` is in no layer");
                continue;
            };
            for (other, file) in others {
                // A macro, a type or a function of the root is no module.
                let apart = APART.contains(&(name.as_str(), module.as_str(), other.as_str()));
                if apart || height(&other).is_some_and(|at| at >= own) {
                    let _infallible =
                        writeln!(wrong, "{folder}/{file}: `{module}` may not name `{other}`");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_map_shows_the_layers() {
    let mut table = String::new();
    for layers in LAYERS {
        let rows = layers.from_below.iter().map(|row| row.join(", "));
        let rows: Vec<String> = rows.collect();
        let _infallible = writeln!(table, "{}:\n  {}", layers.name(), rows.join("\n  "));
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
    let found = leaves(&without_tests(text), "", 2);
    assert_eq!(Vec::from_iter(found), ["a", "b", "c"]);
}

#[test]
fn imports_within_a_module_are_found_by_every_way_to_it() {
    let text = "use crate::inner::{a::x, B};\nuse super::super::c::y;\nuse super::d;\n\
                use crate::{inner::e::z, other::f};\n";
    let found = leaves(text, "inner", 2);
    assert_eq!(Vec::from_iter(found), ["B", "a", "c", "e"]);
    let handed_on = reexports("mod b;\npub use b::B;\npub(super) use g::{h, I as J};\n");
    let handed_on: Vec<(&str, &str)> = handed_on
        .iter()
        .map(|(name, module)| (name.as_str(), module.as_str()))
        .collect();
    assert_eq!(handed_on, [("B", "b")]);
}
