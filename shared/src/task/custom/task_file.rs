//! A task file: a script (`.rhai`), or a spec based on the other tasks (`.toml`).

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::{ID, TaskAbout};
use crate::task::{
    GenerateError, OptionError, OptionKind, OptionValues, Profile, TaskOption, TaskSpec, find,
};
use crate::tokens::Tokens;

const MAX_SEQ_LENGTH: Tokens = Tokens(4096);
const RANDOM_SEED: u32 = 42;

/// A task as described by its file. What the file omits must be given, or has a default.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskFile {
    /// The file's name, for messages.
    pub name: String,
    /// The title: the script's or the file's own, else the task's.
    pub title: String,
    /// The task's id: `custom` for a script.
    pub task: String,
    /// Whose rules place and fit the samples.
    pub profile: Profile,
    /// The length requested by the file.
    pub max_seq_length: Option<Tokens>,
    /// The seed requested by the file.
    pub random_seed: Option<u32>,
    /// The task's options.
    pub set: BTreeMap<String, String>,
    /// The script.
    pub script: Option<String>,
}

/// Why a file is not a task.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TaskFileError {
    /// The extension is neither of the two.
    #[error("`{name}` is neither `.rhai` (a script) nor `.toml` (a spec over the built-in tasks)")]
    UnknownKind {
        /// The file.
        name: String,
    },
    /// The script has an error.
    #[error("`{name}`: {error}")]
    Script {
        /// The file.
        name: String,
        /// The error, with its line.
        error: GenerateError,
    },
    /// The TOML has an error.
    #[error("`{name}`, line {line}: {message}")]
    Toml {
        /// The file.
        name: String,
        /// The line, from 1.
        line: u32,
        /// What is wrong.
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskFileToml {
    task: Spanned<String>,
    title: Option<String>,
    profile: Option<Spanned<String>>,
    max_seq_length: Option<u32>,
    random_seed: Option<u32>,
    #[serde(default)]
    set: BTreeMap<Spanned<String>, Spanned<Value>>,
}

impl TaskFile {
    /// Reads the file called `name`, whose extension decides its format.
    ///
    /// # Errors
    /// The extension is unknown, or the script or spec has an error, which is given with its line.
    pub fn read(name: &str, text: &str) -> Result<Self, TaskFileError> {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "rhai" => Self::read_script(name, text),
            "toml" => read_toml(name, text),
            _ => Err(TaskFileError::UnknownKind {
                name: name.to_owned(),
            }),
        }
    }

    fn read_script(name: &str, text: &str) -> Result<Self, TaskFileError> {
        let about = TaskAbout::read(text).map_err(|error| TaskFileError::Script {
            name: name.to_owned(),
            error,
        })?;
        Ok(Self {
            name: name.to_owned(),
            title: about.title,
            task: ID.to_owned(),
            profile: Profile::Stratified,
            max_seq_length: None,
            random_seed: None,
            set: BTreeMap::new(),
            script: Some(text.to_owned()),
        })
    }

    /// The spec that the file describes. The arguments take precedence over the file, and the file
    /// over the defaults of 4,096 tokens and seed 42.
    pub fn spec(&self, max_seq_length: Option<Tokens>, random_seed: Option<u32>) -> TaskSpec {
        TaskSpec {
            task: self.task.clone(),
            max_seq_length: max_seq_length
                .or(self.max_seq_length)
                .unwrap_or(MAX_SEQ_LENGTH),
            random_seed: random_seed.or(self.random_seed).unwrap_or(RANDOM_SEED),
            profile: self.profile,
            set: self.set.clone(),
            script: self.script.clone(),
        }
    }

    /// The extension and text of a file that describes `spec`: its script, or TOML. A script's file
    /// does not contain length, seed and options.
    ///
    /// # Errors
    /// As [`TaskSpec::validate_unrun`].
    pub fn write(spec: &TaskSpec) -> Result<(&'static str, String), GenerateError> {
        spec.validate_unrun()?;
        if let Some(script) = &spec.script {
            return Ok(("rhai", script.clone()));
        }
        let mut text = format!(
            "task = \"{}\"\nprofile = \"{}\"\nmax_seq_length = {}\nrandom_seed = {}\n",
            spec.task, spec.profile, spec.max_seq_length, spec.random_seed
        );
        if !spec.set.is_empty() {
            text.push_str("\n[set]\n");
        }
        for task_option in find(&spec.task)?.task_options() {
            if let Some(value) = spec.set.get(task_option.name) {
                text.push_str(&format!(
                    "{} = {}\n",
                    task_option.name,
                    value_of(task_option, value)
                ));
            }
        }
        Ok(("toml", text))
    }
}

/// The value of a valid option in TOML syntax.
fn value_of(task_option: &TaskOption, text: &str) -> String {
    match task_option.kind {
        // With a decimal point, by which TOML distinguishes it from a whole number.
        OptionKind::Real { .. } => format!("{:?}", text.parse::<f64>().unwrap_or_default()),
        OptionKind::Number { .. } | OptionKind::Switch { .. } => text.to_owned(),
        // A word from a list, which contains nothing to escape.
        OptionKind::Choice { .. } => format!("\"{text}\""),
    }
}

