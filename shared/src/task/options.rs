//! A task's options: declared once, read from text by the names of the original scripts.

use std::collections::BTreeMap;

/// One option of a task: what the page draws and what the command line takes.
#[derive(Clone, Copy, Debug)]
pub struct TaskOption {
    /// The name in the original script.
    pub name: &'static str,
    /// What it changes, in one sentence.
    pub about: &'static str,
    /// What values it takes.
    pub kind: OptionKind,
}

/// What values an option takes, with its default.
#[derive(Clone, Copy, Debug)]
pub enum OptionKind {
    /// A whole number within bounds, both included.
    Number {
        /// The value when nothing is set.
        default: i32,
        /// The least.
        least: i32,
        /// The most.
        most: i32,
    },
    /// A number with a fraction within bounds, both included.
    Real {
        /// The value when nothing is set.
        default: f64,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// One of several words.
    Choice {
        /// The value when nothing is set.
        default: &'static str,
        /// The words.
        of: &'static [&'static str],
    },
    /// Yes or no.
    Switch {
        /// The value when nothing is set.
        default: bool,
    },
}

/// The options of one spec, checked against its task's options.
#[derive(Clone, Debug)]
pub struct OptionValues {
    numbers: BTreeMap<&'static str, i32>,
    reals: BTreeMap<&'static str, f64>,
    choices: BTreeMap<&'static str, &'static str>,
    switches: BTreeMap<&'static str, bool>,
}

/// Why an option was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OptionError {
    /// The task has no such option.
    #[error("{}", unknown(.name, .known))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The value is not of the option's kind.
    #[error("option `{name}` is `{got}`, expected {expected}")]
    Value {
        /// The option.
        name: String,
        /// The value asked for.
        got: String,
        /// What it takes.
        expected: String,
    },
}

impl OptionValues {
    /// Reads `set` against `task_options`; what is not set has its default.
    ///
    /// # Errors
    /// An unknown name, or a value of another kind or out of bounds.
    pub fn parse(
        task_options: &[TaskOption],
        set: &BTreeMap<String, String>,
    ) -> Result<Self, OptionError> {
        if let Some(name) = set.keys().find(|name| {
            task_options
                .iter()
                .all(|task_option| task_option.name != *name)
        }) {
            return Err(OptionError::Unknown {
                name: name.clone(),
                known: task_options
                    .iter()
                    .map(|task_option| task_option.name)
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        }
        let mut options = Self {
            numbers: BTreeMap::new(),
            reals: BTreeMap::new(),
            choices: BTreeMap::new(),
            switches: BTreeMap::new(),
        };
        for task_option in task_options {
            let got = set.get(task_option.name).map(String::as_str);
            match task_option.kind {
                OptionKind::Number {
                    default,
                    least,
                    most,
                } => {
                    let value = match got {
                        None => default,
                        Some(text) => text
                            .parse()
                            .ok()
                            .filter(|value| (least..=most).contains(value))
                            .ok_or_else(|| {
                                refuse(task_option, text, format!("{least} to {most}"))
                            })?,
                    };
                    options.numbers.insert(task_option.name, value);
                }
                OptionKind::Real {
                    default,
                    least,
                    most,
                } => {
                    let value = match got {
                        None => default,
                        Some(text) => text
                            .parse()
                            .ok()
                            .filter(|value| (least..=most).contains(value))
                            .ok_or_else(|| {
                                refuse(task_option, text, format!("{least} to {most}"))
                            })?,
                    };
                    options.reals.insert(task_option.name, value);
                }
                OptionKind::Choice { default, of } => {
                    let value = match got {
                        None => default,
                        Some(text) => of
                            .iter()
                            .find(|word| **word == text)
                            .ok_or_else(|| refuse(task_option, text, one_of(of)))?,
                    };
                    options.choices.insert(task_option.name, value);
                }
                OptionKind::Switch { default } => {
                    let value = match got {
                        None => default,
                        Some("true") => true,
                        Some("false") => false,
                        Some(text) => {
                            return Err(refuse(task_option, text, "`true` or `false`".into()));
                        }
                    };
                    options.switches.insert(task_option.name, value);
                }
            }
        }
        Ok(options)
    }

    /// A number; 0 for a name that is no number option of the task.
    pub fn number(&self, name: &str) -> i32 {
        self.numbers.get(name).copied().unwrap_or_default()
    }

    /// A number of things; 0 for less than none.
    pub fn count(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or_default()
    }

    /// A number with a fraction; 0 for a name that is no such option of the task.
    pub fn real(&self, name: &str) -> f64 {
        self.reals.get(name).copied().unwrap_or_default()
    }

    /// The word chosen; empty for a name that is no such option of the task.
    pub fn choice(&self, name: &str) -> &'static str {
        self.choices.get(name).copied().unwrap_or_default()
    }

    /// A switch; off for a name that is no switch of the task.
    pub fn switch(&self, name: &str) -> bool {
        self.switches.get(name).copied().unwrap_or_default()
    }
}

/// What the original's scripts take as options and a task does not, with where it is said here.
const ELSEWHERE: [(&str, &str); 15] = [
    ("save_dir", SAVED),
    ("save_name", SAVED),
    (
        "subset",
        "names the original's file; here it is `validation`, as RULER has it",
    ),
    (
        "tokenizer_path",
        "is said by `--tokenizer`, a name or a path",
    ),
    (
        "tokenizer_type",
        "is said by `--tokenizer`; what kind it is, its file says",
    ),
    ("max_seq_length", "is said by `--max-seq-length`"),
    ("num_samples", "is said by `--num-samples`"),
    ("random_seed", "is said by `--random-seed`"),
    (
        "pre_samples",
        "is taken by `qa_1` and `qa_2` alone: the questions before the first that is asked",
    ),
    ("chunk_idx", CHUNKS),
    ("chunk_amount", CHUNKS),
    ("template", TEMPLATE),
    ("model_template_type", TEMPLATE),
    (
        "model_template_token",
        "is an option of RULER's tasks alone: the tokens that are set aside for a chat template",
    ),
    (
        "dataset",
        "is taken by `qa_1` and `qa_2` alone: the question set",
    ),
];
const SAVED: &str = "is said by `--output`: the file, or the folder of several";
const CHUNKS: &str =
    "has nothing in its place: one command makes all samples of a task, in one file";
const TEMPLATE: &str = "has nothing in its place: samples are made without a chat template, and a run puts the model's own around each";

fn unknown(name: &str, known: &str) -> String {
    match ELSEWHERE.iter().find(|(there, _)| *there == name) {
        Some((_, instead)) => format!("`{name}` is no option of this task: it {instead}"),
        None => format!("unknown option `{name}`; this task takes {known}"),
    }
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        all => all.concat(),
    }
}

