//! A task's options: declared once, and parsed by the names of the original scripts.

use std::collections::BTreeMap;

/// The option that sets the room for the answer, by the name in RULER's scripts.
pub(super) const TOKENS_TO_GENERATE: &str = "tokens_to_generate";

/// One option of a task: what the page draws and what the command line takes.
#[derive(Clone, Copy, Debug)]
pub struct TaskOption {
    /// The name in the original script.
    pub name: &'static str,
    /// A short label.
    pub label: &'static str,
    /// What it changes, in one sentence.
    pub about: &'static str,
    /// What values it takes.
    pub kind: OptionKind,
}

/// The values that an option takes, and its default.
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
    /// A number with decimals within bounds, both included.
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
    /// True or false.
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
        /// The requested name.
        name: String,
        /// The known names.
        known: String,
    },
    /// The value is not of the option's kind.
    #[error("option `{name}` is `{got}`, expected {expected}")]
    Value {
        /// The option.
        name: String,
        /// The given value.
        got: String,
        /// The expected value.
        expected: String,
    },
}

impl OptionValues {
    /// Parses `set` by `task_options`; options that are not set have their defaults.
    ///
    /// # Errors
    /// A name is unknown, or a value is of the wrong kind or out of bounds.
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

    /// The value of a number option; 0 if the task has no such number option.
    pub fn number(&self, name: &str) -> i32 {
        self.numbers.get(name).copied().unwrap_or_default()
    }

    /// The value as a count; negative numbers become 0.
    pub fn count(&self, name: &str) -> usize {
        usize::try_from(self.number(name)).unwrap_or_default()
    }

    /// The value of an option with decimals; 0 if the task has no such option.
    pub fn real(&self, name: &str) -> f64 {
        self.reals.get(name).copied().unwrap_or_default()
    }

    /// The chosen word; empty if the task has no such option.
    pub fn choice(&self, name: &str) -> &'static str {
        self.choices.get(name).copied().unwrap_or_default()
    }

    /// The value of a switch; `false` if the task has no such switch.
    pub fn switch(&self, name: &str) -> bool {
        self.switches.get(name).copied().unwrap_or_default()
    }
}

/// Options of the original scripts that are not task options here, and what replaces them.
const ELSEWHERE: [(&str, &str); 15] = [
    ("save_dir", SAVED),
    ("save_name", SAVED),
    (
        "subset",
        "names the original's file, which is always `validation` here, as in RULER",
    ),
    (
        "tokenizer_path",
        "is set by `--tokenizer`, with a name or a path",
    ),
    (
        "tokenizer_type",
        "is set by `--tokenizer`; the kind follows from its file",
    ),
    ("max_seq_length", "is set by `--max-seq-length`"),
    ("num_samples", "is set by `--num-samples`"),
    ("random_seed", "is set by `--random-seed`"),
    (
        "pre_samples",
        "belongs only to `qa_1` and `qa_2`: the number of questions to skip",
    ),
    ("chunk_idx", CHUNKS),
    ("chunk_amount", CHUNKS),
    ("template", TEMPLATE),
    ("model_template_type", TEMPLATE),
    (
        "model_template_token",
        "belongs only to RULER's tasks: the tokens reserved for a chat template",
    ),
    (
        "dataset",
        "belongs only to `qa_1` and `qa_2`: the question set",
    ),
];
const SAVED: &str = "is set by `--output`: the file, or the folder for several";
const CHUNKS: &str = "has no replacement: one command makes all samples of a task, in one file";
const TEMPLATE: &str = "has no replacement: samples are made without a chat template, and a run applies the model's own";

fn unknown(name: &str, known: &str) -> String {
    match ELSEWHERE.iter().find(|(there, _)| *there == name) {
        Some((_, instead)) => format!("`{name}` is not an option of this task: it {instead}"),
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

    const TASK_OPTIONS: &[TaskOption] = &[
        TaskOption {
            name: "num_hops",
            label: "",
            about: "",
            kind: OptionKind::Number {
                default: 4,
                least: 1,
                most: 9,
            },
        },
        TaskOption {
            name: "flat",
            label: "",
            about: "",
            kind: OptionKind::Switch { default: false },
        },
        TaskOption {
            name: "alpha",
            label: "",
            about: "",
            kind: OptionKind::Real {
                default: 2.0,
                least: 1.1,
                most: 5.0,
            },
        },
        TaskOption {
            name: "haystack",
            label: "",
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
        OptionValues::parse(TASK_OPTIONS, &set).map_err(|error| error.to_string())
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
        // Options of the original scripts that have another place here.
        assert_eq!(
            parse(&[("save_dir", "out")]).unwrap_err(),
            "`save_dir` is not an option of this task: it is set by `--output`: the file, or the folder for several"
        );
        for (name, _) in ELSEWHERE {
            let says = parse(&[(name, "1")]).unwrap_err();
            assert!(
                says.starts_with(&format!("`{name}` is not an option")),
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
