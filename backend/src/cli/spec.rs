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
    /// An option of the task, e.g. `num_hops=2`; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
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
        for (key, value) in &self.set {
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

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form key=value")),
    }
}
