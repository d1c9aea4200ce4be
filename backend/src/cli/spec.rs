//! Options that determine the samples, named as in RULER's scripts.

use std::collections::BTreeMap;

use clap::Args;
use fathom_shared::published::ruler::window;
use fathom_shared::task::custom::TaskFile;
use fathom_shared::task::{Profile, TASKS, TaskSpec};
use fathom_shared::tokens::Tokens;

use super::synthetic;

const RANDOM_SEED: u32 = 42;

/// The options that do not depend on task and length.
#[derive(Debug, Args)]
pub(super) struct SpecOptions {
    /// Seeds every random choice [default: 42, or the task file's]
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    random_seed: Option<u32>,
    /// An option of the task, with its name in RULER's scripts, such as `num_hops=2`; or lines as
    /// in synthetic.yaml, `num_hops: 2`, optionally with the lines above them that name task and
    /// script. May be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pairs)]
    set: Vec<OptionPairs>,
    /// How samples are placed and fitted: exactly like the original (`upstream`), or with the
    /// original's text but the evidence spread evenly over the depth (`stratified`) [default:
    /// upstream, or the task file's]
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
}

impl SpecOptions {
    pub(super) fn spec(&self, task: &str, max_seq_length: u32) -> anyhow::Result<TaskSpec> {
        let seed = self.random_seed.unwrap_or(RANDOM_SEED);
        self.with_options(TaskSpec::new(task, Tokens(max_seq_length), seed))
    }

    /// The spec of a task file; the command line takes precedence over the file.
    pub(super) fn spec_of(&self, file: &TaskFile, max_seq_length: u32) -> anyhow::Result<TaskSpec> {
        self.with_options(file.spec(Some(Tokens(max_seq_length)), self.random_seed))
    }

    fn with_options(&self, mut spec: TaskSpec) -> anyhow::Result<TaskSpec> {
        if let Some(profile) = self.profile {
            spec.profile = profile;
        }
        let mut said = BTreeMap::new();
        for script in self.set.iter().filter_map(|set| set.script.as_ref()) {
            anyhow::ensure!(
                synthetic::is_of(&spec.task, script),
                "--set: the lines are options of the script `{script}`, which does not make `{}`",
                spec.task
            );
        }
        for (key, value) in self.set.iter().flat_map(|set| &set.pairs) {
            if let Some(before) = said.insert(key.clone(), value.clone()) {
                anyhow::bail!("--set {key} is given twice, as `{before}` and as `{value}`");
            }
        }
        spec.set.extend(said);
        spec.validate()?;
        Ok(spec)
    }
}

/// The ids of all tasks, for the help.
pub(super) fn task_ids() -> clap::builder::PossibleValuesParser {
    // A custom script is given with --task-file.
    let known = TASKS
        .iter()
        .filter(|task| !task.takes_script())
        .map(|task| clap::builder::PossibleValue::new(task.id()).help(task.about()));
    known.collect::<Vec<_>>().into()
}

/// Options that were given together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct OptionPairs {
    pairs: Vec<(String, String)>,
    /// The RULER script that they belong to, if the lines say so.
    script: Option<String>,
}

/// Parses `key=value`, or one `key: value` per line as in synthetic.yaml; the lines above them in
/// that file (`NAME:`, `task: SCRIPT`, `args:`) may be included.
fn pairs(text: &str) -> Result<OptionPairs, String> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    let mut out = OptionPairs::default();
    let mut headers = 0;
    for line in &lines {
        // A single line can only be an option.
        let bare = line.split(" #").next().unwrap_or_default().trim_end();
        let header = bare.strip_suffix(':').filter(|_| lines.len() > 1);
        let inline = bare
            .strip_prefix("args: {")
            .and_then(|args| args.strip_suffix('}'));
        if let Some(args) = inline {
            let args = args.split(',').map(str::trim).filter(|arg| !arg.is_empty());
            out.pairs
                .extend(args.map(pair).collect::<Result<Vec<_>, _>>()?);
        } else if let Some(name) = header {
            headers += usize::from(name != "args");
        } else {
            match pair(line)? {
                (key, script) if key == "task" && lines.len() > 1 => out.script = Some(script),
                option => out.pairs.push(option),
            }
        }
    }
    match out.pairs.is_empty() {
        _ if headers > 1 => {
            Err("these are several tasks; give their file by --task-file".to_owned())
        }
        true => Err("expected key=value, or lines of key: value".to_owned()),
        false => Ok(out),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let yaml = || {
        let (key, value) = text.split_once(": ")?;
        Some((key, value.split(" #").next().unwrap_or_default()))
    };
    // Split at whichever sign comes first, as the value may contain the other.
    let first = |sign: &str| text.find(sign).unwrap_or(usize::MAX);
    let found = match first("=") < first(": ") {
        true => text.split_once('='),
        false => yaml(),
    };
    match found.map(|(key, value)| (key.trim(), value.trim())) {
        Some((key, value)) if !key.is_empty() => {
            let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
            let value = quoted('\'').or(quoted('"')).unwrap_or(value);
            // In Python's spelling.
            let value = match value {
                "True" => "true",
                "False" => "false",
                value => value,
            };
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err(format!(
            "`{text}` is not of the form key=value or key: value"
        )),
    }
}

/// A length in tokens, as in model cards: `4096`, `4K`, `1M`.
pub(super) fn length(text: &str) -> Result<u32, String> {
    let tokens = window(text).filter(|tokens| tokens.0 > 0);
    let tokens = tokens.ok_or("expected a number of tokens above 0: 4096, 4K, 1M")?;
    Ok(tokens.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_by_pairs_and_by_lines() {
        let of = |text: &str| pairs(text).map(|set| set.pairs);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        for one in ["num_hops=2", " num_hops = '2' ", "num_hops: 2"] {
            assert_eq!(of(one), Ok(vec![pair("num_hops", "2")]), "{one}");
        }
        let lines = "    type_haystack: 'essay'\n    num_hops: 4  # links\n\n    flat: True\n";
        let expected = vec![
            pair("type_haystack", "essay"),
            pair("num_hops", "4"),
            pair("flat", "true"),
        ];
        assert_eq!(of(lines), Ok(expected));
        for wrong in ["", "num_hops", "=2", "num_hops:2", "vt:", "args:"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_whole_task_of_synthetic_yaml_can_be_pasted() {
        let block = "vt:\n  task: variable_tracking  # the script\n  args:\n    type_haystack: 'noise'\n    num_hops: 2\n";
        let flow = "vt:\n  task: variable_tracking\n  args: {type_haystack: noise, num_hops: 2}";
        for text in [block, flow] {
            let set = pairs(text).unwrap();
            assert_eq!(set.script.as_deref(), Some("variable_tracking"), "{text}");
            let names: Vec<&str> = set.pairs.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(names, ["type_haystack", "num_hops"], "{text}");
            let options = SpecOptions {
                random_seed: None,
                set: vec![set],
                profile: None,
            };
            assert_eq!(options.spec("vt", 4096).unwrap().set["num_hops"], "2");
            let other = options.spec("cwe", 4096).unwrap_err().to_string();
            assert!(other.contains("which does not make `cwe`"), "{other}");
        }
        let two = "a:\n  task: qa\nb:\n  task: niah\n";
        assert!(pairs(two).unwrap_err().contains("--task-file"));
    }

    #[test]
    fn lengths_come_in_thousands_as_well() {
        assert_eq!(length("4096"), Ok(4096));
        assert_eq!(length("4K"), Ok(4096));
        assert!(length("0").is_err() && length("K").is_err());
    }
}
