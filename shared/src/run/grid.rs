//! What a run covers: every task at every length under every seed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::task::{GenerateError, Metric, Profile, TaskSpec};
use crate::tokens::Tokens;

/// The most samples of one run: three times RULER's 13 tasks at 6 lengths with 500 samples.
pub const MOST_ROWS: u32 = 120_000;
/// The most tasks of one run: RULER's 13 with some hundred sets of options.
pub(super) const MOST_TASKS: usize = 500;
/// The most cells of one run: each is checked, summed up and drawn by itself.
pub(super) const MOST_CELLS: usize = 10_000;
/// The last sample of a cell. Sample `k` needs those before it, so a far one costs as much as all
/// of them.
pub const LAST_SAMPLE: u32 = 100_000;

/// Tasks × lengths × seeds, and which samples of each.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunGrid {
    /// The tasks with their options.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tasks: Vec<TaskChoice>,
    /// Prompt and answer together, in tokens of the model's tokenizer.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub lengths: Vec<Tokens>,
    /// Seeds of the generators.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub seeds: Vec<u32>,
    /// The first sample of every cell.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(max = LAST_SAMPLE)))]
    pub first: u32,
    /// How many samples of every cell.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MOST_ROWS)))]
    pub count: u32,
}

/// A task without its length and seed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TaskChoice {
    /// The task's id in [`TASKS`](crate::task::TASKS).
    pub task: String,
    /// Whose rules place and fit the samples.
    #[serde(default)]
    pub profile: Profile,
    /// The task's own options.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// The Rhai source of the task `custom`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}

/// One sample of one cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleKey {
    /// The cell's number: [`RunGrid::cells`].
    pub cell: u32,
    /// The sample's number within the cell's spec.
    pub sample: u32,
}

/// Why a grid cannot be run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GridError {
    /// Nothing is ordered.
    #[error("the run has no {what}, expected at least one")]
    Nothing {
        /// What is missing.
        what: &'static str,
    },
    /// The same cell twice.
    #[error("{what} is given twice")]
    Twice {
        /// The task, length or seed.
        what: String,
    },
    /// Too much for one run.
    #[error(
        "the run has {cells} cells of {count} samples, {rows} in all; a run has at most {MOST_ROWS}"
    )]
    Many {
        /// Cells.
        cells: usize,
        /// Samples of each.
        count: u32,
        /// All of them.
        rows: u64,
    },
    /// Too many parts for one run.
    #[error("the run has {got} {what}; a run has at most {most}")]
    Parts {
        /// Tasks or cells.
        what: &'static str,
        /// How many.
        got: usize,
        /// How many there may be.
        most: usize,
    },
    /// Samples that are too far down the stream.
    #[error("first is {first} and count is {count}; the last sample there may be is {LAST_SAMPLE}")]
    Far {
        /// The first sample asked for.
        first: u32,
        /// How many.
        count: u32,
    },
    /// One of its specs.
    #[error("task `{task}` at {length} tokens: {source}")]
    Spec {
        /// The task.
        task: String,
        /// The length.
        length: Tokens,
        /// What does not fit.
        source: GenerateError,
    },
}

impl RunGrid {
    /// One cell: `count` samples of `spec`, from sample `first` on.
    pub fn of(spec: TaskSpec, first: u32, count: u32) -> Self {
        Self {
            lengths: vec![spec.max_seq_length],
            seeds: vec![spec.random_seed],
            tasks: vec![TaskChoice::from(spec)],
            first,
            count,
        }
    }

    /// The specs in the order of their numbers: by task, then length, then seed.
    pub fn cells(&self) -> impl Iterator<Item = TaskSpec> + '_ {
        self.tasks.iter().flat_map(move |task| {
            self.lengths.iter().flat_map(move |length| {
                let seeds = self.seeds.iter();
                seeds.map(move |seed| task.spec(*length, *seed))
            })
        })
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.tasks.len() * self.lengths.len() * self.seeds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tasks by their ids; with profile and options as far as they tell the same task apart.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{run::{RunGrid, TaskChoice}, task::TaskSpec, tokens::Tokens};
    /// let mut grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 42), 0, 10);
    /// assert_eq!(grid.names(), ["vt"]);
    /// let mut other = TaskChoice::new("vt");
    /// other.set.insert("num_hops".to_owned(), "2".to_owned());
    /// grid.tasks.push(other);
    /// assert_eq!(grid.names(), ["vt (defaults)", "vt (num_hops=2)"]);
    /// ```
    pub fn names(&self) -> Vec<String> {
        let name = |task: &TaskChoice| {
            let same = || self.tasks.iter().filter(|other| other.task == task.task);
            if same().count() < 2 {
                return task.task.clone();
            }
            let profiles = same().any(|other| other.profile != task.profile);
            let profile = profiles.then(|| task.profile.name().to_owned());
            let set = task
                .set
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let with: Vec<String> = profile.into_iter().chain(set).collect();
            match with.is_empty() {
                true => format!("{} (defaults)", task.task),
                false => format!("{} ({})", task.task, with.join(", ")),
            }
        };
        self.tasks.iter().map(name).collect()
    }

