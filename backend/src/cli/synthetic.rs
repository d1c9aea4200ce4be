//! Reads RULER's `synthetic.yaml`: tasks by name, each with its script and the script's options.

use std::collections::BTreeMap;

use anyhow::Context;
use fathom_shared::task::custom::TaskFile;
use fathom_shared::task::{Profile, Task, TaskSpec, ruler};
use fathom_shared::tokens::Tokens;
use serde::Deserialize;
use serde_json::Value;

/// How many bytes of YAML are read at most; the original's file has 3 KB.
const MOST: usize = 1 << 20;

/// The tasks that one RULER script makes, in RULER's order.
fn tasks_of(script: &str) -> impl Iterator<Item = &'static dyn Task> {
    ruler::tasks().filter(move |task| task.ruler_script() == Some(script))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SyntheticTask {
    /// The script's name.
    task: String,
    #[serde(default)]
    args: Option<BTreeMap<String, Value>>,
}

/// The tasks of a file with their names, sorted by name.
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
    let entries: BTreeMap<String, SyntheticTask> =
        serde_saphyr::from_str(text).map_err(|error| match doubled(&error.to_string()) {
            Some(key) => anyhow::anyhow!("`{name}`: `{key}` appears twice"),
            None => anyhow::anyhow!("{error}").context(expected()),
        })?;
    anyhow::ensure!(!entries.is_empty(), "`{name}` has no tasks");
    let tasks = entries.into_iter().map(|(task, entry)| {
        let read = task_of(name, &task, entry);
        read.with_context(|| format!("`{name}`, task `{task}`"))
            .map(|read| (task, read))
    });
    tasks.collect()
}

/// The duplicate key, if that is what the YAML reader's error is about.
fn doubled(error: &str) -> Option<&str> {
    let (_, rest) = error.split_once("duplicate mapping key: ")?;
    rest.split([',', '\n']).next()
}

fn task_of(file: &str, name: &str, entry: SyntheticTask) -> anyhow::Result<TaskFile> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    // The name is also used for a folder.
    anyhow::ensure!(
        name.chars().all(safe) && !name.trim_matches('.').is_empty(),
        "expected a name of letters, digits, `_`, `-` and `.`"
    );
    let script = &entry.task;
    let plain = tasks_of(script).next().with_context(|| {
        let mut known: Vec<_> = ruler::tasks().filter_map(Task::ruler_script).collect();
        known.dedup();
        let known = known.join(", ");
        format!("`task: {script}` is not one of RULER's scripts: {known}")
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
    let own = tasks_of(script).find(|task| task.id() == name);
    // Options that an entry omits have the script's default values.
    if *script == "niah" && own.is_none() {
        set.entry("type_haystack".to_owned())
            .or_insert_with(|| "essay".to_owned());
    }
    let spec = |task: &dyn Task| TaskSpec {
        set: set.clone(),
        ..TaskSpec::new(task.id(), Tokens(4096), 0)
    };
    // RULER's own names already have the same options; any other name uses the script's first task
    // that accepts the entry's options.
    let mut tasks = own.into_iter().chain(tasks_of(script));
    let takes = tasks.find(|task| spec(*task).validate().is_ok());
    let task = takes.or(own).unwrap_or(plain);
    spec(task).validate()?;
    Ok(TaskFile {
        name: file.to_owned(),
        title: task.title().to_owned(),
        task: task.id().to_owned(),
        profile: Profile::default(),
        max_seq_length: None,
        random_seed: None,
        set,
        script: None,
    })
}

/// Whether a task is made by this script.
pub(super) fn is_of(task: &str, script: &str) -> bool {
    tasks_of(script).any(|one| one.id() == task)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULER's file in its own layout; the values are those of NVIDIA/RULER c3f5e3b.
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
        // Like `niah.py` without `--type_haystack`.
        for args in ["{}", "{num_needle_k: 2}", "{type_haystack: ~}"] {
            let text = format!("mine: {{task: niah, args: {args}}}");
            let set = &read("s.yaml", &text).unwrap()[0].1.set;
            assert_eq!(set["type_haystack"], "essay", "{args}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let says = |text: &str| format!("{:#}", read("s.yaml", text).unwrap_err());
        let cases = [
            (
                "a: {task: nia}",
                "`task: nia` is not one of RULER's scripts: niah, ",
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
                "`save_dir` is not an option of this task: it is set by `--output`",
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
        assert_eq!(twice, "`s.yaml`: `niah_x` appears twice");
        let option = says("a:\n  task: niah\n  args:\n    num_needle_k: 1\n    num_needle_k: 2\n");
        assert_eq!(option, "`s.yaml`: `num_needle_k` appears twice");
    }

    /// Nested aliases would expand to gigabytes.
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
