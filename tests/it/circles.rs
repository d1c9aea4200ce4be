//! No circles between sibling modules, in any folder of any crate. A `mod.rs` that uses its children,
//! and children that use what their `mod.rs` defines, are not siblings and do not count.

use std::collections::{BTreeMap, BTreeSet};

use crate::layers::{only_tested, place, without_tests};
use crate::repo::{root, sources};

/// Where the modules of a crate begin.
const CRATES: [&str; 7] = [
    "shared",
    "kernels",
    "kernels/candle",
    "kernels/train",
    "backend",
    "frontend",
    "xtask",
];

/// A module's path from the crate's root, which is empty.
type ModulePath = Vec<String>;

/// Which siblings a module uses, each with the path that says so.
type Uses = BTreeMap<String, BTreeMap<String, String>>;

/// The modules of one crate, with what they export again.
struct Modules {
    texts: BTreeMap<ModulePath, String>,
    all: BTreeSet<ModulePath>,
    /// Of a module and a name: the module that the name comes from.
    exports: BTreeMap<(ModulePath, String), ModulePath>,
}

impl Modules {
    fn of(krate: &str) -> Self {
        let folder = root().join(krate).join("src");
        let files = sources(&format!("{krate}/src"));
        let tested: Vec<ModulePath> = files
            .iter()
            .flat_map(|(path, text)| only_tested(path.strip_prefix(&folder).unwrap(), text))
            .collect();
        let mut texts = BTreeMap::new();
        for (path, text) in &files {
            let Some(module) = place(path.strip_prefix(&folder).unwrap()) else {
                continue;
            };
            if !tested.iter().any(|test| module.starts_with(test)) {
                texts.insert(module, without_tests(text));
            }
        }
        let prefixes = texts
            .keys()
            .flat_map(|module| (0..=module.len()).map(move |end| module[..end].to_vec()));
        let all = prefixes.collect();
        let mut modules = Self {
            texts,
            all,
            exports: BTreeMap::new(),
        };
        let mut exports = BTreeMap::new();
        for (module, text) in &modules.texts {
            for used in exported(text) {
                let Some((base, rest)) = modules.base(module, &used) else {
                    continue;
                };
                let (from, read) = modules.deepest(base, rest);
                if let (true, Some(name)) = (read < rest.len(), rest.last()) {
                    exports.insert((module.clone(), name.clone()), from);
                }
            }
        }
        modules.exports = exports;
        modules
    }

    /// Where a path of `module` begins, and its names from there; `None` for other crates' paths.
    fn base<'a>(
        &self,
        module: &[String],
        path: &'a [String],
    ) -> Option<(ModulePath, &'a [String])> {
        let ups = path.iter().take_while(|name| *name == "super").count();
        match path.first()?.as_str() {
            "crate" => Some((Vec::new(), &path[1..])),
            "self" => Some((module.to_vec(), &path[1..])),
            "super" => Some((
                module[..module.len().checked_sub(ups)?].to_vec(),
                &path[ups..],
            )),
            child => {
                let inside = [module, &[child.to_owned()]].concat();
                self.all.contains(&inside).then(|| (module.to_vec(), path))
            }
        }
    }

    /// The deepest module on a path, and how many of the path's names lead to it.
    fn deepest(&self, mut module: ModulePath, names: &[String]) -> (ModulePath, usize) {
        for (read, name) in names.iter().enumerate() {
            module.push(name.clone());
            if !self.all.contains(&module) {
                module.pop();
                return (module, read);
            }
        }
        (module, names.len())
    }

    /// The module that a path means: where a name is exported again, its origin.
    fn origin(&self, base: ModulePath, names: &[String]) -> ModulePath {
        let (module, read) = self.deepest(base, names);
        let exported = names
            .get(read)
            .and_then(|name| self.exports.get(&(module.clone(), name.clone())));
        exported.cloned().unwrap_or(module)
    }

    /// For each folder, which of its modules use which.
    fn folders(&self) -> BTreeMap<ModulePath, Uses> {
        let mut folders: BTreeMap<ModulePath, Uses> = BTreeMap::new();
        for (module, text) in &self.texts {
            for path in relative(text) {
                let Some((base, names)) = self.base(module, &path) else {
                    continue;
                };
                let used = self.origin(base, names);
                let shared = module.iter().zip(&used).take_while(|(a, b)| a == b).count();
                if let (Some(own), Some(other)) = (module.get(shared), used.get(shared)) {
                    let says = format!("{} uses {}", module.join("::"), path.join("::"));
                    let folder = folders.entry(module[..shared].to_vec()).or_default();
                    let uses = folder.entry(own.clone()).or_default();
                    uses.entry(other.clone()).or_insert(says);
                }
            }
        }
        folders
    }
}

