//! RULER's `synthetic.yaml`: tasks by name, each with its script and the script's options.

use std::collections::BTreeMap;

use anyhow::Context;
use fathom_shared::task::custom::TaskFile;
use fathom_shared::task::{Profile, TaskSpec, find};
use fathom_shared::tokens::Tokens;
use serde::Deserialize;
use serde_json::Value;

/// As much YAML is read; the original's file has 3 KB.
const MOST: usize = 1 << 20;

/// RULER's scripts with the task that each makes when nothing else is said.
const SCRIPTS: [(&str, &str); 5] = [
    ("niah", "niah_single_1"),
    ("variable_tracking", "vt"),
    ("common_words_extraction", "cwe"),
    ("freq_words_extraction", "fwe"),
    ("qa", "qa_1"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SyntheticTask {
    /// The script's name.
    task: String,
    #[serde(default)]
    args: Option<BTreeMap<String, Value>>,
}

/// The tasks of a file with their names, in the order of the names.
pub(super) fn read(name: &str, text: &str) -> anyhow::Result<Vec<(String, TaskFile)>> {
    let size = text.len();
    anyhow::ensure!(
        size <= MOST,
        "`{name}` has {size} bytes, at most {MOST} are read"
    );
    let expected = || {
        format!(
            "`{name}`: expected tasks as RULER's synthetic.yaml has them, NAME: {{task: SCRIPT, args: …}}"
        )
    };
    let entries: BTreeMap<String, SyntheticTask> = serde_saphyr::from_str(text)
        .map_err(|error| anyhow::anyhow!("{error}"))
        .or_else(|error| match doubled(&error.to_string()) {
            Some(key) => Err(anyhow::anyhow!("`{name}`: `{key}` is there twice")),
            None => Err(error.context(expected())),
        })?;
    anyhow::ensure!(!entries.is_empty(), "`{name}` has no tasks");
    let tasks = entries.into_iter().map(|(task, entry)| {
        let read = task_of(name, &task, entry);
        read.with_context(|| format!("`{name}`, task `{task}`"))
            .map(|read| (task, read))
    });
    tasks.collect()
}

/// The key that stands twice, where that is what the YAML reader says.
fn doubled(error: &str) -> Option<&str> {
    let (_, rest) = error.split_once("duplicate mapping key: ")?;
    rest.split([',', '\n']).next()
}

fn task_of(file: &str, name: &str, entry: SyntheticTask) -> anyhow::Result<TaskFile> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    // It becomes the name of a folder.
    anyhow::ensure!(
        name.chars().all(safe) && !name.trim_matches('.').is_empty(),
        "expected a name of letters, digits, `_`, `-` and `.`"
    );
    let script = SCRIPTS.iter().find(|(script, _)| *script == entry.task);
    let (script, plain) = script.with_context(|| {
        let known = SCRIPTS.map(|(script, _)| script).join(", ");
        format!("`task: {}` is none of RULER's scripts: {known}", entry.task)
    })?;
    let mut set = BTreeMap::new();
    for (key, value) in entry.args.unwrap_or_default() {
        let value = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Bool(on) => on.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Array(_) | Value::Object(_) => {
                anyhow::bail!("`{key}`: expected a word, a number, true or false")
            }
        };
        set.insert(key, value);
    }
    let plain = match set.get("dataset").map(String::as_str) {
        Some("hotpotqa") if *script == "qa" => "qa_2",
        _ => plain,
    };
    // RULER's own names have the same options already; any other is the plain task with its own.
    let own =
        find(name).is_ok_and(|task| is_of(task.id(), script) && (*script != "qa" || name == plain));
    let id = if own { name } else { plain };
    let task = find(id)?;
    let spec = TaskSpec {
        set: set.clone(),
        ..TaskSpec::new(id, Tokens(4096), 0)
    };
    spec.validate()?;
    Ok(TaskFile {
        name: file.to_owned(),
        title: task.title().to_owned(),
        task: id.to_owned(),
        profile: Profile::default(),
        max_seq_length: None,
        random_seed: None,
        set,
        script: None,
    })
}

