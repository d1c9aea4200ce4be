//! The grid of a run: every task at every length with every seed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::task::{GenerateError, Metric, Profile, TaskSpec, find};
use crate::tokens::Tokens;

/// The most samples in a run: three times RULER's 13 tasks at 6 lengths with 500 samples.
pub const MOST_ROWS: u32 = 120_000;
/// The most tasks in a run: RULER's 13 with several dozen sets of options each.
pub(super) const MOST_TASKS: usize = 500;
/// The most cells in a run: each is checked, summarised and drawn separately.
pub(super) const MOST_CELLS: usize = 10_000;
/// The highest number of a sample in a cell. Sample `k` needs all samples before it, so a high
/// number costs as much as all of them.
pub const LAST_SAMPLE: u32 = 100_000;

/// Tasks × lengths × seeds, and which samples of each cell.
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
    /// How many samples per cell.
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
    /// The grid is empty.
    #[error("the run has no {what}, expected at least one")]
    Nothing {
        /// What is missing.
        what: &'static str,
    },
    /// The same cell appears twice.
    #[error("{what} is given twice")]
    Twice {
        /// The task, length or seed.
        what: String,
    },
    /// The run has too many rows.
    #[error(
        "the run has {cells} cells of {count} samples, {rows} in all; a run has at most {MOST_ROWS}"
    )]
    Many {
        /// Number of cells.
        cells: usize,
        /// Samples per cell.
        count: u32,
        /// Rows in all.
        rows: u64,
    },
    /// The run has too many tasks or cells.
    #[error("the run has {got} {what}; a run has at most {most}")]
    Parts {
        /// Tasks, or cells.
        what: &'static str,
        /// The actual number.
        got: usize,
        /// The limit.
        most: usize,
    },
    /// The sample numbers are too high.
    #[error("first is {first} and count is {count}; sample numbers end at {LAST_SAMPLE}")]
    Far {
        /// The first requested sample.
        first: u32,
        /// The number of samples.
        count: u32,
    },
    /// One of the specs is invalid.
    #[error("task `{task}` at {length} tokens: {source}")]
    Spec {
        /// The task.
        task: String,
        /// The length.
        length: Tokens,
        /// The error.
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

    /// The specs in the order of their cell numbers: by task, then length, then seed.
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

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of the tasks: their ids, with profile and options only where needed to distinguish
    /// several of the same task.
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

    /// The number of the cell of `spec`, if the grid contains it.
    pub fn find(&self, spec: &TaskSpec) -> Option<u32> {
        let at = self.cells().position(|cell| cell == *spec)?;
        u32::try_from(at).ok()
    }

    /// All samples, cell by cell.
    pub fn places(&self) -> impl Iterator<Item = SampleKey> + '_ {
        let cells = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let samples = self.first..self.first.saturating_add(self.count);
        (0..cells).flat_map(move |cell| {
            samples
                .clone()
                .map(move |sample| SampleKey { cell, sample })
        })
    }

    /// The total number of samples.
    pub fn asked(&self) -> u32 {
        u32::try_from(self.len() as u64 * u64::from(self.count)).unwrap_or(u32::MAX)
    }

    /// Checks everything that can be checked without a model.
    ///
    /// # Errors
    /// [`GridError`], naming the actual and the expected value.
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
        self.check_specs(TaskSpec::validate)
    }

    /// Like [`check`](Self::check), but does not run scripts: for forms, see
    /// [`TaskSpec::validate_unrun`].
    ///
    /// # Errors
    /// As for [`check`](Self::check), except for errors in scripts.
    pub fn check_unrun(&self) -> Result<(), GridError> {
        self.check_specs(TaskSpec::validate_unrun)
    }

    fn check_specs(
        &self,
        check: fn(&TaskSpec) -> Result<(), GenerateError>,
    ) -> Result<(), GridError> {
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
        // Checked before looking at the cells one by one.
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
        // Any seed is valid, so one cell per task and length is enough.
        for task in &self.tasks {
            for length in &self.lengths {
                let checked = check(&task.spec(*length, 0));
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

    /// How its answers are scored; the default metric for an unknown task.
    pub fn metric(&self) -> Metric {
        self.spec(Tokens(0), 0).metric().unwrap_or_default()
    }

    /// Like [`metric`](Self::metric), but taken from the list of tasks without running a script. A
    /// script may choose between two metrics of texts, which both treat failures alike.
    pub fn listed_metric(&self) -> Metric {
        find(&self.task).map_or(Metric::default(), |task| task.metric())
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