/// The paths in `text` that begin in this crate: `crate::…`, `super::…`, `self::…`.
fn relative(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for lead in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(lead) {
            let before = text[..at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c));
            if !inside {
                paths(&text[at..], &[], &mut found);
            }
        }
    }
    found
}

/// The paths that `text` exports with `pub use`, to the crate or to more.
fn exported(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("use ") {
        let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
        if line.trim_start().starts_with("pub") {
            paths(&text[at + "use ".len()..], &[], &mut found);
        }
    }
    found
}

/// Reads a path with its lists in braces, each name of a list as a path; gives back what follows.
fn paths<'a>(text: &'a str, before: &[String], found: &mut Vec<Vec<String>>) -> &'a str {
    let (mut path, mut rest) = (before.to_vec(), text.trim_start());
    loop {
        if let Some(list) = rest.strip_prefix('{') {
            rest = list.trim_start();
            while !rest.is_empty() && !rest.starts_with('}') {
                let after = paths(rest, &path, found).trim_start();
                // Not a list of names: a block of code.
                if after.len() == rest.len() {
                    return after;
                }
                rest = after.strip_prefix(',').unwrap_or(after).trim_start();
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if name.is_empty() {
            found.push(path);
            return after.strip_prefix('*').unwrap_or(after);
        }
        path.push(name.to_owned());
        match after.strip_prefix("::") {
            Some(more) => rest = more.trim_start(),
            None => {
                found.push(path);
                let renamed = after.strip_prefix(" as ");
                let renamed = renamed.map(|alias| {
                    alias.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                });
                return renamed.unwrap_or(after);
            }
        }
    }
}

/// All modules that lead back to themselves.
fn circle(uses: &Uses) -> BTreeSet<&str> {
    let reached = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(module) = open.pop() {
            for other in uses.get(&module).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        seen
    };
    let names = uses.keys().map(String::as_str);
    names.filter(|name| reached(name).contains(*name)).collect()
}

#[test]
fn no_sibling_modules_use_each_other_in_a_circle() {
    let mut faults = Vec::new();
    for krate in CRATES {
        let modules = Modules::of(krate);
        assert!(modules.texts.len() > 10, "{krate} has few modules");
        for (folder, uses) in modules.folders() {
            let (circle, folder) = (circle(&uses), folder.join("::"));
            if circle.is_empty() {
                continue;
            }
            let inside = uses.iter().filter(|(own, _)| circle.contains(own.as_str()));
            let says = inside.flat_map(|(_, others)| others.iter());
            let says = says.filter(|(other, _)| circle.contains(other.as_str()));
            let says: Vec<&str> = says.map(|(_, says)| says.as_str()).collect();
            faults.push(format!("{krate}/{folder}:\n  {}", says.join("\n  ")));
        }
    }
    assert!(
        faults.is_empty(),
        "circles between siblings:\n{}",
        faults.join("\n")
    );
}

#[test]
fn paths_are_read_with_their_lists() {
    let text = "use crate::a::{b::{C, d}, self as e, F as G};\nlet x = super::h::i();\n\
                pub use j::K;\nfn f() -> crate::L { x }\n";
    let read =
        |all: Vec<Vec<String>>| -> Vec<String> { all.iter().map(|path| path.join("::")).collect() };
    let found = [
        "crate::a::b::C",
        "crate::a::b::d",
        "crate::a::self",
        "crate::a::F",
        "crate::L",
        "super::h::i",
    ];
    assert_eq!(read(relative(text)), found);
    assert_eq!(read(exported(text)), ["j::K"]);
}

#[test]
fn a_circle_is_found_also_over_three() {
    let mut uses = Uses::new();
    for (own, other) in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")] {
        uses.entry(own.to_owned())
            .or_default()
            .insert(other.to_owned(), String::new());
    }
    assert_eq!(Vec::from_iter(circle(&uses)), ["a", "b", "c"]);
}