/// Whether a task is made by a script.
pub(super) fn is_of(task: &str, script: &str) -> bool {
    match script {
        "niah" | "qa" => task
            .strip_prefix(script)
            .is_some_and(|rest| rest.starts_with('_')),
        _ => SCRIPTS.contains(&(script, task)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULER's file, in its own shape; the values are those of NVIDIA/RULER c3f5e3b.
    const SYNTHETIC: &str = "\
niah_single_1:
  task: niah
  args:
    type_haystack: noise
    type_needle_k: words
    type_needle_v: numbers
    num_needle_k: 1
    num_needle_v: 1
    num_needle_q: 1
niah_multikey_3:
  task: niah
  args: {type_haystack: needle, type_needle_k: uuids, type_needle_v: uuids, num_needle_k: 1, num_needle_v: 1, num_needle_q: 1}
vt:
  task: variable_tracking
  args:
    type_haystack: 'noise'
    num_chains: 1
    num_hops: 4
cwe:
  task: common_words_extraction
  args:
    freq_cw: 30
    freq_ucw: 3
    num_cw: 10
fwe:
  task: freq_words_extraction
  args:
    alpha: 2.0
qa_1:
  task: qa
  args:
    dataset: squad
qa_2:
  task: qa
  args:
    dataset: hotpotqa
my_hops:
  task: variable_tracking
  args:
    num_hops: 2
    remove_newline_tab: True
my_qa:
  task: qa
  args:
    dataset: hotpotqa
";

    #[test]
    fn the_originals_file_is_read() {
        let tasks = read("synthetic.yaml", SYNTHETIC).unwrap();
        let ids: Vec<(&str, &str)> = tasks
            .iter()
            .map(|(name, file)| (name.as_str(), file.task.as_str()))
            .collect();
        let expected = [
            ("cwe", "cwe"),
            ("fwe", "fwe"),
            ("my_hops", "vt"),
            ("my_qa", "qa_2"),
            ("niah_multikey_3", "niah_multikey_3"),
            ("niah_single_1", "niah_single_1"),
            ("qa_1", "qa_1"),
            ("qa_2", "qa_2"),
            ("vt", "vt"),
        ];
        assert_eq!(ids, expected);
        assert_eq!(tasks[2].1.set["num_hops"], "2");
        assert_eq!(tasks[1].1.set["alpha"], "2.0");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let says = |text: &str| format!("{:#}", read("s.yaml", text).unwrap_err());
        let cases = [
            (
                "a: {task: nia}",
                "`task: nia` is none of RULER's scripts: niah, ",
            ),
            (
                "a: {task: niah, args: {hay: x}}",
                "unknown option `hay`; this task takes type_haystack",
            ),
            (
                "a: {task: niah, args: {num_needle_k: [1]}}",
                "`num_needle_k`: expected a word",
            ),
            ("'../a': {task: niah}", "expected a name of letters"),
            ("a: 7", "synthetic.yaml"),
            ("a: {task: niah, more: 1}", "more"),
            ("[", "synthetic.yaml"),
            (
                "a: {task: niah, args: {save_dir: x}}",
                "`save_dir` is no option of this task: it is said by `--output`",
            ),
        ];
        for (text, expected) in cases {
            let got = says(text);
            assert!(got.contains(expected), "{text}: {got}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_named() {
        let says = |text: &str| format!("{:#}", read("s.yaml", text).unwrap_err());
        let twice = says("niah_x: {task: niah}\nniah_x: {task: niah}");
        assert_eq!(twice, "`s.yaml`: `niah_x` is there twice");
        let option = says("a:\n  task: niah\n  args:\n    num_needle_k: 1\n    num_needle_k: 2\n");
        assert_eq!(option, "`s.yaml`: `num_needle_k` is there twice");
    }

    /// Aliases of aliases would become gigabytes.
    #[test]
    fn a_file_that_grows_is_refused() {
        let mut text =
            "a0: &a0 {task: niah, args: {type_haystack: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}\n"
                .to_owned();
        for n in 1..30 {
            let all = vec![format!("*a{}", n - 1); 10].join(", ");
            text.push_str(&format!("a{n}: &a{n} [{all}]\n"));
        }
        assert!(read("bomb.yaml", &text).is_err());
    }
}
