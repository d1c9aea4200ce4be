//! What a form asks for, as its URL says it. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fathom_shared::api;
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{self, Profile, TASKS, TaskSpec};
use fathom_shared::tokens::Tokens;
use leptos::prelude::Callback;

use super::query::query;
use super::script::{self, ScriptText};
use crate::protocol::{BuildError, BuildRequest, FormField, RunKey};
use crate::state::builder::TokenizerChoice;

/// Changes what a page asks for, and with it its address.
pub(crate) type SetSampleQuery = Callback<SampleQuery>;

/// The most samples that the form asks for at once.
pub(crate) const MOST_SAMPLES: u32 = 500;

/// What the form says, as typed: everything the page shows follows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SampleQuery {
    /// The task's id.
    pub(crate) task: String,
    /// Tokens in all.
    pub(crate) length: String,
    /// The seed.
    pub(crate) seed: String,
    /// The sample's number.
    pub(crate) sample: String,
    /// Options that were set.
    pub(crate) set: BTreeMap<String, String>,
    /// Whose rules place and fit.
    pub(crate) profile: String,
    /// The script of a task of one's own.
    pub(crate) script: Option<ScriptText>,
    /// Chat or completion.
    pub(crate) mode: PromptMode,
    /// Who counts: the name of a [`TokenizerChoice`].
    pub(crate) tokenizer: String,
    /// How many samples the server is to run.
    pub(crate) count: String,
    /// The server's run that is shown.
    pub(crate) run: Option<i64>,
    /// The task that stands beside it, made the same way.
    pub(crate) beside: Option<String>,
}

impl Default for SampleQuery {
    fn default() -> Self {
        Self {
            task: TASKS[0].id().to_owned(),
            length: "1024".to_owned(),
            seed: "42".to_owned(),
            sample: "0".to_owned(),
            set: BTreeMap::new(),
            profile: Profile::Upstream.name().to_owned(),
            script: None,
            mode: PromptMode::Chat,
            tokenizer: TokenizerChoice::Model.name().to_owned(),
            count: "1".to_owned(),
            run: None,
            beside: None,
        }
    }
}