fn refuse(task_option: &TaskOption, got: &str, expected: String) -> OptionError {
    OptionError::Value {
        name: task_option.name.to_owned(),
        got: got.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOBS: &[TaskOption] = &[
        TaskOption {
            name: "num_hops",
            about: "",
            kind: OptionKind::Number {
                default: 4,
                least: 1,
                most: 9,
            },
        },
        TaskOption {
            name: "flat",
            about: "",
            kind: OptionKind::Switch { default: false },
        },
        TaskOption {
            name: "alpha",
            about: "",
            kind: OptionKind::Real {
                default: 2.0,
                least: 1.1,
                most: 5.0,
            },
        },
        TaskOption {
            name: "haystack",
            about: "",
            kind: OptionKind::Choice {
                default: "noise",
                of: &["noise", "essay", "needle"],
            },
        },
    ];

    fn parse(pairs: &[(&str, &str)]) -> Result<OptionValues, String> {
        let set = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        OptionValues::parse(KNOBS, &set).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_and_values() {
        let options = parse(&[("num_hops", "2")]).unwrap();
        assert_eq!(
            (options.number("num_hops"), options.switch("flat")),
            (2, false)
        );
        assert!(parse(&[("flat", "true")]).unwrap().switch("flat"));
        assert_eq!(
            (options.real("alpha"), options.choice("haystack")),
            (2.0, "noise")
        );
        let options = parse(&[("alpha", "1.5"), ("haystack", "essay")]).unwrap();
        assert_eq!(
            (options.real("alpha"), options.choice("haystack")),
            (1.5, "essay")
        );
    }

    #[test]
    fn refusals_name_the_option() {
        assert_eq!(
            parse(&[("hops", "2")]).unwrap_err(),
            "unknown option `hops`; this task takes num_hops, flat, alpha, haystack"
        );
        // What the original's scripts say by an option and we elsewhere.
        assert_eq!(
            parse(&[("save_dir", "out")]).unwrap_err(),
            "`save_dir` is no option of this task: it is said by `--output`: the file, or the folder of several"
        );
        for (name, _) in ELSEWHERE {
            let says = parse(&[(name, "1")]).unwrap_err();
            assert!(
                says.starts_with(&format!("`{name}` is no option")),
                "{says}"
            );
        }
        assert_eq!(
            parse(&[("num_hops", "10")]).unwrap_err(),
            "option `num_hops` is `10`, expected 1 to 9"
        );
        assert_eq!(
            parse(&[("flat", "yes")]).unwrap_err(),
            "option `flat` is `yes`, expected `true` or `false`"
        );
        assert_eq!(
            parse(&[("haystack", "hay")]).unwrap_err(),
            "option `haystack` is `hay`, expected `noise`, `essay` or `needle`"
        );
        assert!(parse(&[("alpha", "NaN")]).is_err());
    }
}