fn read_toml(name: &str, text: &str) -> Result<TaskFile, TaskFileError> {
    let refuse = |span: Option<Range<usize>>, message: String| TaskFileError::Toml {
        name: name.to_owned(),
        line: line_of(text, span.map_or(0, |span| span.start)),
        message,
    };
    let written: TaskFileToml =
        toml::from_str(text).map_err(|error| refuse(error.span(), error.message().to_owned()))?;
    let at_task = Some(written.task.span());
    let task = find(written.task.get_ref());
    let task = task.map_err(|error| refuse(at_task.clone(), error.to_string()))?;
    if task.id() == ID {
        let message = "the task `custom` is a script: a file that ends in `.rhai`";
        return Err(refuse(at_task, message.to_owned()));
    }
    let profile = match &written.profile {
        None => Profile::default(),
        Some(profile) => {
            let parsed = profile.get_ref().parse();
            parsed
                .map_err(|error: GenerateError| refuse(Some(profile.span()), error.to_string()))?
        }
    };
    let mut set = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (key, value) in written.set {
        let task_option = task
            .task_options()
            .iter()
            .find(|task_option| task_option.name == key.get_ref());
        let spelled = spelled(task_option, value.get_ref());
        let spelled = spelled.map_err(|expected| {
            let name = key.get_ref();
            let message = format!(
                "option `{name}` is {}, expected {expected}",
                value.get_ref()
            );
            refuse(Some(value.span()), message)
        })?;
        places.insert(key.get_ref().clone(), key.span());
        set.insert(key.into_inner(), spelled);
    }
    let file = TaskFile {
        name: name.to_owned(),
        title: written.title.unwrap_or_else(|| task.title().to_owned()),
        task: task.id().to_owned(),
        profile,
        max_seq_length: written.max_seq_length.map(Tokens),
        random_seed: written.random_seed,
        set,
        script: None,
    };
    let options = OptionValues::parse(task.task_options(), &file.set).map_err(|error| {
        let (OptionError::Unknown { name, .. } | OptionError::Value { name, .. }) = &error;
        refuse(places.get(name).cloned(), error.to_string())
    })?;
    let together = task.check(&options, profile);
    together.map_err(|error| refuse(at_task, error.to_string()))?;
    Ok(file)
}

/// A value in the options' syntax, if its type matches the option. An unknown option is refused
/// later, by name.
fn spelled(task_option: Option<&TaskOption>, value: &Value) -> Result<String, &'static str> {
    let kind = task_option.map(|task_option| task_option.kind);
    let expected = match (kind, value) {
        (None | Some(OptionKind::Choice { .. }), Value::String(text)) => return Ok(text.clone()),
        (
            None | Some(OptionKind::Number { .. } | OptionKind::Real { .. }),
            Value::Integer(number),
        ) => {
            return Ok(number.to_string());
        }
        (None | Some(OptionKind::Real { .. }), Value::Float(number)) => {
            return Ok(format!("{number:?}"));
        }
        (None | Some(OptionKind::Switch { .. }), Value::Boolean(on)) => return Ok(on.to_string()),
        (None, _) => return Ok(String::new()),
        (Some(OptionKind::Choice { .. }), _) => "a string",
        (Some(OptionKind::Number { .. }), _) => "a whole number",
        (Some(OptionKind::Real { .. }), _) => "a number",
        (Some(OptionKind::Switch { .. }), _) => "true or false",
    };
    Err(expected)
}

fn line_of(text: &str, byte: usize) -> u32 {
    let before = text.get(..byte).unwrap_or(text);
    let breaks = before.bytes().filter(|byte| *byte == b'\n').count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::EXAMPLES;
    use super::*;

    #[test]
    fn files_say_what_they_are() {
        let error = |name: &str, text: &str| TaskFile::read(name, text).unwrap_err().to_string();
        assert_eq!(
            error("t.json", "{}"),
            "`t.json` is neither `.rhai` (a script) nor `.toml` (a spec over the built-in tasks)"
        );
        assert!(error("t.rhai", "fn about() {\n  1 +\n}").contains("line 3, column 1"));
        for (text, wanted) in [
            (
                "task = \"vt\"\nprofil = \"x\"",
                "line 2: unknown field `profil`",
            ),
            ("profile = \"upstream\"", "line 1: missing field `task`"),
            ("\ntask = \"niah\"", "line 2: unknown task `niah`"),
            ("task = \"custom\"", "line 1: the task `custom` is a script"),
            (
                "task = \"vt\"\nprofile = \"own\"",
                "line 2: unknown profile `own`",
            ),
            (
                "task = \"vt\"\n[set]\nhops = 2",
                "line 3: unknown option `hops`",
            ),
            (
                "task = \"vt\"\n[set]\n\nnum_hops = \"2\"",
                "line 4: option `num_hops` is \"2\", expected a whole number",
            ),
            (
                "task = \"vt\"\n[set]\nnum_hops = 0",
                "line 3: option `num_hops` is `0`, expected 1 to",
            ),
            ("task = \"vt\"\n[set\n", "line 2: "),
        ] {
            let got = error("t.toml", text);
            assert!(got.starts_with(&format!("`t.toml`, {wanted}")), "{got}");
        }
    }

    #[test]
    fn files_and_specs_go_both_ways() {
        let text = "title = \"Mine\"\ntask = \"fwe\"\nmax_seq_length = 512\n[set]\nalpha = 2.5\n";
        let file = TaskFile::read("mine.toml", text).unwrap();
        let spec = file.spec(None, Some(7));
        assert_eq!(
            (spec.max_seq_length, spec.random_seed, &*file.title),
            (Tokens(512), 7, "Mine")
        );
        assert_eq!(file.spec(Some(Tokens(99)), None).max_seq_length, Tokens(99));
        let (ending, written) = TaskFile::write(&spec).unwrap();
        let again = TaskFile::read(&format!("mine.{ending}"), &written).unwrap();
        assert_eq!(again.spec(None, None), spec);
        for example in EXAMPLES {
            let spec = TaskFile::read(example.file, example.text)
                .unwrap()
                .spec(None, None);
            let (ending, written) = TaskFile::write(&spec).unwrap();
            let again = TaskFile::read(&format!("again.{ending}"), &written).unwrap();
            assert_eq!(again.spec(None, None), spec, "{}", example.name);
        }
    }
}