    /// The spec of a cell.
    pub fn cell(&self, number: u32) -> Option<TaskSpec> {
        let (number, seeds, lengths) = (number as usize, self.seeds.len(), self.lengths.len());
        let seed = self.seeds.get(number.checked_rem(seeds)?)?;
        let length = self.lengths.get((number / seeds).checked_rem(lengths)?)?;
        let task = self.tasks.get(number / seeds / lengths)?;
        Some(task.spec(*length, *seed))
    }

    /// The cell of `spec`, where the grid has it.
    pub fn find(&self, spec: &TaskSpec) -> Option<u32> {
        let at = self.cells().position(|cell| cell == *spec)?;
        u32::try_from(at).ok()
    }

    /// Every sample there is, cell by cell.
    pub fn places(&self) -> impl Iterator<Item = SampleKey> + '_ {
        let cells = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let samples = self.first..self.first.saturating_add(self.count);
        (0..cells).flat_map(move |cell| {
            samples
                .clone()
                .map(move |sample| SampleKey { cell, sample })
        })
    }

    /// How many samples are asked in all.
    pub fn asked(&self) -> u32 {
        u32::try_from(self.len() as u64 * u64::from(self.count)).unwrap_or(u32::MAX)
    }

    /// Checks everything that can be known without a model.
    ///
    /// # Errors
    /// [`GridError`], naming what was got and expected.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{run::RunGrid, task::TaskSpec, tokens::Tokens};
    /// let grid = RunGrid::of(TaskSpec::new("vt", Tokens(4096), 42), 0, 10);
    /// grid.check()?;
    /// assert_eq!(grid.asked(), 10);
    /// # Ok::<(), fathom_shared::run::GridError>(())
    /// ```
    pub fn check(&self) -> Result<(), GridError> {
        for (what, empty) in [
            ("task", self.tasks.is_empty()),
            ("length", self.lengths.is_empty()),
            ("seed", self.seeds.is_empty()),
            ("sample", self.count == 0),
        ] {
            if empty {
                return Err(GridError::Nothing { what });
            }
        }
        // Before anything is looked at one by one.
        let cells = self.tasks.len().saturating_mul(self.lengths.len());
        let cells = cells.saturating_mul(self.seeds.len());
        for (what, got, most) in [
            ("tasks", self.tasks.len(), MOST_TASKS),
            ("cells", cells, MOST_CELLS),
        ] {
            if got > most {
                return Err(GridError::Parts { what, got, most });
            }
        }
        if let Some(task) = twice(&self.tasks) {
            let what = format!("task `{}` with the same options", task.task);
            return Err(GridError::Twice { what });
        }
        let number = |what: &str, got: Option<u32>| {
            got.map_or(Ok(()), |got| {
                let what = format!("{what} {got}");
                Err(GridError::Twice { what })
            })
        };
        number("length", twice(&self.lengths).map(|length| length.0))?;
        number("seed", twice(&self.seeds).copied())?;
        let count = self.count;
        let rows = cells as u64 * u64::from(count);
        if rows > u64::from(MOST_ROWS) {
            return Err(GridError::Many { cells, count, rows });
        }
        let first = self.first;
        if u64::from(first) + u64::from(count) - 1 > u64::from(LAST_SAMPLE) {
            return Err(GridError::Far { first, count });
        }
        // The seed is any number, so one cell of each task and length tells all.
        for task in &self.tasks {
            for length in &self.lengths {
                let checked = task.spec(*length, 0).validate();
                checked.map_err(|source| GridError::Spec {
                    task: task.task.clone(),
                    length: *length,
                    source,
                })?;
            }
        }
        Ok(())
    }
}

impl TaskChoice {
    /// The task with default options.
    pub fn new(task: &str) -> Self {
        Self::from(TaskSpec::new(task, Tokens(0), 0))
    }

    /// How its answers are scored; the default's for a task that there is not.
    pub fn metric(&self) -> Metric {
        self.spec(Tokens(0), 0).metric().unwrap_or_default()
    }

    /// The spec at one length and seed.
    pub fn spec(&self, length: Tokens, seed: u32) -> TaskSpec {
        let Self {
            task,
            profile,
            set,
            script,
        } = self.clone();
        TaskSpec {
            task,
            max_seq_length: length,
            random_seed: seed,
            profile,
            set,
            script,
        }
    }
}

impl From<TaskSpec> for TaskChoice {
    fn from(spec: TaskSpec) -> Self {
        let TaskSpec {
            task,
            profile,
            set,
            script,
            ..
        } = spec;
        Self {
            task,
            profile,
            set,
            script,
        }
    }
}

fn twice<T: PartialEq>(values: &[T]) -> Option<&T> {
    let mut at = 0..values.len();
    at.find_map(|at| values[..at].contains(&values[at]).then(|| &values[at]))
}

#[cfg(test)]
mod tests;
