//! What determines the samples, by the names of the original scripts.

use std::collections::BTreeMap;

use clap::Args;
use fathom_shared::task::custom::{self, TaskFile};
use fathom_shared::task::{Profile, TASKS, TaskSpec};
use fathom_shared::tokens::Tokens;

const RANDOM_SEED: u32 = 42;

/// What does not depend on task and length.
#[derive(Debug, Args)]
pub(super) struct SpecOptions {
    /// Seeds every random choice [default: 42, or the task file's]
    #[arg(long, value_name = "S")]
    random_seed: Option<u32>,
    /// An option of the task by its name in RULER's scripts, e.g. `num_hops=2`, or lines of them as
    /// in synthetic.yaml, `num_hops: 2`; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pairs)]
    set: Vec<OptionPairs>,
    /// Whose rules place and fit the samples: the original's, byte for byte (`upstream`), or the
    /// original's text with the evidence spread evenly over the depth (`stratified`)
    /// [default: upstream, or the task file's]
    #[arg(long, value_name = "PROFILE")]
    profile: Option<Profile>,
}

impl SpecOptions {
    pub(super) fn spec(&self, task: &str, max_seq_length: u32) -> anyhow::Result<TaskSpec> {
        let seed = self.random_seed.unwrap_or(RANDOM_SEED);
        self.with_options(TaskSpec::new(task, Tokens(max_seq_length), seed))
    }

    /// The spec of a task file; what the command line says goes before what the file says.
    pub(super) fn spec_of(&self, file: &TaskFile, max_seq_length: u32) -> anyhow::Result<TaskSpec> {
        self.with_options(file.spec(Some(Tokens(max_seq_length)), self.random_seed))
    }

    fn with_options(&self, mut spec: TaskSpec) -> anyhow::Result<TaskSpec> {
        if let Some(profile) = self.profile {
            spec.profile = profile;
        }
        let mut said = BTreeMap::new();
        for (key, value) in self.set.iter().flat_map(|pairs| &pairs.0) {
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
    // A script of one's own comes by --task-file.
    let known = TASKS
        .iter()
        .filter(|task| task.id() != custom::ID)
        .map(|task| clap::builder::PossibleValue::new(task.id()).help(task.about()));
    known.collect::<Vec<_>>().into()
}

/// Options that were given together.
#[derive(Clone, Debug)]
struct OptionPairs(Vec<(String, String)>);

/// `key=value`, or `key: value` a line.
fn pairs(text: &str) -> Result<OptionPairs, String> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs: Vec<_> = lines.map(pair).collect::<Result<_, _>>()?;
    match pairs.is_empty() {
        true => Err("expected key=value, or lines of key: value".to_owned()),
        false => Ok(OptionPairs(pairs)),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let yaml = || {
        let (key, value) = text.split_once(": ")?;
        let value = value.split(" #").next().unwrap_or_default().trim();
        let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        Some((key.trim(), quoted('\'').or(quoted('"')).unwrap_or(value)))
    };
    match text.split_once('=').or_else(yaml) {
        Some((key, value)) if !key.is_empty() => {
            // As Python writes them.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_by_pairs_and_by_lines() {
        let of = |text: &str| pairs(text).map(|pairs| pairs.0);
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(of("num_hops=2"), Ok(vec![pair("num_hops", "2")]));
        let lines = "    type_haystack: 'essay'\n    num_hops: 4  # links\n\n    flat: True\n";
        let expected = vec![
            pair("type_haystack", "essay"),
            pair("num_hops", "4"),
            pair("flat", "true"),
        ];
        assert_eq!(of(lines), Ok(expected));
        for wrong in ["", "num_hops", "=2", "num_hops:2"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
