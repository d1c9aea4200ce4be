//! What a form asks for, as its URL says it. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fathom_shared::api;
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{self, Profile, TASKS, TaskSpec};
use fathom_shared::tokens::Tokens;
use leptos::prelude::Callback;

use super::builder::script::{self, ScriptText};
use super::query::query;
use crate::protocol::{BuildError, BuildRequest, FormField, RunKey};
use crate::state::builder::TokenizerChoice;

/// Changes what a page asks for, and with it its address.
pub(crate) type SetSampleQuery = Callback<SampleQuery>;

/// The most samples that the form orders at once.
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
        Self {
            task,
            length: get("length").unwrap_or(default.length),
            seed: get("seed").unwrap_or(default.seed),
            sample: get("sample").unwrap_or(default.sample),
            set,
            profile: get("profile").unwrap_or(default.profile),
            script: get("script").map(|carried| script::unpack(&carried)),
            mode,
            tokenizer: get("tokenizer").unwrap_or(default.tokenizer),
            count: get("count").unwrap_or(default.count),
            run: get("run").and_then(|run| run.parse().ok()),
        }
    }

    /// Whether an address is one of a sample: `has` says which parameters it has.
    pub(crate) fn is_in(has: impl Fn(&str) -> bool) -> bool {
        const OWN: [&str; 10] = [
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
        order: &api::RunSpec,
        spec: &TaskSpec,
        sample: u32,
    ) -> Self {
        Self {
            sample: sample.to_string(),
            mode: order.mode,
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
    pub(crate) fn order(&self) -> Result<BuildRequest, BuildError> {
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
        spec.validate().map_err(|error| BuildError::from(&error))?;
        if sample >= MOST_SAMPLES {
            let last = MOST_SAMPLES - 1;
            return Err(BuildError::new(
                FormField::Sample,
                format!(
                    "sample is {sample}; the page builds samples 0 to {last}, as each may need those before it"
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
        let message = format!("samples is {count}; the page runs 1 to {MOST_SAMPLES}");
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
mod tests {
    use super::super::query::parameters;
    use super::*;

    fn read(query: &str) -> SampleQuery {
        SampleQuery::from_query(parameters(query))
    }

    #[test]
    fn an_empty_url_is_the_default() {
        assert_eq!(read(""), SampleQuery::default());
        assert!(SampleQuery::default().order().is_ok());
    }

    #[test]
    fn the_url_says_everything() {
        let ask = SampleQuery {
            length: "131072".to_owned(),
            sample: "3".to_owned(),
            set: BTreeMap::from([("num_hops".to_owned(), "2".to_owned())]),
            profile: "stratified".to_owned(),
            script: Some(Ok("fn about() {}".to_owned())),
            mode: PromptMode::Completion,
            tokenizer: "o200k_base".to_owned(),
            count: "50".to_owned(),
            run: Some(7),
            ..SampleQuery::default().with_task("vt")
        };
        let script = script::pack("fn about() {}");
        assert_eq!(
            ask.to_query(),
            format!(
                "?task=vt&length=131072&seed=42&sample=3&num_hops=2&profile=stratified\
                 &script={script}&mode=completion&tokenizer=o200k_base&count=50&run=7"
            )
        );
        assert_eq!(read(&ask.to_query()), ask);
        let own = ask.pairs().into_iter().map(|(name, _)| name.to_owned());
        let own = own.filter(|name| name != "num_hops").collect::<Vec<_>>();
        for name in own {
            assert!(SampleQuery::is_in(|has| has == name), "{name}");
        }
    }

    #[test]
    fn what_is_half_typed_survives_the_url() {
        let ask = SampleQuery {
            length: "10x & ä".to_owned(),
            ..SampleQuery::default()
        };
        assert_eq!(read(&ask.to_query()), ask);
        let fault = ask.order().unwrap_err();
        assert_eq!(fault.field, FormField::Length);
        assert_eq!(
            fault.message,
            "length is `10x & ä`; expected a whole number of tokens, such as 1024"
        );
    }

    #[test]
    fn faults_name_their_field() {
        let fault = |ask: SampleQuery| ask.order().unwrap_err().field;
        let with = |change: fn(&mut SampleQuery)| {
            let mut ask = SampleQuery::default().with_task("vt");
            change(&mut ask);
            fault(ask)
        };
        assert_eq!(with(|ask| ask.length = "12".into()), FormField::Length);
        assert_eq!(with(|ask| ask.seed = "-1".into()), FormField::Seed);
        assert_eq!(with(|ask| ask.sample.clear()), FormField::Sample);
        assert_eq!(with(|ask| ask.sample = "500".into()), FormField::Sample);
        assert_eq!(with(|ask| ask.task = "niah".into()), FormField::Task);
        assert_eq!(with(|ask| ask.profile = "mine".into()), FormField::Profile);
        let words = with(|ask| ask.tokenizer = "words".into());
        assert_eq!(words, FormField::Tokenizer);
        let damaged = with(|ask| ask.script = Some(script::unpack("%%")));
        assert_eq!(damaged, FormField::Script);
        let hops = |ask: &mut SampleQuery| {
            ask.set.insert("num_hops".into(), "99".into());
        };
        assert_eq!(with(hops), FormField::Option("num_hops".into()));
        let none = SampleQuery {
            count: "0".into(),
            ..SampleQuery::default()
        };
        assert_eq!(none.count().unwrap_err().field, FormField::Count);
    }

    #[test]
    fn a_spec_makes_the_form_that_makes_it() {
        for task in TASKS.iter().filter(|task| !script::is_script(task.id())) {
            let mut spec = TaskSpec::new(task.id(), Tokens(4096), 7);
            spec.profile = Profile::Stratified;
            // RULER's tasks have this one in common.
            let task_option = task
                .task_options()
                .iter()
                .find(|task_option| task_option.name == "model_template_token");
            let (name, value) =
                task_option.map_or(("setting", "rag"), |task_option| (task_option.name, "50"));
            spec.set.insert(name.into(), value.into());
            assert_eq!(SampleQuery::of_spec(&spec).order().unwrap().spec, spec);
        }
    }

    #[test]
    fn another_task_drops_foreign_options() {
        let mut ask = SampleQuery::default().with_task("vt");
        ask.set.insert("num_hops".into(), "2".into());
        ask.set.insert("remove_newline_tab".into(), "true".into());
        let back = ask.with_task("niah_single_1");
        assert_eq!(back.set.keys().collect::<Vec<_>>(), ["remove_newline_tab"]);
    }
}
