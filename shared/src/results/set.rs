//! One model's scores from one place.

use serde::{Deserialize, Serialize};

use crate::formats::RowId;
use crate::longbench::{Difficulty, LengthClass};
use crate::run::SampleKey;
use crate::score::answer_parts::AnswerPart;
use crate::score::ruler;
use crate::task::Metric;
use crate::tokens::Tokens;

/// One model's scores from one place: a run, files, or what this page asked.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultSet {
    /// Whose they are and where they come from.
    pub about: ResultSetInfo,
    /// RULER's tasks first, in its order, others after by name; shorter lengths first.
    pub cells: Vec<ResultCell>,
}

/// Whose scores they are.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultSetInfo {
    /// What a reader calls it: `run 7`, a file's name.
    pub name: String,
    /// The model; empty where nothing says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// Where they come from.
    pub origin: ResultOrigin,
}

/// Where scores come from. Published figures are no result set: they have no samples.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ResultOrigin {
    /// A run of a server.
    Run {
        /// Its number there.
        id: i64,
        /// Who answered, as [`EngineKind`](crate::engine::EngineKind) writes it.
        engine: String,
        /// When it was ordered, in milliseconds since 1970 (UTC).
        created_ms: i64,
        /// Tokens that the model's own file claims, or that its endpoint reads; nothing where the
        /// model is not there any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Tokens>,
    },
    /// A file of this or another program.
    File {
        /// Its kind, for a reader: `RULER predictions` and the like.
        format: String,
    },
    /// What this page asked a model.
    Page,
    /// A run that a browser keeps.
    PageRun {
        /// Its number there.
        id: i64,
        /// Who answered, as [`EngineKind`](crate::engine::EngineKind) writes it.
        engine: String,
        /// When it was ordered, in milliseconds since 1970 (UTC).
        created_ms: i64,
        /// Tokens that the model's own file claims.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Tokens>,
    },
}

impl ResultOrigin {
    /// The page of the run behind it.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::results::ResultOrigin;
    /// let engine = "wgpu".to_owned();
    /// let run = ResultOrigin::PageRun { id: 2, engine, created_ms: 0, window: None };
    /// assert_eq!(run.href().as_deref(), Some("/runs/page-2"));
    /// assert_eq!(ResultOrigin::Page.href(), None);
    /// ```
    pub fn href(&self) -> Option<String> {
        match self {
            Self::Run { id, .. } => Some(format!("/runs/{id}")),
            Self::PageRun { id, .. } => Some(format!("/runs/page-{id}")),
            Self::File { .. } | Self::Page => None,
        }
    }

    /// How far its model is said to read, and by whom; `name` is what the set is called.
    pub fn window(&self, name: &str) -> Option<(Tokens, String)> {
        let (window, holder) = match self {
            Self::Run { window, .. } => (*window, "its server holds it"),
            Self::PageRun { window, .. } => (*window, "the browser loaded it"),
            Self::File { .. } | Self::Page => return None,
        };
        Some((window?, format!("the model of {name}, as {holder}")))
    }
}

/// One task at one length with one choice of its options.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResultCell {
    /// The task's id, in RULER's spelling where it is RULER's.
    pub task: String,
    /// Prompt and answer together; nothing where a file does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Tokens>,
    /// The options that make it another cell, as [`variant`](super::variant) writes them, e.g.
    /// `setting=cot`; empty for the defaults.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    /// How an answer was scored; decides whether a failure stays in the denominator.
    pub metric: Metric,
    /// Every sample that has its answer or failure.
    pub samples: Vec<SampleScore>,
}

/// What became of one sample.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleScore {
    /// Its name within the cell: the same question has the same name in every set, so that pairs
    /// are found by it.
    pub id: RowId,
    /// A fraction; nothing for a failure.
    pub score: Option<f64>,
    /// Whether text came that has nothing to judge: empty once cleaned, or without a letter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blank: bool,
    /// Its needles, hops and gold passages; empty where nothing tells where they stood.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<AnswerPart>,
    /// Samples with the same word here share a source and are not independent: an article, a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// What is known of a question of LongBench v2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionTags>,
    /// Where it stands in its run, `[cell, sample]`: a run of a server is found by it.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "place")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<(u32, u32)>"))]
    pub place: Option<SampleKey>,
}

/// The fields of a question by which LongBench v2 reports.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionTags {
    /// Its domain; nothing where a file does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Easy or hard; nothing where a file does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    /// Of its text; nothing where a file does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<LengthClass>,
}

impl ResultCell {
    /// A cell without samples.
    pub fn new(task: &str, length: Option<Tokens>, variant: &str, metric: Metric) -> Self {
        Self {
            task: task.to_owned(),
            length,
            variant: variant.to_owned(),
            metric,
            samples: Vec::new(),
        }
    }

    /// What a reader calls it: `vt at 4096`, `longbench_v2 (setting=cot) at 32768`.
    pub fn name(&self) -> String {
        let mut name = self.task.clone();
        if !self.variant.is_empty() {
            name.push_str(&format!(" ({})", self.variant));
        }
        if let Some(length) = self.length {
            name.push_str(&format!(" at {length}"));
        }
        name
    }

    /// Whether it is one of RULER's thirteen tasks with RULER's own options.
    pub fn is_ruler(&self) -> bool {
        self.variant.is_empty() && ruler::metric(&self.task).is_some()
    }

    /// Whether both ask the same of a model.
    pub fn is_like(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// What it is sorted by: RULER's order of tasks, then length, then variant.
    fn key(&self) -> (usize, &str, Option<Tokens>, &str) {
        let (place, task) = ruler::order(&self.task);
        (place, task, self.length, &self.variant)
    }
}

impl ResultSet {
    /// A set of cells, in order.
    pub fn new(about: ResultSetInfo, mut cells: Vec<ResultCell>) -> Self {
        cells.sort_by(|a, b| a.key().cmp(&b.key()));
        Self { about, cells }
    }

    /// How many samples there are in all.
    pub fn samples(&self) -> usize {
        self.cells.iter().map(|cell| cell.samples.len()).sum()
    }
}

/// A place as two numbers: of a hundred thousand every byte counts.
mod place {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::run::SampleKey;

    pub(super) fn serialize<S: Serializer>(
        place: &Option<SampleKey>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        place.map(|at| (at.cell, at.sample)).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SampleKey>, D::Error> {
        let numbers = Option::<(u32, u32)>::deserialize(from)?;
        Ok(numbers.map(|(cell, sample)| SampleKey { cell, sample }))
    }
}