impl SampleQuery {
    /// Reads a query string's parameters; what is absent has its default.
    pub(crate) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let default = Self::default();
        let task = get("task").unwrap_or(default.task);
        let task_options = task::find(&task).map_or(&[][..], |task| task.task_options());
        let set = task_options
            .iter()
            .filter_map(|task_option| Some((task_option.name.to_owned(), get(task_option.name)?)))
            .collect();
        let mode = match get("mode").as_deref() {
            Some("completion") => PromptMode::Completion,
            _ => PromptMode::Chat,
        };
        let script = get("script").map(|carried| script::unpack(&carried));
        Self {
            script: script.or_else(|| script::beginning(&task, None)),
            task,
            length: get("length").unwrap_or(default.length),
            seed: get("seed").unwrap_or(default.seed),
            sample: get("sample").unwrap_or(default.sample),
            set,
            profile: get("profile").unwrap_or(default.profile),
            mode,
            tokenizer: get("tokenizer").unwrap_or(default.tokenizer),
            count: get("count").unwrap_or(default.count),
            run: get("run").and_then(|run| run.parse().ok()),
            beside: get("beside").filter(|task| !task.is_empty()),
        }
    }

    /// Whether an address is one of a sample: `has` says which parameters it has.
    pub(crate) fn is_in(has: impl Fn(&str) -> bool) -> bool {
        const OWN: [&str; 11] = [
            "task",
            "length",
            "seed",
            "sample",
            "profile",
            "script",
            "mode",
            "tokenizer",
            "count",
            "run",
            "beside",
        ];
        OWN.into_iter().any(has)
    }

    /// The query string, with its question mark; [`from_query`](Self::from_query) reads it back.
    pub(crate) fn to_query(&self) -> String {
        query(&self.pairs())
    }

    /// The parameters, in order; what has its default is mostly left out.
    pub(crate) fn pairs(&self) -> Vec<(&str, Cow<'_, str>)> {
        let mut pairs: Vec<(&str, Cow<'_, str>)> = vec![
            ("task", (&self.task).into()),
            ("length", (&self.length).into()),
            ("seed", (&self.seed).into()),
            ("sample", (&self.sample).into()),
        ];
        let set = self.set.iter();
        pairs.extend(set.map(|(name, value)| (name.as_str(), value.into())));
        if self.profile != Profile::Upstream.name() {
            pairs.push(("profile", (&self.profile).into()));
        }
        if let Some(Ok(text)) = &self.script {
            pairs.push(("script", script::pack(text).into()));
        }
        if self.mode == PromptMode::Completion {
            pairs.push(("mode", "completion".into()));
        }
        if self.tokenizer != TokenizerChoice::Model.name() {
            pairs.push(("tokenizer", (&self.tokenizer).into()));
        }
        if self.count != "1" {
            pairs.push(("count", (&self.count).into()));
        }
        if let Some(run) = self.run {
            pairs.push(("run", run.to_string().into()));
        }
        if let Some(task) = &self.beside {
            pairs.push(("beside", task.into()));
        }
        pairs
    }

    /// The form that makes `spec`.
    pub(crate) fn of_spec(spec: &TaskSpec) -> Self {
        Self {
            task: spec.task.clone(),
            length: spec.max_seq_length.to_string(),
            seed: spec.random_seed.to_string(),
            set: spec.set.clone(),
            profile: spec.profile.name().to_owned(),
            script: script::of_spec(spec).map(Ok),
            ..Self::default()
        }
    }

    /// The form that a sample of a run came from; the server's run is shown beside it.
    pub(crate) fn of_sample(
        run: RunKey,
        run_spec: &api::RunSpec,
        spec: &TaskSpec,
        sample: u32,
    ) -> Self {
        Self {
            sample: sample.to_string(),
            mode: run_spec.mode,
            run: run.on_server(),
            ..Self::of_spec(spec)
        }
    }

    /// The same, put to a model: its own tokenizer counts.
    pub(crate) fn for_a_model(&self) -> Self {
        Self {
            tokenizer: Self::default().tokenizer,
            ..self.clone()
        }
    }

    /// With another task; options that it does not have are dropped.
    pub(crate) fn with_task(mut self, id: &str) -> Self {
        let task_options = task::find(id).map_or(&[][..], |task| task.task_options());
        self.set.retain(|name, _| {
            task_options
                .iter()
                .any(|task_option| task_option.name == name)
        });
        id.clone_into(&mut self.task);
        self.script = script::beginning(id, self.script);
        self
    }

    /// What to build.
    ///
    /// # Errors
    /// The first field that is at fault, with a sentence.
    pub(crate) fn request(&self) -> Result<BuildRequest, BuildError> {
        let length = number(
            &self.length,
            FormField::Length,
            "length",
            "of tokens, such as 1024",
        )?;
        let seed = number(&self.seed, FormField::Seed, "seed", "such as 42")?;
        let sample = number(&self.sample, FormField::Sample, "sample", "of at least 0")?;
        self.counts()?;
        let profile: Profile = self.profile.parse().map_err(|e| BuildError::from(&e))?;
        let spec = TaskSpec {
            set: self.set.clone(),
            profile,
            ..TaskSpec::new(&self.task, Tokens(length), seed)
        };
        let spec = match &self.script {
            Some(Ok(text)) => script::put(spec, text),
            Some(Err(damaged)) => {
                return Err(BuildError::new(FormField::Script, damaged.to_string()));
            }
            None => spec,
        };
        let checked = spec.validate_unrun();
        checked.map_err(|error| BuildError::from(&error))?;
        if sample >= MOST_SAMPLES {
            let last = MOST_SAMPLES - 1;
            return Err(BuildError::new(
                FormField::Sample,
                format!(
                    "sample is {sample}; the page can build samples 0 to {last}, because each may depend on the ones before it"
                ),
            ));
        }
        Ok(BuildRequest {
            spec,
            sample,
            mode: self.mode,
        })
    }

    /// Who counts.
    ///
    /// # Errors
    /// A sentence for the field.
    pub(crate) fn counts(&self) -> Result<TokenizerChoice, BuildError> {
        TokenizerChoice::find(&self.tokenizer).ok_or_else(|| {
            let known = TokenizerChoice::ALL.map(TokenizerChoice::name).join(", ");
            let got = &self.tokenizer;
            BuildError::new(
                FormField::Tokenizer,
                format!("tokenizer is `{got}`; expected one of {known}"),
            )
        })
    }

    /// How many samples the server is to run.
    ///
    /// # Errors
    /// A sentence for the field.
    pub(crate) fn count(&self) -> Result<u32, BuildError> {
        let count = number(&self.count, FormField::Count, "samples", "of at least 1")?;
        if (1..=MOST_SAMPLES).contains(&count) {
            return Ok(count);
        }
        let message = format!("samples is {count}; expected 1 to {MOST_SAMPLES}");
        Err(BuildError::new(FormField::Count, message))
    }
}

fn number(text: &str, field: FormField, name: &str, hint: &str) -> Result<u32, BuildError> {
    text.trim().parse().map_err(|_| {
        let message = match text.trim() {
            "" => format!("{name} is empty; expected a whole number {hint}"),
            got => format!("{name} is `{got}`; expected a whole number {hint}"),
        };
        BuildError::new(field, message)
    })
}

#[cfg(test)]
mod tests;
