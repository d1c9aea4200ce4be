//! The page's state as its URL, and what it asks for. Pure.

use std::collections::BTreeMap;

use fathom_shared::api::NewRun;
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::{self, TASKS, TaskSpec};
use fathom_shared::tokens::Tokens;

use crate::worker::protocol::{Fault, Field, Order};

/// The most samples that the form orders at once.
pub(crate) const MOST_SAMPLES: u32 = 500;

/// What the form says, as typed: everything the page shows follows from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ask {
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
    /// Chat or completion.
    pub(crate) mode: PromptMode,
    /// How many samples the server is to run.
    pub(crate) count: String,
    /// The server's run that is shown.
    pub(crate) run: Option<i64>,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            task: TASKS[0].id().to_owned(),
            length: "1024".to_owned(),
            seed: "42".to_owned(),
            sample: "0".to_owned(),
            set: BTreeMap::new(),
            mode: PromptMode::Chat,
            count: "1".to_owned(),
            run: None,
        }
    }
}

impl Ask {
    /// Reads a query string's parameters; what is absent has its default.
    pub(crate) fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let default = Self::default();
        let task = get("task").unwrap_or(default.task);
        let knobs = task::find(&task).map_or(&[][..], |task| task.knobs());
        let set = knobs
            .iter()
            .filter_map(|knob| Some((knob.name.to_owned(), get(knob.name)?)))
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
            mode,
            count: get("count").unwrap_or(default.count),
            run: get("run").and_then(|run| run.parse().ok()),
        }
    }

    /// The query string, with its question mark; [`from_query`](Self::from_query) reads it back.
    pub(crate) fn to_query(&self) -> String {
        let run = self.run.map(|run| run.to_string());
        let mut pairs = vec![
            ("task", self.task.as_str()),
            ("length", &self.length),
            ("seed", &self.seed),
            ("sample", &self.sample),
        ];
        pairs.extend(self.set.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        if self.mode == PromptMode::Completion {
            pairs.push(("mode", "completion"));
        }
        if self.count != "1" {
            pairs.push(("count", &self.count));
        }
        pairs.extend(run.as_deref().map(|run| ("run", run)));
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("?{query}")
    }

    /// The form that a server's run came from.
    pub(crate) fn of_run(id: i64, order: &NewRun) -> Self {
        Self {
            task: order.spec.task.clone(),
            length: order.spec.max_seq_length.to_string(),
            seed: order.spec.random_seed.to_string(),
            sample: order.first.to_string(),
            set: order.spec.set.clone(),
            mode: order.mode,
            count: order.count.to_string(),
            run: Some(id),
        }
    }

    /// With another task; options that it does not have are dropped.
    pub(crate) fn with_task(mut self, id: &str) -> Self {
        let knobs = task::find(id).map_or(&[][..], |task| task.knobs());
        self.set
            .retain(|name, _| knobs.iter().any(|knob| knob.name == name));
        id.clone_into(&mut self.task);
        self
    }

    /// What to build.
    ///
    /// # Errors
    /// The first field that is at fault, with a sentence.
    pub(crate) fn order(&self) -> Result<Order, Fault> {
        let length = number(
            &self.length,
            Field::Length,
            "length",
            "of tokens, such as 1024",
        )?;
        let seed = number(&self.seed, Field::Seed, "seed", "such as 42")?;
        let sample = number(&self.sample, Field::Sample, "sample", "from 0 on")?;
        let spec = TaskSpec {
            set: self.set.clone(),
            ..TaskSpec::new(&self.task, Tokens(length), seed)
        };
        spec.validate().map_err(|error| Fault::from(&error))?;
        if sample >= MOST_SAMPLES {
            return Err(Fault {
                field: Field::Sample,
                message: format!(
                    "sample is {sample}; the page builds samples 0 to {}, as each needs those before it",
                    MOST_SAMPLES - 1
                ),
            });
        }
        Ok(Order {
            spec,
            sample,
            mode: self.mode,
        })
    }

    /// How many samples the server is to run.
    ///
    /// # Errors
    /// A sentence for the field.
    pub(crate) fn count(&self) -> Result<u32, Fault> {
        let count = number(&self.count, Field::Count, "samples", "from 1 on")?;
        if (1..=MOST_SAMPLES).contains(&count) {
            return Ok(count);
        }
        Err(Fault {
            field: Field::Count,
            message: format!("samples is {count}; the page orders 1 to {MOST_SAMPLES}"),
        })
    }
}

fn number(text: &str, field: Field, name: &str, hint: &str) -> Result<u32, Fault> {
    text.trim().parse().map_err(|_| Fault {
        field,
        message: match text.trim() {
            "" => format!("{name} is empty; expected a whole number {hint}"),
            got => format!("{name} is `{got}`; expected a whole number {hint}"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Ask {
        let pairs: BTreeMap<String, String> =
            serde_urlencoded::from_str(query.trim_start_matches('?')).unwrap();
        Ask::from_query(|key| pairs.get(key).cloned())
    }

    #[test]
    fn an_empty_url_is_the_default() {
        assert_eq!(read(""), Ask::default());
        assert!(Ask::default().order().is_ok());
    }

    #[test]
    fn the_url_says_everything() {
        let ask = Ask {
            length: "131072".to_owned(),
            sample: "3".to_owned(),
            set: BTreeMap::from([("num_hops".to_owned(), "2".to_owned())]),
            mode: PromptMode::Completion,
            count: "50".to_owned(),
            run: Some(7),
            ..Ask::default().with_task("vt")
        };
        assert_eq!(
            ask.to_query(),
            "?task=vt&length=131072&seed=42&sample=3&num_hops=2&mode=completion&count=50&run=7"
        );
        assert_eq!(read(&ask.to_query()), ask);
    }

    #[test]
    fn what_is_half_typed_survives_the_url() {
        let ask = Ask {
            length: "10x & ä".to_owned(),
            ..Ask::default()
        };
        assert_eq!(read(&ask.to_query()), ask);
        let fault = ask.order().unwrap_err();
        assert_eq!(fault.field, Field::Length);
        assert_eq!(
            fault.message,
            "length is `10x & ä`; expected a whole number of tokens, such as 1024"
        );
    }

    #[test]
    fn faults_name_their_field() {
        let fault = |ask: Ask| ask.order().unwrap_err().field;
        let with = |change: fn(&mut Ask)| {
            let mut ask = Ask::default().with_task("vt");
            change(&mut ask);
            fault(ask)
        };
        assert_eq!(with(|ask| ask.length = "12".into()), Field::Length);
        assert_eq!(with(|ask| ask.seed = "-1".into()), Field::Seed);
        assert_eq!(with(|ask| ask.sample.clear()), Field::Sample);
        assert_eq!(with(|ask| ask.sample = "500".into()), Field::Sample);
        assert_eq!(with(|ask| ask.task = "cwe".into()), Field::Task);
        let hops = |ask: &mut Ask| {
            ask.set.insert("num_hops".into(), "99".into());
        };
        assert_eq!(with(hops), Field::Option("num_hops".into()));
        let none = Ask {
            count: "0".into(),
            ..Ask::default()
        };
        assert_eq!(none.count().unwrap_err().field, Field::Count);
    }

    #[test]
    fn another_task_drops_foreign_options() {
        let mut ask = Ask::default().with_task("vt");
        ask.set.insert("num_hops".into(), "2".into());
        ask.set.insert("remove_newline_tab".into(), "true".into());
        let back = ask.with_task("niah_single_1");
        assert_eq!(back.set.keys().collect::<Vec<_>>(), ["remove_newline_tab"]);
    }
}
